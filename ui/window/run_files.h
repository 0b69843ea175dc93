// RunFiles: what leaves the window as a file or through the clipboard, and recordings that come in.
#pragma once

#include "core/session/run_model.h"
#include "ui/export/figure.h"
#include "ui/window/file_chooser.h"
#include "ui/window/message_banner.h"
#include "ui/window/settings.h"

#include <QObject>
#include <memory>

namespace timeslice {

enum class FileFormat : unsigned char { Png, Svg, Csv, Trace, Report, Recording };

/// Writes one file; an existing one is replaced whole or not at all. `figure` matters to pictures only.
Result<void> writeRun(
    const RunModel& model, FileFormat format, const FigureOptions& figure, const std::filesystem::path& path);

/// A figure of `pixels` size in the proportions of a slide: the same layout at every resolution.
FigureOptions figureOptions(QSize pixels, ThemeKind theme);

/// Belongs to the UI thread; `settings` must outlive it.
class RunFiles : public QObject {
    Q_OBJECT
public:
    RunFiles(FileChooser chooser, WindowSettings& settings, QWidget* window);

    /// Asks for a name, suggesting `name` with the format's suffix, and writes. False: cancelled or failed.
    bool exportRun(const RunModel& model, FileFormat format, const FigureOptions& figure, const QString& name);
    void copyPicture(const RunModel& model, const FigureOptions& figure);
    /// Asks for a recording and reads it.
    void askAndOpen();
    void open(const QString& path);

signals:
    void message(timeslice::MessageBanner::Kind kind, const QString& text);
    /// Take it with takeOpened().
    void opened(const QString& path, const QString& warning);

public:
    std::unique_ptr<RunModel> takeOpened() { return std::move(m_opened); }

private:
    FileChooser m_chooser;
    WindowSettings& m_settings;
    QWidget* m_window;
    std::unique_ptr<RunModel> m_opened;
};

} // namespace timeslice
