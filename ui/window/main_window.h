// MainWindow: puts the parts of the window together and passes on what one of them tells the others.
//
// It can be on the screen before the lessons are read: empty at first, and furnished once they are there.
#pragma once

#include "ui/course/desk.h"
#include "ui/course/interpreter_finder.h"
#include "ui/course/settings.h"
#include "ui/script/script_opener.h"
#include "ui/theme/theme.h"
#include "ui/widgets/file_chooser.h"
#include "ui/window/own_scenarios.h"
#include "ui/window/run_files.h"
#include "ui/window/stop_question.h"
#include "ui/window/text_size.h"
#include "ui/window/window_actions.h"

#include <QMainWindow>

namespace timeslice {

class Projector;
class WorkPage;

struct MainWindowOptions {
    std::optional<LessonBook> lessons; ///< for as many cores as a run may use here; nothing: furnish() brings them
    ScenarioLibrary::Folders folders; ///< from which it was read, and is read anew
    std::filesystem::path namedFolder; ///< of own scenarios, on the command line; or empty
    OwnScenarios::OpenFile openFile; ///< in an editor; empty: as the desktop does
    QString iconFolder;
    QString settingsFile; ///< empty = the user's own
    FileChooser chooser = FileChooser::dialogs();
    PythonSource python = PythonSource::machine();
    std::optional<ThemeKind> theme; ///< for this session; else as last time
    bool forceInferred = false;
    bool fillSmallScreens = true; ///< at first
    bool repeatDisturbed = true; ///< as RunOptions
    bool standInDeadlock = true; ///< RunOptions::AtDeadlock::Stand
};

/// Closing it ends a run that is going on; the viewer is asked first.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(MainWindowOptions options);
    ~MainWindow() override;

    /// Once, unless the options have brought the lessons: builds what is in the window.
    void furnish(LessonBook lessons);
    bool furnished() const { return m_projector != nullptr; }
    /// The members below are for a furnished window.

    /// False: there is no such scenario, which a message in the window says, or there are mistakes in its file, which
    /// are shown.
    bool selectScenario(const std::string& id);
    void openRecording(const QString& path);
    /// Shows what would be run and asks.
    void openScript(const QString& path);
    bool presenting() const;
    /// Closes it whatever is going on.
    void closeAtOnce();

    /// For tests and for whoever embeds the window.
    const RunController& controller() const { return m_desk.controller(); }
    const LessonBook& lessons() const { return m_desk.lessons(); }
    std::optional<std::size_t> currentLesson() const { return m_desk.current(); }
    /// Runs the lesson that is shown, a scenario, from what `source` tells.
    void follow(std::unique_ptr<RunSource> source) { m_desk.follow(std::move(source)); }
    /// Whether a file is being read or written.
    bool busy() const { return m_files.busy(); }
    const WindowActions& actions() const { return m_actions; }

signals:
    /// The first picture of it, empty or not, is on the screen.
    void painted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    RunOptions runOptions() const;
    void connectFileActions();
    void connectActions();
    void connectDesk();
    void connectFiles();
    void showFirst();
    void step(int direction);
    void updateState();
    void applyTheme(ThemeKind kind);
    bool escape();
    void exportAs(OutputFormat format);
    FigureOptions figure() const;

    WindowSettings m_settings;
    TextSize m_textSize;
    MachineFacts m_machine;
    Desk m_desk;
    WindowActions m_actions;
    RunFiles m_files;
    InterpreterFinder m_finder;
    ScriptOpener m_scripts;
    OwnScenarios m_own;
    StopQuestion m_question;
    QString m_iconFolder;
    bool m_forceInferred;
    bool m_repeatDisturbed;
    bool m_standInDeadlock;
    ThemeKind m_theme = ThemeKind::Light;
    WorkPage* m_work = nullptr;
    Projector* m_projector = nullptr;
    bool m_painted = false; ///< once
    bool m_closing = false; ///< no more questions
};

} // namespace timeslice
