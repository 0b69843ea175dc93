// A folder of its own for each test, with a cache and an environment of its own.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>

namespace timeslice {

namespace fs = std::filesystem;

/// "" when it is not there. A file of /proc may go between the opening and the reading: operator<< then gives up, where
/// an istreambuf_iterator would throw.
inline std::string textOf(const fs::path& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

class PythonTest : public testing::Test {
protected:
    PythonTest()
    {
        std::string pattern = (fs::temp_directory_path() / "timeslice-python-XXXXXX").string();
        m_folder = fs::canonical(mkdtemp(pattern.data()));
        setVariable("XDG_CACHE_HOME", (m_folder / "cache").string());
    }
    ~PythonTest() override
    {
        for (const auto& [name, value] : m_before) {
            value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
        }
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }

    void setVariable(const std::string& name, const std::string& value)
    {
        const char* before = std::getenv(name.c_str());
        m_before.try_emplace(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
        setenv(name.c_str(), value.c_str(), 1);
    }

    fs::path folder() const { return m_folder; }
    fs::path cacheFile() const { return m_folder / "cache" / "timeslice" / "interpreters.json"; }

    fs::path write(const std::string& name, const std::string& text, bool executable = false) const
    {
        const fs::path path = m_folder / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        if (executable) {
            fs::permissions(path, fs::perms::owner_all);
        }
        return path;
    }

    /// A script that answers as a Python of that kind does, and notes in `<name>.log` each time that it is asked.
    fs::path fake(const std::string& name, const std::string& answer) const
    {
        return write(
            name, "#!/bin/sh\necho asked >> '" + logOf(name).string() + "'\necho '" + answer + "'\necho\n", true);
    }
    fs::path logOf(const std::string& name) const
    {
        fs::path log = m_folder / name;
        return log += ".log";
    }
    /// How often the fake was run.
    std::ptrdiff_t timesAsked(const std::string& name) const
    {
        const std::string log = textOf(logOf(name));
        return std::count(log.begin(), log.end(), '\n');
    }

private:
    fs::path m_folder;
    std::map<std::string, std::optional<std::string>> m_before;
};

/// An answer as the interpreters give it.
inline constexpr const char* kJythonAnswer = "timeslice-python|jython|2.7.3|||";

} // namespace timeslice
