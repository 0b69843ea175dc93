// LiveRecording: a recording file that grows while the run goes on, so that the end of this program is not the end of
// what it has recorded.
//
// Where no file has the path yet, it is the path's; else it stands beside (PATH.partial), so that the older file stays
// whole until the new one is. loadRecording() reads it as it reads a file that is cut off. When the run is over, the
// recording is saved as always, compact and in the path's place, and this file goes.
//
//   LiveRecording live = ...create(path, recording, variants);
//   live.begin(...); live.append(...); every now and then: live.flush(); ... live.end(...);
//   saveRecording(recording, path); // and live is destroyed, or kept if that failed
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/recording/recording.h"
#include "core/trace/batch.h"
#include "core/trace/timeline_builder.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// Not thread-safe.
class LiveRecording {
public:
    /// `recording` gives the scenario, and the names of its variants. Nothing for a path that cannot grow (a device, a
    /// pipe). Errors: the system's, with the path.
    static Result<std::optional<LiveRecording>> create(const std::filesystem::path& path, const Recording& recording);
    LiveRecording(LiveRecording&&) noexcept;
    LiveRecording& operator=(LiveRecording&&) noexcept;
    /// Removes the file, unless it is to be kept or another has taken its place.
    ~LiveRecording();

    const std::filesystem::path& path() const noexcept;

    /// Variant `index` of the recording begins; what comes next is about it.
    void begin(std::size_t index, const VariantRecording& variant, const BuilderOptions& options);
    void append(const Batch& batch);
    void end(Nanos end, const std::string& failure);
    /// timeslice.report/1, of what has ended so far.
    void setReport(std::string json);

    /// When what was appended is to be written at the latest; nothing if there is nothing to write.
    std::optional<Nanos> due() const noexcept;
    /// Writes what was appended. After a failure nothing more is written or kept in memory; it is returned once.
    /// Errors: the system's, with the path.
    Result<void> flush();
    /// The file stays.
    void keep() noexcept;

private:
    struct Impl;
    explicit LiveRecording(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
