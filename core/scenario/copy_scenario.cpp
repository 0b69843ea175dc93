#include "core/scenario/copy_scenario.h"

#include "core/base/json_out.h"
#include "core/scenario/json_text.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <unistd.h>

namespace timeslice {

namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 1000; ///< that are tried

Result<std::string> readText(const fs::path& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file.is_open() || text.fail()) {
        return failErrno("cannot read " + path.string(), errno, ErrorKind::Usage);
    }
    return std::move(text).str();
}

/// The files of a copy as they are written; those that were are taken back unless it came to its end.
class NewFiles {
public:
    NewFiles() = default;
    NewFiles(const NewFiles&) = delete;
    NewFiles& operator=(const NewFiles&) = delete;
    ~NewFiles()
    {
        for (const fs::path& path : m_written) {
            ::unlink(path.c_str());
        }
    }

    /// Never into a file that is there (EEXIST).
    Result<void> write(const fs::path& path, const std::string& text)
    {
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (file < 0) {
            return failErrno("cannot write " + path.string(), errno);
        }
        m_written.push_back(path);
        std::size_t at = 0;
        int error = 0;
        while (at < text.size() && error == 0) {
            const ssize_t written = ::write(file, text.data() + at, text.size() - at);
            at += written > 0 ? static_cast<std::size_t>(written) : 0;
            error = written < 0 && errno != EINTR ? errno : 0;
        }
        if (::close(file) != 0 && error == 0) {
            error = errno;
        }
        return error == 0 ? Result<void>() : failErrno("cannot write " + path.string(), error);
    }
    void keep() { m_written.clear(); }

private:
    std::vector<fs::path> m_written;
};

/// "BEGIN", "BEGIN2", "BEGIN3": the first that is free.
template <class IsFree> std::string freeName(const std::string& begin, const std::string& counted, IsFree&& isFree)
{
    std::string name = begin;
    for (int i = 2; !isFree(name) && i < kMostNames; ++i) {
        name = begin + counted + std::to_string(i);
    }
    return name;
}

bool isThere(const fs::path& path)
{
    std::error_code error;
    return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

/// Another text in the place of the one at `path` in a document.
struct Edit {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string text;
};

/// The text at `path`, with its quotes, becomes `value`.
Edit replaceText(const std::string& document, const std::string& path, const std::string& value)
{
    const std::size_t begin = scenario::findInJsonText(document, path);
    std::size_t end = begin + 1;
    while (end < document.size() && document[end] != '"') {
        end += document[end] == '\\' ? 2 : 1;
    }
    return {begin, end + 1 - begin, jsonText(nlohmann::json(value))};
}

std::string edited(std::string document, std::vector<Edit> edits)
{
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.offset > b.offset; });
    for (const Edit& edit : edits) {
        document.replace(edit.offset, edit.length, edit.text);
    }
    return document;
}

/// The modules beside a script that it imports, and what they import: "import a, b", "from a import b".
void addModules(const fs::path& script, std::set<fs::path>& files)
{
    static const std::regex kImport(R"(^\s*(?:import|from)\s+([A-Za-z_][\w, ]*))", std::regex::multiline);
    const Result<std::string> text = readText(script);
    if (!text || !files.insert(script).second) {
        return;
    }
    for (std::sregex_iterator it(text->begin(), text->end(), kImport), end; it != end; ++it) {
        static const std::regex kName(R"([A-Za-z_]\w*)");
        const std::string names = (*it)[1];
        for (std::sregex_iterator name(names.begin(), names.end(), kName); name != end; ++name) {
            const fs::path module = script.parent_path() / (name->str() + ".py");
            std::error_code error;
            if (fs::is_regular_file(module, error)) {
                addModules(module, files);
            }
        }
    }
}

/// The name under which each of the files stands in the folder. A module keeps its own, as scripts import it by that;
/// where a file of the same text is there already it is used.
Result<std::map<fs::path, fs::path>> namesIn(
    const fs::path& folder, const std::set<fs::path>& files, const std::set<fs::path>& scripts)
{
    std::map<fs::path, fs::path> names;
    for (const fs::path& file : files) {
        const std::string text = readText(file).value_or("");
        const auto free = [&](const std::string& stem) {
            const fs::path path = folder / (stem + ".py");
            return !isThere(path) || readText(path).value_or("") == text;
        };
        const std::string stem = file.stem().string();
        const bool renamed = scripts.contains(file) && !free(stem);
        const fs::path path = folder / ((renamed ? freeName(stem + "_copy", "_", free) : stem) + ".py");
        if (!free(path.stem().string())) {
            return fail(path.string() + " is there already, and not what this lesson's scripts import by that name");
        }
        names[file] = path;
    }
    return names;
}

} // namespace

Result<ScenarioCopy> copyScenario(
    const Scenario& original, const fs::path& folder, const Catalogue& taken, const fs::path& schema)
{
    const Result<std::string> text = readText(original.sourcePath);
    if (!text) {
        return tl::unexpected(text.error());
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return fail("cannot make the folder " + folder.string() + ": " + error.message());
    }
    ScenarioCopy copy;
    copy.id = freeName(original.id + "-copy", "-", [&](const std::string& id) {
        return !isThere(folder / (id + ".json"))
            && std::none_of(taken.scenarios.begin(), taken.scenarios.end(),
                [&](const Scenario& scenario) { return scenario.id == id; });
    });
    copy.file = folder / (copy.id + ".json");

    std::set<fs::path> scripts;
    std::set<fs::path> files;
    for (const VariantSpec& variant : original.variants) {
        if (isPython(variant.engine)) {
            scripts.insert(variant.python.script);
            addModules(variant.python.script, files);
        }
    }
    const auto names = namesIn(folder, files, scripts);
    if (!names) {
        return tl::unexpected(names.error());
    }

    std::vector<Edit> edits{
        replaceText(*text, "id", copy.id), replaceText(*text, "title", original.title + " (my copy)")};
    for (std::size_t i = 0; i < original.variants.size(); ++i) {
        const fs::path& script = original.variants[i].python.script;
        if (const auto name = names->find(script);
            name != names->end() && name->second.filename() != script.filename()) {
            edits.push_back(replaceText(
                *text, "variants/" + std::to_string(i) + "/python/script", name->second.filename().string()));
        }
    }
    if (!schema.empty()) {
        const std::string place = "file://" + schema.string();
        if (original.document.contains(kSchemaKey)) {
            edits.push_back(replaceText(*text, kSchemaKey, place));
        } else {
            const std::size_t brace = scenario::findInJsonText(*text, "");
            edits.push_back({brace + 1, 0,
                "\n  " + jsonText(nlohmann::json(kSchemaKey)) + ": " + jsonText(nlohmann::json(place)) + ","});
        }
    }

    NewFiles written;
    for (const auto& [from, to] : *names) {
        copy.scripts.push_back(to);
        if (isThere(to)) {
            continue;
        }
        const Result<std::string> script = readText(from);
        if (!script) {
            return tl::unexpected(script.error());
        }
        if (Result<void> done = written.write(to, *script); !done) {
            return tl::unexpected(done.error());
        }
    }
    // The scenario last: who watches the folder finds it whole.
    if (Result<void> done = written.write(copy.file, edited(*text, std::move(edits))); !done) {
        return tl::unexpected(done.error());
    }
    written.keep();
    return copy;
}

} // namespace timeslice
