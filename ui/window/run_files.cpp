#include "ui/window/run_files.h"

#include "core/recording/recording.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QWidget>

namespace timeslice {

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
    connect(&m_work, &Background::busyChanged, this, &RunFiles::showBusy);
}

RunFiles::~RunFiles()
{
    m_work.disconnect(this);
    m_work.wait();
    if (m_cursor) {
        QApplication::restoreOverrideCursor();
    }
}

/// The cursor shows that something is going on, and that the window can be used meanwhile.
void RunFiles::showBusy()
{
    if (m_cursor == m_work.busy()) {
        return;
    }
    m_cursor = m_work.busy();
    if (m_cursor) {
        QApplication::setOverrideCursor(Qt::BusyCursor);
    } else {
        QApplication::restoreOverrideCursor();
    }
}

void RunFiles::exportRun(
    std::shared_ptr<const RunModel> model, OutputFormat format, const FigureOptions& figure, const QString& name)
{
    const OutputFormatInfo& words = infoOf(format);
    const QString suggested = QDir(m_settings.folder()).filePath(name + '.' + words.suffix);
    QString path = m_chooser.save(m_window, tr(words.title), suggested, words.filter);
    if (path.isEmpty()) {
        return;
    }
    if (QFileInfo(path).suffix().isEmpty()) {
        path += QStringLiteral(".") + words.suffix;
    }
    m_work.run([this, model = std::move(model), format, figure, path]() -> Background::Done {
        const auto written = writeOutput(*model, format, figure, std::filesystem::path(path.toStdString()));
        return [this, written, path] {
            if (!written) {
                emit message(MessageBanner::Kind::Error, QString::fromStdString(written.error().message));
                return;
            }
            m_settings.setFolder(QFileInfo(path).absolutePath());
            emit message(MessageBanner::Kind::Success, tr("Saved to %1").arg(QDir::toNativeSeparators(path)));
        };
    });
}

void RunFiles::copyPicture(std::shared_ptr<const RunModel> model, const FigureOptions& figure)
{
    m_work.run([this, model = std::move(model), figure]() -> Background::Done {
        const auto image = renderFigure(*model, figure);
        return [this, image] {
            if (!image) {
                emit message(MessageBanner::Kind::Error, QString::fromStdString(image.error().message));
                return;
            }
            QApplication::clipboard()->setImage(*image);
            emit message(MessageBanner::Kind::Success,
                tr("The picture is in the clipboard, %1 × %2.").arg(image->width()).arg(image->height()));
        };
    });
}

void RunFiles::askAndOpen()
{
    const QString path =
        m_chooser.open(m_window, tr("Open a recording"), m_settings.folder(), infoOf(OutputFormat::Recording).filter);
    if (!path.isEmpty()) {
        m_settings.setFolder(QFileInfo(path).absolutePath());
        open(path);
    }
}

void RunFiles::open(const QString& path)
{
    m_work.run([this, path]() -> Background::Done {
        const auto refused = [this](const Error& error) -> Background::Done {
            return [this, text = QString::fromStdString(error.message)] {
                emit message(MessageBanner::Kind::Error, text);
            };
        };
        auto loaded = loadRecording(std::filesystem::path(path.toStdString()));
        if (!loaded) {
            return refused(loaded.error());
        }
        auto read = RunModel::fromRecording(std::move(loaded->recording));
        if (!read) {
            return refused(read.error());
        }
        return [this, path, model = std::shared_ptr<RunModel>(std::move(*read)),
                   warning = QString::fromStdString(loaded->warning)] {
            m_opened = model;
            emit opened(path, warning);
        };
    });
}

} // namespace timeslice
