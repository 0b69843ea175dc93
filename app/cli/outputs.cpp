#include "app/cli/outputs.h"

#include "app/cli/exit_status.h"
#include "app/cli/live_save.h"
#include "app/cli/standard_output.h"
#include "core/base/atomic_file.h"
#include "core/base/duration_text.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace timeslice {

namespace {

constexpr const char* kStandardOutput = "-";
constexpr const char* kUsualSize = "1600x900";

/// What was asked for.
struct Target {
    const OutputFormatInfo& format;
    const std::string& path;
};

std::vector<Target> targets(const OutputOptions& options)
{
    std::vector<Target> wanted;
    for (const OutputFormatInfo& format : outputFormats()) {
        if (const std::string& path = options.path(format.format); !path.empty()) {
            wanted.push_back({format, path});
        }
    }
    return wanted;
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
Result<void> checkEnding(const Target& picture)
{
    const std::string ending = endingOf(picture.path);
    const std::array kPictures = {".jpg", ".jpeg", ".png", ".svg", ".pdf"};
    if (ending == std::string(".") + picture.format.suffix
        || std::find(kPictures.begin(), kPictures.end(), ending) == kPictures.end()) {
        return {};
    }
    std::string remedy;
    for (const OutputFormatInfo& format : outputFormats()) {
        if (ending == std::string(".") + format.suffix) {
            remedy = std::string("; use ") + format.option;
        }
    }
    return fail(std::string(picture.format.option) + " " + picture.path + ": " + picture.format.option
            + " does not write " + ending + " files" + remedy,
        ErrorKind::Usage);
}

Result<void> checkPictures(const OutputOptions& options, const std::vector<Target>& all)
{
    bool any = false;
    for (const Target& target : all) {
        if (!target.format.picture) {
            continue;
        }
        any = true;
        if (const Result<void> ending = checkEnding(target); !ending) {
            return ending;
        }
    }
    if (!any && (!options.size.empty() || options.scale)) {
        return fail(std::string(options.size.empty() ? "--scale" : "--size")
                + " is about a picture, and none was asked for; add --png FILE or --svg FILE",
            ErrorKind::Usage);
    }
    return {};
}

/// Two options must not write one file; a device such as /dev/null takes as many as come.
Result<void> checkDistinct(const std::vector<Target>& all)
{
    std::map<std::filesystem::path, const char*> taken;
    for (const Target& target : all) {
        std::error_code error;
        if (target.path == kStandardOutput || std::filesystem::is_character_file(target.path, error)) {
            continue;
        }
        const auto file = std::filesystem::weakly_canonical(std::filesystem::absolute(target.path, error), error);
        const auto [first, added] =
            taken.emplace(error ? std::filesystem::path(target.path) : file, target.format.option);
        if (!added) {
            return fail(
                std::string(first->second) + " and " + target.format.option + " name the same file, " + target.path,
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

/// To the standard output.
Result<void> print(const RunModel& model, OutputFormat format)
{
    Result<void> written = writeOutput(model, format, std::cout);
    const Result<void> arrived = flushStandardOutput();
    return arrived ? written : arrived; // the stream's own error says more than "the output failed"
}

} // namespace

bool OutputOptions::any() const
{
    return !targets(*this).empty();
}

bool OutputOptions::toStandardOutput() const
{
    return std::find(paths.begin(), paths.end(), kStandardOutput) != paths.end();
}

void addOutputOptions(CLI::App& app, OutputOptions& options)
{
    for (const OutputFormatInfo& format : outputFormats()) {
        app.add_option(format.option, options.paths[static_cast<std::size_t>(format.format)], format.help)
            ->type_name(format.fileType)
            ->check(CLI::Validator(
                [](std::string& path) { return path.empty() ? "the name of a file is empty" : std::string(); }, ""))
            ->group("Outputs");
    }
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
    const std::vector<Target> all = targets(options);
    if (const Result<void> pictures = checkPictures(options, all); !pictures) {
        return pictures;
    }
    if (const Result<void> distinct = checkDistinct(all); !distinct) {
        return distinct;
    }
    int toStandardOutput = 0;
    for (const Target& target : all) {
        const std::string option = target.format.option;
        if (target.path == kStandardOutput) {
            if (!target.format.text) {
                return fail(option + " cannot go to standard output; name a file", ErrorKind::Usage);
            }
            if (++toStandardOutput > 1) {
                return fail("only one output can go to standard output", ErrorKind::Usage);
            }
            continue;
        }
        // Made and dropped: the target stays as it is.
        if (const Result<AtomicFile> file = AtomicFile::create(target.path); !file) {
            return fail(option + ": " + file.error().message, ErrorKind::Usage);
        }
    }
    return {};
}

void outlastReader(const OutputOptions& options)
{
    if (options.any()) {
        sigset_t brokenPipe;
        ::sigemptyset(&brokenPipe);
        ::sigaddset(&brokenPipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &brokenPipe, nullptr);
    }
}

int writeOutputs(const OutputOptions& options, const RunModel& model, bool quiet, LiveSave* live)
{
    int status = kDone;
    const Result<FigureOptions> figure = readFigure(options); // checked before
    std::unique_ptr<Drawing> drawing;
    for (const Target& target : targets(options)) {
        const OutputFormat format = target.format.format;
        Result<void> written;
        if (target.format.picture && !drawing) {
            drawing = std::make_unique<Drawing>();
        }
        if (target.format.picture) {
            written = checkWithin(*figure, model);
        }
        if (written) {
            written = target.path == kStandardOutput ? print(model, format)
                                                     : writeOutput(model, format, *figure, target.path);
        }
        if (format == OutputFormat::Recording && live != nullptr) {
            live->saved(written.has_value());
        }
        if (!written) {
            const int failure = complain(written.error());
            status = status == kDone ? failure : status;
        } else if (!quiet && target.path != kStandardOutput) {
            std::fprintf(options.toStandardOutput() ? stderr : stdout, "wrote %s\n", target.path.c_str());
        }
    }
    return status;
}

} // namespace timeslice
