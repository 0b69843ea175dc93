// The file of --save while the run goes on: so that an end of timeslice by force costs the last second at most.
#pragma once

#include "core/base/result.h"
#include "core/model/run_model.h"
#include "core/recording/live_recording.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// Belongs to the thread that follows the run. Does nothing where no recording is to be saved, or where the path cannot
/// grow (a device).
class LiveSave {
public:
    /// `path`: of --save, "" = not asked for. A failure is told on standard error; the run goes on without.
    LiveSave(const std::string& path, const RunModel& model);

    /// What has come, before `model` takes it.
    void take(const std::vector<RunUpdate>& updates, const RunModel& model);
    /// Writes what is due. `model` has taken everything that take() was given.
    void writeIfDue(const RunModel& model);
    /// For poll(2): how long until something is due; -1 = nothing is.
    int millisUntilDue() const;

    /// Whether the recording as a whole was saved in the end. If not, what is here stays, and where is said.
    void saved(bool success);

private:
    void told(const Result<void>& result);

    std::optional<LiveRecording> m_file;
    bool m_variantEnded = false;
};

} // namespace timeslice
