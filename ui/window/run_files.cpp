#include "ui/window/run_files.h"

#include "core/base/atomic_file.h"
#include "core/trace/export_chrome_trace.h"
#include "core/trace/export_csv.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QWidget>

namespace timeslice {

namespace {

struct FormatText {
    const char* suffix;
    const char* title;
    const char* filter;
};

FormatText textOf(FileFormat format)
{
    switch (format) {
    case FileFormat::Png:
        return {"png", QT_TRANSLATE_NOOP("RunFiles", "Export PNG"), "PNG (*.png)"};
    case FileFormat::Svg:
        return {"svg", QT_TRANSLATE_NOOP("RunFiles", "Export SVG"), "SVG (*.svg)"};
    case FileFormat::Csv:
        return {"csv", QT_TRANSLATE_NOOP("RunFiles", "Export CSV"), "CSV (*.csv)"};
    case FileFormat::Trace:
        return {"trace.json", QT_TRANSLATE_NOOP("RunFiles", "Export Perfetto trace"), "Trace (*.json)"};
    case FileFormat::Report:
        return {"report.json", QT_TRANSLATE_NOOP("RunFiles", "Export report"), "Report (*.json)"};
    case FileFormat::Recording:
        return {"timeslice", QT_TRANSLATE_NOOP("RunFiles", "Save recording"), "Timeslice recording (*.timeslice)"};
    }
    return {};
}

/// The hourglass while something takes its time.
class BusyCursor {
public:
    BusyCursor() { QApplication::setOverrideCursor(Qt::WaitCursor); }
    ~BusyCursor() { QApplication::restoreOverrideCursor(); }
    BusyCursor(const BusyCursor&) = delete;
    BusyCursor& operator=(const BusyCursor&) = delete;
};

Result<void> writeReport(const RunModel& model, const std::filesystem::path& path)
{
    auto file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    file->stream() << toJson(model.report()).dump(2) << '\n';
    return file->commit();
}

} // namespace

Result<void> writeRun(
    const RunModel& model, FileFormat format, const FigureOptions& figure, const std::filesystem::path& path)
{
    switch (format) {
    case FileFormat::Png:
        return exportPng(model, figure, path);
    case FileFormat::Svg:
        return exportSvg(model, figure, path);
    case FileFormat::Csv:
        return exportCsv(model.recording(), path);
    case FileFormat::Trace:
        return exportChromeTrace(model.recording(), path);
    case FileFormat::Report:
        return writeReport(model, path);
    case FileFormat::Recording:
        return saveRecording(model.recording(), path);
    }
    return {};
}

FigureOptions figureOptions(QSize pixels, ThemeKind theme)
{
    constexpr int kLayoutWidth = 1600;
    FigureOptions options;
    options.scale = static_cast<double>(pixels.width()) / kLayoutWidth;
    options.size = {kLayoutWidth, pixels.height() * kLayoutWidth / pixels.width()};
    options.theme = theme;
    return options;
}

RunFiles::RunFiles(FileChooser chooser, WindowSettings& settings, QWidget* window)
    : QObject(window)
    , m_chooser(std::move(chooser))
    , m_settings(settings)
    , m_window(window)
{
}

bool RunFiles::exportRun(const RunModel& model, FileFormat format, const FigureOptions& figure, const QString& name)
{
    const FormatText words = textOf(format);
    const QString suggested = QDir(m_settings.folder()).filePath(name + '.' + words.suffix);
    QString path = m_chooser.save(m_window, tr(words.title), suggested, words.filter);
    if (path.isEmpty()) {
        return false;
    }
    if (QFileInfo(path).suffix().isEmpty()) {
        path += QStringLiteral(".") + words.suffix;
    }
    const BusyCursor busy;
    const auto written = writeRun(model, format, figure, std::filesystem::path(path.toStdString()));
    if (!written) {
        emit message(MessageBanner::Kind::Error, QString::fromStdString(written.error().message));
        return false;
    }
    m_settings.setFolder(QFileInfo(path).absolutePath());
    emit message(MessageBanner::Kind::Success, tr("Saved to %1").arg(QDir::toNativeSeparators(path)));
    return true;
}

void RunFiles::copyPicture(const RunModel& model, const FigureOptions& figure)
{
    const BusyCursor busy;
    const auto image = renderFigure(model, figure);
    if (!image) {
        emit message(MessageBanner::Kind::Error, QString::fromStdString(image.error().message));
        return;
    }
    QApplication::clipboard()->setImage(*image);
    emit message(MessageBanner::Kind::Success,
        tr("The picture is in the clipboard, %1 × %2.").arg(image->width()).arg(image->height()));
}

void RunFiles::askAndOpen()
{
    const QString path =
        m_chooser.open(m_window, tr("Open a recording"), m_settings.folder(), textOf(FileFormat::Recording).filter);
    if (!path.isEmpty()) {
        m_settings.setFolder(QFileInfo(path).absolutePath());
        open(path);
    }
}

void RunFiles::open(const QString& path)
{
    const BusyCursor busy;
    auto loaded = loadRecording(std::filesystem::path(path.toStdString()));
    if (!loaded) {
        emit message(MessageBanner::Kind::Error, QString::fromStdString(loaded.error().message));
        return;
    }
    auto model = RunModel::fromRecording(std::move(loaded->recording));
    if (!model) {
        emit message(MessageBanner::Kind::Error, QString::fromStdString(model.error().message));
        return;
    }
    m_opened = std::move(*model);
    emit opened(path, QString::fromStdString(loaded->warning));
}

} // namespace timeslice
