// InterpreterCache: what interpreters have answered, on disk, so that each is asked once.
#pragma once

#include "core/python/question.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace timeslice {

/// A file as it was when it was asked. A program that was replaced has another size or another time of change.
struct FileKey {
    std::string path; ///< without links
    std::uint64_t size = 0;
    std::int64_t changed = 0; ///< ns since 1970
    std::string surroundings; ///< what else the answer depends on; see pyenvSurroundings()

    /// Nullopt: it is not there.
    static std::optional<FileKey> of(const std::filesystem::path& program);
};

/// Nothing that happens to the file is an error: damaged, of another version, or impossible to write, the interpreters
/// are merely asked again. Not thread-safe; several processes may have one each, the last to save wins.
class InterpreterCache {
public:
    /// $XDG_CACHE_HOME/timeslice/interpreters.json, or below ~/.cache; without a home it is empty and stays so.
    static InterpreterCache load();
    explicit InterpreterCache(std::filesystem::path file);

    std::optional<Answer> find(const FileKey& key) const;
    /// Late answers are not kept: the machine may have been busy.
    void put(const FileKey& key, const Answer& answer);
    /// Writes the file if anything was put, whole or not at all.
    void save();

private:
    std::filesystem::path m_file;
    nlohmann::json m_entries = nlohmann::json::object();
    bool m_changed = false;
};

} // namespace timeslice
