// Recording: a finished (or loaded) run of all variants of a scenario; what exporters read.
#pragma once

#include "core/base/result.h"
#include "core/trace/timeline.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace timeslice {

struct VariantRecording {
    std::string id; ///< as in the scenario file, e.g. "threads"
    std::string title; ///< e.g. "Two threads"
    std::string note; ///< e.g. "one process, one GIL"
    std::string failure; ///< empty, or how the workload ended if not well ("killed by signal 9")
    Timeline timeline;
};

struct Recording {
    std::string scenarioJson; ///< the scenario with its knobs as set (scenario/scenario.h reads it); "" for `record`
    std::string reportJson; ///< timeslice.report/1
    std::string created; ///< local time, ISO 8601 with offset
    /// Shared: one that does not grow any more may be read by other threads for longer than this lives.
    std::vector<std::shared_ptr<VariantRecording>> variants;
};

/// What load() could not read, said to the person beside what it could.
struct LoadedRecording {
    Recording recording;
    std::string warning; ///< empty, or e.g. "the file is cut off after 2 of 3 variants; what is whole is shown"
};

/// Writes beside the target and renames, so that an existing file is replaced whole or not at all.
/// Errors: the system's (no space, no permission), with the path. Names that are no UTF-8 are mended on the way.
Result<void> saveRecording(const Recording& recording, const std::filesystem::path& path);
/// Errors (Usage): not a recording, made by a newer version, damaged (what, and at which byte). A file that is merely
/// cut off loads what is whole: whole variants, and of the last one the rows that are whole; the rows that are not have
/// empty tracks. Memory stays in proportion to the size of the file, whatever the file says.
Result<LoadedRecording> loadRecording(const std::filesystem::path& path);
/// The same for a file that is in memory; `name` is what messages call it.
Result<LoadedRecording> loadRecordingFromBytes(std::span<const std::byte> bytes, const std::string& name);

} // namespace timeslice
