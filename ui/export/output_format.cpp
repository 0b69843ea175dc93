#include "ui/export/output_format.h"

#include "core/base/atomic_file.h"
#include "core/base/json_out.h"
#include "core/model/series_points.h"
#include "core/recording/export_chrome_trace.h"
#include "core/recording/export_csv.h"
#include "core/recording/recording.h"

#include <QtGlobal>
#include <cassert>
#include <ostream>

namespace timeslice {

namespace {

void writeReport(const RunModel& model, std::ostream& out)
{
    out << jsonText(toJson(model.report()), JsonLayout::Indented) << '\n';
}

} // namespace

const std::array<OutputFormatInfo, kOutputFormats>& outputFormats()
{
    static constexpr std::array<OutputFormatInfo, kOutputFormats> kFormats{{
        {OutputFormat::Recording, "--save", "timeslice", "FILE.timeslice", "The recording, to be opened again",
            QT_TRANSLATE_NOOP("RunFiles", "Save recording"), "Timeslice recording (*.timeslice)", false, false},
        {OutputFormat::Png, "--png", "png", "FILE", "A picture for a slide",
            QT_TRANSLATE_NOOP("RunFiles", "Export PNG"), "PNG (*.png)", true, false},
        {OutputFormat::Svg, "--svg", "svg", "FILE", "The same as vectors", QT_TRANSLATE_NOOP("RunFiles", "Export SVG"),
            "SVG (*.svg)", true, false},
        {OutputFormat::Csv, "--csv", "csv", "FILE", "Every slice as a table; - is standard output",
            QT_TRANSLATE_NOOP("RunFiles", "Export CSV"), "CSV (*.csv)", false, true},
        {OutputFormat::Trace, "--trace", "trace.json", "FILE.json",
            "Chrome trace JSON, for Perfetto; - is standard output",
            QT_TRANSLATE_NOOP("RunFiles", "Export Perfetto trace"), "Trace (*.json)", false, true},
        {OutputFormat::Report, "--report", "report.json", "FILE.json", "All numbers as JSON; - is standard output",
            QT_TRANSLATE_NOOP("RunFiles", "Export report"), "Report (*.json)", false, true},
    }};
    return kFormats;
}

const OutputFormatInfo& infoOf(OutputFormat format)
{
    return outputFormats()[static_cast<std::size_t>(format)];
}

Result<void> writeOutput(
    const RunModel& model, OutputFormat format, const FigureOptions& figure, const std::filesystem::path& path)
{
    switch (format) {
    case OutputFormat::Recording:
        return saveRecording(model.recording(), path);
    case OutputFormat::Png:
        return exportPng(model, figure, path);
    case OutputFormat::Svg:
        return exportSvg(model, figure, path);
    case OutputFormat::Csv:
        return exportCsv(model.recording(), path, seriesPoints(model));
    case OutputFormat::Trace:
        return exportChromeTrace(model.recording(), path);
    case OutputFormat::Report:
        break;
    }
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    writeReport(model, file->stream());
    return file->commit();
}

Result<void> writeOutput(const RunModel& model, OutputFormat format, std::ostream& out)
{
    assert(infoOf(format).text);
    if (format == OutputFormat::Csv) {
        return exportCsv(model.recording(), out, seriesPoints(model));
    }
    if (format == OutputFormat::Trace) {
        return exportChromeTrace(model.recording(), out);
    }
    writeReport(model, out);
    return {};
}

} // namespace timeslice
