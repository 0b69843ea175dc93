#include "core/python/interpreter_cache.h"

#include "core/base/atomic_file.h"
#include "core/base/json_in.h"
#include "core/base/json_out.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <utility>

namespace timeslice {

namespace {

/// Raised whenever the question or the meaning of an answer changes.
constexpr const char* kSchema = "timeslice.interpreters/1";

/// A few hundred bytes for each interpreter; what is longer is cut, so it is no JSON, and begun anew.
constexpr std::size_t kLongestFile = std::size_t{1} << 20;

/// -1: it is no such number.
int integerAt(const nlohmann::json& entry, const char* key)
{
    const nlohmann::json& value = entry.at(key);
    // Read from a file it is unsigned, put in by us signed.
    const bool fits = value.is_number_integer()
        && (value.is_number_unsigned() ? std::in_range<int>(value.get<std::uint64_t>())
                                       : std::in_range<int>(value.get<std::int64_t>()));
    return fits ? value.get<int>() : -1;
}

std::filesystem::path cacheFile()
{
    std::filesystem::path folder;
    // The XDG base directory specification: a relative path is to be ignored.
    if (const char* set = std::getenv("XDG_CACHE_HOME"); set != nullptr && *set == '/') {
        folder = set;
    } else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        folder = std::filesystem::path(home) / ".cache";
    }
    return folder.empty() ? folder : folder / "timeslice" / "interpreters.json";
}

nlohmann::json toEntry(const FileKey& key, const Answer& answer)
{
    nlohmann::json entry{{"size", key.size}, {"changed", key.changed}, {"surroundings", key.surroundings}};
    if (answer.kind == Answer::Kind::Python) {
        const Interpreter& interpreter = answer.interpreter;
        entry["implementation"] = interpreter.implementation;
        entry["kind"] = static_cast<int>(interpreter.kind);
        entry["version"] = interpreter.version;
        entry["release"] = interpreter.release;
        entry["major"] = interpreter.major;
        entry["minor"] = interpreter.minor;
        entry["executable"] = answer.executable.string();
    } else {
        entry["why"] = answer.why;
    }
    return entry;
}

Answer fromEntry(const nlohmann::json& entry)
{
    Answer answer;
    if (entry.contains("why")) {
        answer.why = entry.at("why").get<std::string>();
        return answer;
    }
    answer.kind = Answer::Kind::Python;
    Interpreter& interpreter = answer.interpreter;
    interpreter.implementation = entry.at("implementation").get<std::string>();
    const int kind = integerAt(entry, "kind");
    interpreter.kind = kind >= 0 && kind < static_cast<int>(InterpreterKind::Other) ? static_cast<InterpreterKind>(kind)
                                                                                    : InterpreterKind::Other;
    interpreter.version = entry.at("version").get<std::string>();
    interpreter.release = entry.at("release").get<std::string>();
    interpreter.major = integerAt(entry, "major");
    interpreter.minor = integerAt(entry, "minor");
    answer.executable = entry.at("executable").get<std::string>();
    return answer;
}

} // namespace

std::optional<FileKey> FileKey::of(const std::filesystem::path& program)
{
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(program, error);
    struct stat status { };
    if (error || ::stat(real.c_str(), &status) != 0) {
        return std::nullopt;
    }
    FileKey key;
    key.path = real.string();
    key.size = static_cast<std::uint64_t>(status.st_size);
    key.changed = std::int64_t{status.st_mtim.tv_sec} * kSecond + status.st_mtim.tv_nsec;
    return key;
}

InterpreterCache InterpreterCache::load()
{
    return InterpreterCache(cacheFile());
}

InterpreterCache::InterpreterCache(std::filesystem::path file)
    : m_file(std::move(file))
{
    std::ifstream stream(m_file, std::ios::binary);
    std::string text(kLongestFile, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    const nlohmann::json document = parseJson(text).value_or(nlohmann::json());
    if (!document.is_object() || document.value("schema", nlohmann::json()) != kSchema) {
        return;
    }
    if (const auto entries = document.find("entries"); entries != document.end() && entries->is_object()) {
        m_entries = *entries;
    }
}

std::optional<Answer> InterpreterCache::find(const FileKey& key) const
{
    try {
        const auto entry = m_entries.find(key.path);
        if (entry == m_entries.end() || entry->at("size") != key.size || entry->at("changed") != key.changed
            || entry->at("surroundings") != key.surroundings) {
            return std::nullopt;
        }
        return fromEntry(*entry);
    } catch (const nlohmann::json::exception&) { // edited by hand
        return std::nullopt;
    }
}

void InterpreterCache::put(const FileKey& key, const Answer& answer)
{
    if (answer.kind != Answer::Kind::Late) {
        m_entries[key.path] = toEntry(key, answer);
        m_changed = true;
    }
}

void InterpreterCache::save()
{
    if (!m_changed || m_file.empty()) {
        return;
    }
    m_changed = false;
    std::error_code error;
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        entry = std::filesystem::exists(entry.key(), error) ? std::next(entry) : m_entries.erase(entry);
    }
    std::filesystem::create_directories(m_file.parent_path(), error);
    if (error) {
        return;
    }
    Result<AtomicFile> file = AtomicFile::create(m_file);
    if (!file) {
        return;
    }
    const nlohmann::json document{{"schema", kSchema}, {"entries", m_entries}};
    if (file->write(jsonText(document, JsonLayout::Indented))) {
        (void)file->commit();
    }
}

} // namespace timeslice
