#include "ui/window/window_actions.h"

#include "ui/text/free_text.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QWidget>

namespace timeslice {

namespace {

QAction* make(QWidget* window, const char* name, const QString& text, const QString& tip,
    const QList<QKeySequence>& keys = {}, bool checkable = false)
{
    auto* action = new QAction(text, window);
    action->setObjectName(name);
    action->setShortcuts(keys);
    action->setToolTip(
        keys.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keys.first().toString(QKeySequence::NativeText)));
    action->setStatusTip(tip);
    action->setCheckable(checkable);
    action->setAutoRepeat(false);
    window->addAction(action);
    return action;
}

} // namespace

WindowActions::WindowActions(QWidget* window)
{
    openScript = make(window, "openScript", tr("Open script…"),
        tr("Run a Python script of your own; files can also be dropped on the window"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)});
    openRecording = make(window, "openRecording", tr("Open recording…"),
        tr("Look at a run that was saved; files can also be dropped on the window"), {QKeySequence::Open});
    copyLesson = make(window, "copyLesson", tr("Make a copy to edit"),
        tr("Writes this lesson and its scripts into your own folder and opens them in your editor"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C)});
    editLesson = make(window, "editLesson", tr("Edit the file"), tr("Opens this lesson of yours in your editor"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)});
    scenarioFolder = make(window, "scenarioFolder", tr("Folder of your scenarios…"),
        tr("Another folder from which scenarios of your own are read, and where copies go"));
    exportPng = make(window, "exportPng", tr("PNG…"), tr("A picture for slides"), {Qt::CTRL | Qt::Key_E});
    exportSvg = make(window, "exportSvg", tr("SVG…"), tr("A picture that scales, for papers"));
    copyPicture = make(window, "copyPicture", tr("Copy picture"), tr("To the clipboard"), {QKeySequence::Copy});
    visibleOnly = make(window, "visibleOnly", tr("Only the time in view"),
        tr("Pictures show the stretch of time that the window shows, not the whole run"), {}, true);
    exportCsv = make(window, "exportCsv", tr("CSV…"), tr("Every slice as a line of a table"));
    exportTrace =
        make(window, "exportTrace", tr("Perfetto trace…"), tr("Opens in ui.perfetto.dev and chrome://tracing"));
    exportReport = make(window, "exportReport", tr("Report JSON…"), tr("The figures, timeslice.report/1"));
    saveRecording = make(window, "saveRecording", tr("Save recording…"),
        tr("Everything that was recorded, to open again"), {QKeySequence::Save});
    present = make(window, "present", tr("Present"), tr("Full screen for a projector"), {Qt::Key_F5});
    blank = make(window, "blank", tr("Blank"), tr("Black screen, and back"), {Qt::Key_B});
    blankDot = make(window, "blankDot", tr("Blank"), tr("Black screen, and back"), {Qt::Key_Period});
    themeLight = make(window, "themeLight", tr("Light theme"), tr("For bright rooms"), {}, true);
    themeDark = make(window, "themeDark", tr("Dark theme"), tr("For dark rooms"), {}, true);
    auto* themes = new QActionGroup(window);
    themes->addAction(themeLight);
    themes->addAction(themeDark);
    textLarger = make(window, "textLarger", tr("Larger text"), tr("All text in the window larger"),
        {QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal)});
    textSmaller = make(window, "textSmaller", tr("Smaller text"), tr("All text in the window smaller"),
        {QKeySequence(Qt::CTRL | Qt::Key_Minus)});
    textUsual = make(
        window, "textUsual", tr("Usual text size"), tr("As the desktop asks"), {QKeySequence(Qt::CTRL | Qt::Key_0)});
    showAuxiliary = make(window, "showAuxiliary", tr("Show helper threads"),
        tr("Also threads that only coordinate, such as the one that starts the others"), {}, true);
    memory = make(window, "memory", tr("Memory of processes"),
        tr("Record it from the next run on, every 20 ms where looking takes little time, and show it below each "
           "process"),
        {}, true);
    forceInferred = make(window, "forceInferred", tr("Do without kernel records"),
        tr("Infer the tracks from time stamps, as on a machine that refuses context-switch records"), {}, true);
    keys = make(window, "keys", tr("Keys"), tr("What the keyboard does"),
        {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)});
    runStop = make(window, "runStop", tr("Run or stop"), tr("Start the workload, or end it"), {Qt::Key_Space});
    fit = make(window, "fit", tr("Fit"), tr("Show the whole run"), {Qt::Key_F});
    startUp = make(window, "startUp", tr("Start-up"), tr("Show what the program does before its work, or fold it away"),
        {Qt::Key_Z});
    undoZoom = make(window, "undoZoom", tr("Zoom back"), tr("To what was looked at before"),
        {QKeySequence(QKeySequence::Undo), QKeySequence(Qt::Key_Backspace)});
    switchView = make(window, "switchView", tr("Timeline or distribution"),
        tr("The other view of the run, where it has two"), {Qt::Key_V});
    nextLoss =
        make(window, "nextLossKey", tr("Next lost update"), tr("Zoom to the next update that was lost"), {Qt::Key_N});
    previousLoss = make(window, "previousLossKey", tr("Lost update before"), tr("Zoom to the lost update before"),
        {QKeySequence(Qt::SHIFT | Qt::Key_N)});
    next = make(window, "next", tr("Next scenario"), tr("Next scenario"), {Qt::Key_PageDown});
    previous = make(window, "previous", tr("Previous scenario"), tr("Previous scenario"), {Qt::Key_PageUp});
    find = make(window, "find", tr("Find"), tr("Find a scenario"), {QKeySequence::Find});
    for (int i = 0; i < 9; ++i) {
        const QString number = QString::number(i + 1);
        predictions.push_back(make(window, qPrintable("predict" + number), tr("Prediction %1").arg(number),
            tr("Choose this prediction"), {QKeySequence(Qt::Key_1 + i)}));
    }
}

std::vector<QAction*> WindowActions::exports() const
{
    return {exportPng, exportSvg, copyPicture, exportCsv, exportTrace, exportReport, saveRecording};
}

std::vector<KeyHint> keyHints()
{
    return {
        {tr("Space"), tr("run, stop")},
        {tr("1 … 9"), tr("predict; step by step: a step of that thread")},
        {tr("Page Down, Page Up"), tr("next, previous scenario; presented: first all of this one")},
        {tr("Ctrl+F"), tr("find a scenario")},
        {tr("Wheel, W, S"), tr("zoom")},
        {tr("Drag, A, D"), tr("move in time")},
        {tr("Shift+Wheel"), tr("move through the rows")},
        {tr("Double-click"), tr("zoom to a slice")},
        {tr("Click, Left, Right on a name"), tr("fold, unfold a process")},
        {tr("F"), tr("show the whole run")},
        {tr("Z"), tr("unfold, fold the program's start-up")},
        {tr("Ctrl+Z, Backspace"), tr("back to what was looked at before")},
        {tr("N, Shift+N"), tr("next lost update, the one before")},
        {tr("V"), tr("timeline, result, distribution")},
        {tr("Left, Right, L, A"), tr("step by step: back, on, a lost update, all")},
        {tr("Return, Delete, a letter"), tr("table of jobs: edit a cell, empty it, write anew")},
        {tr("Ctrl +, Ctrl -"), tr("larger, smaller text")},
        {tr("Ctrl+E, Ctrl+C"), tr("export, copy the picture")},
        {tr("Ctrl+Shift+O"), tr("open a script of yours")},
        {tr("Ctrl+Shift+C"), tr("make a copy of the lesson to edit")},
        {tr("Ctrl+S, Ctrl+O"), tr("save, open a recording")},
        {tr("F5, Esc"), tr("present, leave")},
        {tr("B or ."), tr("black screen while presenting")},
        {tr("F1 or ?"), tr("this overview")},
    };
}

} // namespace timeslice
