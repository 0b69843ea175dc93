// The outputs that run, record and export have in common: which files to write of a run, and how.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/model/run_model.h"
#include "ui/export/output_format.h"

#include <array>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace timeslice {

class LiveSave;

/// As given on the command line; empty = not wanted.
struct OutputOptions {
    std::array<std::string, kOutputFormats> paths; ///< by OutputFormat
    std::string size;
    std::optional<double> scale;
    std::string from, to;
    std::string theme = "light";

    const std::string& path(OutputFormat format) const { return paths[static_cast<std::size_t>(format)]; }
    bool any() const;
    /// Whether standard output belongs to one of the files.
    bool toStandardOutput() const;
};

void addOutputOptions(CLI::App& app, OutputOptions& options);

/// Whether everything asked for makes sense and can be written; said before the run, so that no run is lost.
/// Creates nothing that stays. Errors (Usage).
Result<void> checkOutputs(const OutputOptions& options);

/// Where outputs were asked for: from now on nothing that this thread prints ends the program when nobody reads it any
/// more (`timeslice run ... | head`). For after what the run starts was started, which would inherit it.
void outlastReader(const OutputOptions& options);

/// Writes all of them; each failure is reported on standard error and the others are still written. Returns the exit
/// status: kDone, or that of the first failure. `quiet`: does not say what was written. `live` is the file of --save as
/// it has grown during the run, if it was run just now.
int writeOutputs(const OutputOptions& options, const RunModel& model, bool quiet, LiveSave* live = nullptr);

} // namespace timeslice
