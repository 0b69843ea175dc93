// Runs the installed programs as a person would, and catches what they say.
#pragma once

#include "tests/places/places.h"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice::system {

namespace fs = std::filesystem;

/// "" when it is not there. A file of /proc may go between the opening and the reading: operator<< then gives up, where
/// an istreambuf_iterator would throw.
inline std::string readText(const fs::path& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

inline void writeText(const fs::path& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

/// How a program ended, and what it said.
struct Outcome {
    int status = 0; ///< as a shell gives it: 128 + signal when killed
    std::string out;
    std::string err;
};

/// A started program; its output goes to files, so that nothing blocks on a pipe.
class Program {
public:
    /// `inChild` runs in the child before exec. Empty values in `environment` unset the variable.
    Program(const fs::path& program, const std::vector<std::string>& arguments, const fs::path& scratch,
        const std::map<std::string, std::string>& environment = {}, const std::function<void()>& inChild = {},
        const std::string& input = {})
        : m_out(scratch / "stdout")
        , m_err(scratch / "stderr")
    {
        writeText(scratch / "stdin", input);
        // Of another program in the same folder; outSoFar() must not take it for this one's.
        for (const fs::path& stale : {m_out, m_err}) {
            std::error_code ignored;
            fs::remove(stale, ignored);
        }
        std::vector<char*> argv{const_cast<char*>(program.c_str())};
        for (const std::string& argument : arguments) {
            argv.push_back(const_cast<char*>(argument.c_str()));
        }
        argv.push_back(nullptr);
        m_pid = fork();
        if (m_pid < 0) {
            throw std::runtime_error("fork failed");
        }
        if (m_pid == 0) {
            dup2(::open((scratch / "stdin").c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
            dup2(::open(m_out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), STDOUT_FILENO);
            dup2(::open(m_err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), STDERR_FILENO);
            // No display, unless the test says so.
            for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
                unsetenv(name);
            }
            for (const auto& [name, value] : environment) {
                value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
            }
            if (inChild) {
                inChild();
            }
            execv(program.c_str(), argv.data());
            _exit(125);
        }
    }

    pid_t pid() const { return m_pid; }

    Outcome wait()
    {
        int status = 0;
        waitpid(m_pid, &status, 0);
        return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), readText(m_out), readText(m_err)};
    }

    /// What it has said on standard output so far.
    std::string outSoFar() const { return readText(m_out); }

    /// Not yet waited for, but over.
    bool hasEnded() const
    {
        siginfo_t info{};
        return waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == m_pid;
    }

    /// Waits until standard output begins with `text`; false: it ended before, or a minute went by.
    bool says(const std::string& text) const
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        for (;;) {
            const bool last = hasEnded() || std::chrono::steady_clock::now() > deadline;
            if (outSoFar().rfind(text, 0) == 0) {
                return true;
            }
            if (last) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

private:
    pid_t m_pid = -1;
    fs::path m_out;
    fs::path m_err;
};

/// A test with a folder of its own.
class SystemTest : public testing::Test {
protected:
    SystemTest()
    {
        std::string pattern = (fs::temp_directory_path() / "timeslice-system-XXXXXX").string();
        m_folder = mkdtemp(pattern.data());
    }
    ~SystemTest() override
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    void SetUp() override
    {
        if (!fs::exists(program())) {
            GTEST_SKIP() << "built without the window (TIMESLICE_UI=OFF): there is no timeslice program";
        }
    }

    static fs::path program() { return test::programFolder() / "timeslice"; }
    fs::path folder() const { return m_folder; }
    std::string path(const std::string& name) const { return (m_folder / name).string(); }

    Outcome timeslice(const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment = {}, const std::function<void()>& inChild = {}) const
    {
        return Program(program(), arguments, m_folder, environment, inChild).wait();
    }

    /// Writes a scenario of one variant and returns its path.
    std::string scenarioFile(const std::string& workload, const std::string& limits = R"({"time": "20s"})") const
    {
        writeText(m_folder / "a-test.json",
            R"({"id": "a-test", "chapter": "scheduling", "order": 1, "title": "A test", "question": "Well?",
                "claims": ["same-time"], "engine": "native",
                "predictions": [{"id": "yes", "text": "yes", "from": 0, "to": 100},
                                {"id": "no", "text": "no", "from": 100, "to": 1000}],
                "knobs": [],
                "variants": [{"id": "only", "title": "Only", "note": "", "code": [], "workload": )"
                + workload + R"(}],
                "limits": )"
                + limits + R"(,
                "verdict": {"claim": "same-time", "text": "It runs.", "metric": {"variant": "only", "value": "/parallelism"},
                            "band": [0, 1000], "format": "{:.2f}", "caption": "cores", "holds": "It does.",
                            "fails": "It does not."},
                "why": ["Because."]})");
        return path("a-test.json");
    }

private:
    fs::path m_folder;
};

} // namespace timeslice::system
