// MainWindow: puts the parts of the window together and passes on what one of them tells the others.
#pragma once

#include "core/scenario/catalogue.h"
#include "ui/plot/timeline_view.h"
#include "ui/theme/theme.h"
#include "ui/window/file_chooser.h"
#include "ui/window/interpreter_finder.h"
#include "ui/window/lesson_book.h"
#include "ui/window/run_controller.h"
#include "ui/window/run_files.h"
#include "ui/window/script_opener.h"
#include "ui/window/settings.h"
#include "ui/window/window_actions.h"

#include <QMainWindow>
#include <QPointer>
#include <functional>

class QMessageBox;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace timeslice {

class KeysOverlay;
class KnobBar;
class MessageBanner;
class OutputPanel;
class PresentationPage;
class ResultPanel;
class RunStage;
class ScenarioHeader;
class ScenarioList;
class StatusBar;

struct MainWindowOptions {
    Catalogue catalogue;
    QString iconFolder;
    QString settingsFile; ///< empty = the user's own
    FileChooser chooser = FileChooser::dialogs();
    PythonSource python = PythonSource::machine();
    std::optional<ThemeKind> theme; ///< for this session; else as last time
    bool forceInferred = false;
};

/// Closing it ends a run that is going on; the viewer is asked first.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(MainWindowOptions options);
    ~MainWindow() override;

    /// False: there is no such scenario; the message says so in the window.
    bool selectScenario(const std::string& id);
    void openRecording(const QString& path);
    /// Shows what would be run and asks.
    void openScript(const QString& path);
    bool presenting() const;
    /// Closes it whatever is going on.
    void closeAtOnce();

    /// For tests and for whoever embeds the window.
    const RunController& controller() const { return m_controller; }
    const LessonBook& lessons() const { return m_lessons; }
    std::optional<std::size_t> currentLesson() const { return m_current; }
    /// Runs the lesson that is shown, a scenario, from what `source` tells.
    void follow(std::unique_ptr<RunSource> source);
    /// Whether a file is being read or written.
    bool busy() const { return m_files.busy(); }
    const WindowActions& actions() const { return m_actions; }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    QWidget* buildWorkPage();
    void connectActions();
    void connectParts();
    void connectScripts();

    void select(std::size_t lesson); ///< asks first where that ends a script
    void goTo(std::size_t lesson);
    void showLesson(std::size_t lesson); ///< header, knobs, panel; not the model
    void step(int direction);
    void showOpened(const QString& path, const QString& warning); ///< asks first where that ends a script
    void showRecording(const QString& path, const QString& warning);
    /// Does it; first asks whether it may, if a script of the viewer's runs, which it ends: nobody knows what that
    /// script is in the middle of. A lesson can be run again.
    void leaveScript(std::function<void()> leave);
    void askToStop(const QString& consequence, const QString& button, std::function<void()> stop);
    /// Does it when no run goes on; the one that does is stopped for it. Of several that wait for that, the last.
    void whenStopped(std::function<void()> next);
    void leaveModel(); ///< puts the model where it belongs
    void predict(std::size_t prediction);
    void resetPrediction();
    void runOrStop();
    void startRun();
    /// False: the viewer is asked first.
    Result<bool> startScript(Lesson& lesson, RunOptions options);
    void runScript(const Script& script, const ScriptConsent& consent);
    /// Since it was last started.
    bool scriptMayHaveChanged() const;
    void lookForInterpreters(const Scenario& scenario);
    QStringList cannotRun(const Scenario& scenario) const; ///< sentences about variants that will be left out
    void showStarted(); ///< a run of the lesson that is shown
    void onEnded();
    void zoomToLoss();

    void showTexts(); ///< of the current lesson, with its knobs' values
    void showModel();
    void showPresented();
    void showEmptyText();
    void showOutput();
    void sizeOutput();
    void showFigures();
    void updateState();
    void applyTheme(ThemeKind kind);
    void present(bool on);
    void setBlank(bool on);
    void toggleKeys();
    bool escape();
    void exportAs(FileFormat format);
    FigureOptions figure() const;
    QString baseName() const;
    std::optional<std::size_t> prediction() const;

    WindowSettings m_settings;
    MachineFacts m_machine;
    LessonBook m_lessons;
    RunController m_controller;
    WindowActions m_actions;
    RunFiles m_files;
    InterpreterFinder m_finder;
    ScriptOpener m_scripts;
    QString m_iconFolder;
    std::optional<std::size_t> m_current; ///< nothing: a recording is shown
    QString m_recordingPath;
    ThemeKind m_theme = ThemeKind::Light;

    QStackedWidget* m_pages = nullptr;
    QWidget* m_work = nullptr;
    QSplitter* m_centre = nullptr; ///< picture and output
    QWidget* m_viewSlot = nullptr;
    ScenarioList* m_list = nullptr;
    ScenarioHeader* m_header = nullptr;
    KnobBar* m_knobs = nullptr;
    MessageBanner* m_banner = nullptr;
    QVBoxLayout* m_bannerRow = nullptr;
    RunStage* m_stage = nullptr;
    TimelineView* m_view = nullptr; ///< on the stage
    OutputPanel* m_output = nullptr;
    ResultPanel* m_panel = nullptr;
    StatusBar* m_status = nullptr;
    PresentationPage* m_presentation = nullptr; ///< made when first needed
    QWidget* m_blank = nullptr;
    QPointer<KeysOverlay> m_keys;
    QPointer<QMessageBox> m_question; ///< whether what runs may be ended
    bool m_closing = false; ///< no more questions
    std::function<void()> m_next; ///< what waits for the run to end
    Qt::WindowStates m_stateBefore;
};

} // namespace timeslice
