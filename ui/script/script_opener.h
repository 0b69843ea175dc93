// ScriptOpener: from a script's file to the viewer's consent to run it. Runs nothing itself.
//
//   askAndOpen(), open(), confirm() ──▶ ScriptDialog ── Run ──▶ allowed()
//                                             └── Cancel ──▶ nothing
#pragma once

#include "ui/course/interpreter_finder.h"
#include "ui/course/script.h"
#include "ui/course/settings.h"
#include "ui/script/script_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_chooser.h"
#include "ui/widgets/message_banner.h"

#include <QObject>
#include <QPointer>

namespace timeslice {

/// Belongs to the UI thread; what it is given must outlive it.
class ScriptOpener : public QObject {
    Q_OBJECT
public:
    ScriptOpener(FileChooser chooser, WindowSettings& settings, InterpreterFinder& finder, QWidget* window);

    void setTheme(ThemeKind theme) { m_theme = theme; }
    /// Asks for a file first.
    void askAndOpen();
    /// With arguments and folder as last time, if it was run before.
    void open(const QString& path);
    /// `reason`: why it is asked again; may be empty.
    void confirm(const Script& script, const QString& reason);

signals:
    void message(timeslice::MessageBanner::Kind kind, const QString& text);
    /// The viewer has seen it and wants it run.
    void allowed(const timeslice::Script& script, const timeslice::ScriptConsent& consent);

private:
    FileChooser m_chooser;
    WindowSettings& m_settings;
    InterpreterFinder& m_finder;
    QWidget* m_window;
    ThemeKind m_theme = ThemeKind::Light;
    QPointer<ScriptDialog> m_dialog;
};

} // namespace timeslice
