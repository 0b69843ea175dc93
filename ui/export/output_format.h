// The files that a run can become. One list: the options of the command line, the window's dialogs and the tests read
// it.
#pragma once

#include "core/base/result.h"
#include "core/model/run_model.h"
#include "ui/export/figure.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <iosfwd>

namespace timeslice {

enum class OutputFormat : unsigned char { Recording, Png, Svg, Csv, Trace, Report };

struct OutputFormatInfo {
    OutputFormat format;
    const char* option; ///< of the command line
    const char* suffix; ///< of the name that is suggested, without its dot
    const char* fileType; ///< what stands for the file in help
    const char* help;
    const char* title; ///< of the window's dialog; for tr() in the context "RunFiles"
    const char* filter;
    bool picture; ///< FigureOptions matter
    bool text; ///< may go to a stream
};

inline constexpr std::size_t kOutputFormats = 6;
/// In the order of OutputFormat, which is the order in which they are written: a recording first, as all others can be
/// made of it; what may go to standard output last, as whoever reads that may go away early.
const std::array<OutputFormatInfo, kOutputFormats>& outputFormats();
const OutputFormatInfo& infoOf(OutputFormat format);

/// Writes one file; an existing one is replaced whole or not at all. The model must be finished; any thread.
/// Errors: the system's, with the path.
Result<void> writeOutput(
    const RunModel& model, OutputFormat format, const FigureOptions& figure, const std::filesystem::path& path);
/// Of a format that is text. Errors: the stream failed.
Result<void> writeOutput(const RunModel& model, OutputFormat format, std::ostream& out);

} // namespace timeslice
