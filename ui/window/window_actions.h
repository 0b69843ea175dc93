// WindowActions: everything that the window can be told to do, with its key, name and tooltip. Buttons, menus and the
// keyboard all go through these.
#pragma once

#include <QAction>
#include <QObject>
#include <vector>

class QWidget;

namespace timeslice {

/// The actions belong to the window, which acts on their keys wherever the focus is.
struct WindowActions {
    explicit WindowActions(QWidget* window);

    QAction* openScript;
    QAction* openRecording;
    QAction* copyLesson; ///< into the viewer's own scenarios
    QAction* editLesson; ///< one of them
    QAction* scenarioFolder;
    QAction* exportPng;
    QAction* exportSvg;
    QAction* copyPicture;
    QAction* visibleOnly; ///< checkable: pictures show what the window shows, not the whole run
    QAction* exportCsv;
    QAction* exportTrace;
    QAction* exportReport;
    QAction* saveRecording;
    QAction* present;
    QAction* blank; ///< while presenting
    QAction* blankDot; ///< the same by the key that some remotes send
    QAction* themeLight;
    QAction* themeDark;
    QAction* textLarger;
    QAction* textSmaller;
    QAction* textUsual;
    QAction* showAuxiliary;
    QAction* memory; ///< checkable: record and show the memory of processes
    QAction* forceInferred;
    QAction* keys;
    QAction* runStop;
    QAction* fit;
    QAction* startUp; ///< unfolds it, folds it
    QAction* undoZoom;
    QAction* switchView; ///< timeline or distribution, where there are both
    QAction* nextLoss; ///< lost update
    QAction* previousLoss;
    QAction* next;
    QAction* previous;
    QAction* find;
    std::vector<QAction*> predictions; ///< keys 1 to 9

    /// Those that need something recorded.
    std::vector<QAction*> exports() const;
};

/// Key and what it does, for the overview.
struct KeyHint {
    QString key;
    QString meaning;
};
std::vector<KeyHint> keyHints();

} // namespace timeslice
