// Projector: the modes that change the whole window: presentation, a blank screen, the list of keys.
#pragma once

#include "core/analysis/report.h"
#include "ui/theme/theme.h"

#include <QObject>
#include <QPointer>

class QMainWindow;
class QStackedWidget;

namespace timeslice {

class Desk;
class KeysOverlay;
class PresentationPage;
class WorkPage;

/// Belongs to the UI thread. `window`, `desk` and the pages must outlive it.
class Projector : public QObject {
    Q_OBJECT
public:
    /// `pages` holds `work`, which is shown when nothing is presented.
    Projector(QMainWindow& window, QStackedWidget& pages, WorkPage& work, Desk& desk, const MachineFacts& machine);

    bool presenting() const;
    void present(bool on);
    bool blank() const { return m_blank != nullptr; }
    void setBlank(bool on);
    void toggleKeys();
    /// Ends the topmost of them. False: none was on.
    bool escape();
    void setTheme(const Theme& theme);
    void windowResized();
    /// Presented: on (1) or back (-1) within the lesson: the question, the steps, the variants of the run, the pictures
    /// of the answer. False: what follows is another lesson.
    bool turn(int direction);
    /// Presented: from the question to what the run shows, where there is one.
    void leaveQuestion();
    /// The run, if it is presented.
    void showRun();
    void showSigns();

signals:
    void changed(); ///< presenting()

private:
    void showScenario();
    bool asking() const; ///< the class
    bool hasAnswer() const; ///< there is something behind the question

    QMainWindow& m_window;
    QStackedWidget& m_pages;
    WorkPage& m_work;
    Desk& m_desk;
    MachineFacts m_machine;
    const Theme* m_theme = &Theme::light();
    PresentationPage* m_page = nullptr; ///< made when first needed
    QWidget* m_blank = nullptr;
    QPointer<KeysOverlay> m_keys;
    Qt::WindowStates m_stateBefore;
};

} // namespace timeslice
