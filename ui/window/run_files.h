// RunFiles: what leaves the window as a file or through the clipboard, and recordings that come in.
//
// Files of millions of slices take their time: they are written, drawn and read on a thread of their own, one after the
// other, while the window lives on; message() or opened() tells of the end.
#pragma once

#include "core/model/run_model.h"
#include "ui/course/background.h"
#include "ui/course/settings.h"
#include "ui/export/output_format.h"
#include "ui/widgets/file_chooser.h"
#include "ui/widgets/message_banner.h"

#include <QObject>
#include <memory>

namespace timeslice {

/// A figure of `pixels` size in the proportions of a slide: the same layout at every resolution.
FigureOptions figureOptions(QSize pixels, ThemeKind theme);

/// Belongs to the UI thread; `settings` must outlive it.
class RunFiles : public QObject {
    Q_OBJECT
public:
    RunFiles(FileChooser chooser, WindowSettings& settings, QWidget* window);
    /// What was asked for is written first.
    ~RunFiles() override;

    /// Asks for a name, suggesting `name` with the format's suffix, and writes. The model must be finished.
    void exportRun(
        std::shared_ptr<const RunModel> model, OutputFormat format, const FigureOptions& figure, const QString& name);
    void copyPicture(std::shared_ptr<const RunModel> model, const FigureOptions& figure);
    /// Asks for a recording and reads it.
    void askAndOpen();
    void open(const QString& path);
    /// Whether something is being written or read.
    bool busy() const noexcept { return m_work.busy(); }

signals:
    void message(timeslice::MessageBanner::Kind kind, const QString& text);
    /// Take it with takeOpened().
    void opened(const QString& path, const QString& warning);

public:
    std::shared_ptr<RunModel> takeOpened() { return std::move(m_opened); }

private:
    void showBusy();

    FileChooser m_chooser;
    WindowSettings& m_settings;
    QWidget* m_window;
    std::shared_ptr<RunModel> m_opened;
    bool m_cursor = false; ///< says that something is going on
    Background m_work;
};

} // namespace timeslice
