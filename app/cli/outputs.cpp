#include "app/cli/outputs.h"

#include "app/cli/exit_status.h"
#include "app/cli/live_save.h"
#include "app/cli/standard_output.h"
#include "core/base/atomic_file.h"
#include "core/base/duration_text.h"
#include "core/base/json_out.h"
#include "core/trace/export_chrome_trace.h"
#include "core/trace/export_csv.h"
#include "core/trace/recording.h"
#include "ui/export/figure.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

constexpr const char* kStandardOutput = "-";
constexpr const char* kUsualSize = "1600x900";

/// Which of the options names a file; `text`: it may go to standard output.
struct Target {
    const char* option;
    const std::string& path;
    bool text;
};

std::vector<Target> targets(const OutputOptions& options)
{
    return {{"--png", options.png, false}, {"--svg", options.svg, false}, {"--csv", options.csv, true},
        {"--trace", options.trace, true}, {"--save", options.save, false}, {"--report", options.report, true}};
}

Result<QSize> readSize(const std::string& text)
{
    int width = 0;
    int height = 0;
    char rest = 0;
    if (std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &rest) != 2 || width <= 0 || height <= 0) {
        return fail("--size " + text + " is not of the form WIDTHxHEIGHT in pixels, e.g. 1600x900", ErrorKind::Usage);
    }
    return QSize(width, height);
}

Result<std::optional<Nanos>> readMoment(const char* option, const std::string& text)
{
    if (text.empty()) {
        return std::optional<Nanos>();
    }
    const std::optional<Nanos> moment = parseDurationText(text);
    if (!moment) {
        return fail(std::string(option) + " " + text
                + " is not a time since the start of the work with its unit, e.g. 250ms or 1.5s",
            ErrorKind::Usage);
    }
    return moment;
}

Result<FigureOptions> readFigure(const OutputOptions& options)
{
    FigureOptions figure;
    const Result<QSize> size = readSize(options.size.empty() ? kUsualSize : options.size);
    const Result<std::optional<Nanos>> from = readMoment("--from", options.from);
    const Result<std::optional<Nanos>> to = readMoment("--to", options.to);
    if (!size || !from || !to) {
        return tl::unexpected(!size ? size.error() : !from ? from.error() : to.error());
    }
    figure.size = *size;
    figure.scale = options.scale.value_or(1);
    figure.from = *from;
    figure.to = *to;
    if (figure.to && *figure.to <= figure.from.value_or(0)) {
        return fail("--to " + options.to + " is not after --from " + (options.from.empty() ? "0" : options.from),
            ErrorKind::Usage);
    }
    figure.theme = options.theme == "dark" ? ThemeKind::Dark : ThemeKind::Light;
    return figure;
}

/// A file's ending in lower case, ".png"; "" if it has none.
std::string endingOf(const std::string& path)
{
    std::string ending = std::filesystem::path(path).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
        [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return ending;
}

/// A picture is written in the format of its option; a name that promises another one is a mistake.
Result<void> checkEnding(const char* option, const std::string& path, const std::vector<std::string>& others)
{
    const std::string ending = endingOf(path);
    if (std::find(others.begin(), others.end(), ending) == others.end()) {
        return {};
    }
    return fail(std::string(option) + " " + path + ": " + option + " does not write " + ending + " files"
            + (ending == ".png" || ending == ".svg" ? "; use --" + ending.substr(1) : ""),
        ErrorKind::Usage);
}

Result<void> checkPictures(const OutputOptions& options)
{
    if (options.png.empty() && options.svg.empty() && (!options.size.empty() || options.scale)) {
        return fail(std::string(options.size.empty() ? "--scale" : "--size")
                + " is about a picture, and none was asked for; add --png FILE or --svg FILE",
            ErrorKind::Usage);
    }
    if (const Result<void> png = checkEnding("--png", options.png, {".jpg", ".jpeg", ".svg", ".pdf"}); !png) {
        return png;
    }
    return checkEnding("--svg", options.svg, {".jpg", ".jpeg", ".png", ".pdf"});
}

/// Two options must not write one file; a device such as /dev/null takes as many as come.
Result<void> checkDistinct(const std::vector<Target>& all)
{
    std::map<std::filesystem::path, const char*> taken;
    for (const Target& target : all) {
        std::error_code error;
        if (target.path.empty() || target.path == kStandardOutput
            || std::filesystem::is_character_file(target.path, error)) {
            continue;
        }
        const auto file = std::filesystem::weakly_canonical(std::filesystem::absolute(target.path, error), error);
        const auto [first, added] = taken.emplace(error ? std::filesystem::path(target.path) : file, target.option);
        if (!added) {
            return fail(std::string(first->second) + " and " + target.option + " name the same file, " + target.path,
                ErrorKind::Usage);
        }
    }
    return {};
}

/// A QApplication for drawing, made when the first picture is: everything else needs no Qt.
class Drawing {
public:
    Drawing()
        : m_handler(qInstallMessageHandler(onlyWhatMatters))
    {
        if (QCoreApplication::instance() != nullptr) {
            return;
        }
        if (std::getenv("QT_QPA_PLATFORM") == nullptr) { // a file needs no display, even where there is one
            ::setenv("QT_QPA_PLATFORM", "offscreen", 0);
        }
        static int argc = 1;
        static char name[] = "timeslice";
        static char* argv[] = {name, nullptr};
        m_application = std::make_unique<QApplication>(argc, argv);
    }

    ~Drawing()
    {
        m_application.reset();
        qInstallMessageHandler(m_handler);
    }
    Drawing(const Drawing&) = delete;
    Drawing& operator=(const Drawing&) = delete;

private:
    /// Without a session Qt complains of things that drawing into a file does not need (XDG_RUNTIME_DIR).
    static void onlyWhatMatters(QtMsgType type, const QMessageLogContext&, const QString& message)
    {
        if (type == QtCriticalMsg || type == QtFatalMsg) {
            warn(message.toStdString());
        }
    }

    QtMessageHandler m_handler;
    std::unique_ptr<QApplication> m_application;
};

/// Whether the picture would show anything of the run.
Result<void> checkWithin(const FigureOptions& figure, const RunModel& model)
{
    Nanos longest = 0;
    for (const VariantModel& variant : model.variants()) {
        longest = std::max(longest, variant.recording->timeline.workRange().length());
    }
    if (figure.from && *figure.from > 0 && *figure.from >= longest) {
        return fail("the picture would be empty: it was to begin at " + toDurationText(*figure.from, " ")
            + ", and the run ended at " + toDurationText(longest, " "));
    }
    return {};
}

/// A text output: to a file that is replaced whole, or to standard output.
template <class ToFile, class ToStream>
Result<void> writeText(const std::string& path, const ToFile& toFile, const ToStream& toStream)
{
    if (path != kStandardOutput) {
        return toFile(std::filesystem::path(path));
    }
    Result<void> written = toStream(std::cout);
    const Result<void> arrived = flushStandardOutput();
    return arrived ? written : arrived; // the stream's own error says more than "the output failed"
}

Result<void> writeReport(const RunModel& model, const std::filesystem::path& path)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    file->stream() << jsonText(toJson(model.report()), JsonLayout::Indented) << '\n';
    return file->commit();
}

} // namespace

bool OutputOptions::any() const
{
    for (const Target& target : targets(*this)) {
        if (!target.path.empty()) {
            return true;
        }
    }
    return false;
}

bool OutputOptions::toStandardOutput() const
{
    return csv == kStandardOutput || trace == kStandardOutput || report == kStandardOutput;
}

void addOutputOptions(CLI::App& app, OutputOptions& options)
{
    const auto file = [&app](const char* name, std::string& path, const char* what, const char* type = "FILE") {
        app.add_option(name, path, what)->type_name(type)->group("Outputs");
    };
    file("--png", options.png, "A picture for a slide");
    file("--svg", options.svg, "The same as vectors");
    file("--csv", options.csv, "Every slice as a table; - is standard output");
    file("--trace", options.trace, "Chrome trace JSON, for Perfetto; - is standard output", "FILE.json");
    file("--save", options.save, "The recording, to be opened again", "FILE.timeslice");
    file("--report", options.report, "All numbers as JSON; - is standard output", "FILE.json");
    app.add_option("--size", options.size, "Of the picture in pixels")
        ->default_str(kUsualSize)
        ->type_name("WxH")
        ->group("Pictures");
    app.add_option("--scale", options.scale, "Pixels of the picture per pixel of --size")
        ->default_str("1")
        ->type_name("N")
        ->group("Pictures");
    app.add_option("--from", options.from, "Where the picture begins, since the start of the work: 250ms, 1.5s")
        ->type_name("T")
        ->group("Pictures");
    app.add_option("--to", options.to, "Where it ends")->type_name("T")->group("Pictures");
    app.add_option("--theme", options.theme, "Its colours")
        ->capture_default_str()
        ->check(CLI::IsMember({"light", "dark"}))
        ->type_name("light|dark")
        ->group("Pictures");
}

Result<void> checkOutputs(const OutputOptions& options)
{
    if (const Result<FigureOptions> figure = readFigure(options); !figure) {
        return tl::unexpected(figure.error());
    } else if (const Result<void> possible = checkFigure(*figure); !possible) {
        return possible;
    }
    if (const Result<void> pictures = checkPictures(options); !pictures) {
        return pictures;
    }
    if (const Result<void> distinct = checkDistinct(targets(options)); !distinct) {
        return distinct;
    }
    int toStandardOutput = 0;
    for (const Target& target : targets(options)) {
        if (target.path.empty()) {
            continue;
        }
        if (target.path == kStandardOutput) {
            if (!target.text) {
                return fail(
                    std::string(target.option) + " cannot go to standard output; name a file", ErrorKind::Usage);
            }
            if (++toStandardOutput > 1) {
                return fail("only one output can go to standard output", ErrorKind::Usage);
            }
            continue;
        }
        // Made and dropped: the target stays as it is.
        if (const Result<AtomicFile> file = AtomicFile::create(target.path); !file) {
            return fail(std::string(target.option) + ": " + file.error().message, ErrorKind::Usage);
        }
    }
    return {};
}

int writeOutputs(const OutputOptions& options, const RunModel& model, bool quiet, LiveSave* live)
{
    int status = kDone;
    const auto output = [&](const std::string& path, const std::function<Result<void>()>& write) {
        if (path.empty()) {
            return;
        }
        if (const Result<void> written = write(); !written) {
            const int failure = complain(written.error());
            status = status == kDone ? failure : status;
        } else if (!quiet && path != kStandardOutput) {
            std::fprintf(options.toStandardOutput() ? stderr : stdout, "wrote %s\n", path.c_str());
        }
    };
    const Recording& recording = model.recording();
    output(options.save, [&] {
        Result<void> saved = saveRecording(recording, options.save);
        if (live != nullptr) {
            live->saved(saved.has_value());
        }
        return saved;
    });
    if (!options.png.empty() || !options.svg.empty()) {
        const Drawing drawing;
        const Result<FigureOptions> figure = readFigure(options); // checked before
        const Result<void> within = checkWithin(*figure, model);
        output(options.png, [&] { return within ? exportPng(model, *figure, options.png) : within; });
        output(options.svg, [&] { return within ? exportSvg(model, *figure, options.svg) : within; });
    }
    // What may go to standard output comes last: whoever reads it may go away early.
    using std::filesystem::path;
    output(options.csv, [&] {
        return writeText(
            options.csv, [&](const path& file) { return exportCsv(recording, file); },
            [&](std::ostream& out) { return exportCsv(recording, out); });
    });
    output(options.trace, [&] {
        return writeText(
            options.trace, [&](const path& file) { return exportChromeTrace(recording, file); },
            [&](std::ostream& out) { return exportChromeTrace(recording, out); });
    });
    output(options.report, [&] {
        return writeText(
            options.report, [&](const path& file) { return writeReport(model, file); },
            [&](std::ostream& out) -> Result<void> {
                out << jsonText(toJson(model.report()), JsonLayout::Indented) << '\n';
                return {};
            });
    });
    return status;
}

} // namespace timeslice
