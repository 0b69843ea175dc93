// WorkPage: the window as one works with it: the course on the left, the question and the picture of its run in the
// middle, figures on the right. Shows what lies on the desk.
#pragma once

#include "core/analysis/report.h"
#include "ui/course/exploration.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <optional>

class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace timeslice {

class Desk;
class FittingScrollArea;
class InterpreterFinder;
class KnobBar;
class MistakePage;
class MessageBanner;
class OutputPanel;
class PythonChooser;
class ResultPanel;
class RunStage;
class ScenarioHeader;
class ScenarioList;
class StatusBar;
class TimelineView;

class WorkPage : public QWidget {
    Q_OBJECT
public:
    /// `top`: the bar above everything, which becomes a part of it. The others must outlive it.
    WorkPage(Desk& desk, InterpreterFinder& finder, QWidget* top, QWidget* parent = nullptr);

    ScenarioList& list() { return *m_list; }
    ScenarioHeader& header() { return *m_header; }
    MessageBanner& banner() { return *m_banner; }
    RunStage& stage() { return *m_stage; }
    TimelineView& timeline();
    OutputPanel& output() { return *m_output; }
    ResultPanel& panel() { return *m_panel; }
    PythonChooser& python();
    MistakePage& mistakePage() { return *m_mistake; }

    void setTheme(const Theme& theme);
    void setTextScale(double scale); ///< as TextSize::scale()
    void setMachine(const MachineFacts& machine) { m_machine = machine; }
    /// Back from wherever it was shown meanwhile.
    void takeStage();
    /// While it is elsewhere, an empty picture says nothing: what shows it asks for predictions itself.
    void lendStage();

    /// Reports, phases or the run's state have changed.
    void showFigures();
    void showSigns(); ///< the legend
    /// Zooms to the next lost update (1), the one before (-1), or the first of its variant (0); nothing where there is
    /// none.
    void stepLoss(int direction);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildCentre();
    void connectDesk();
    void connectParts();
    void showLesson(); ///< header, knobs, panel; not the model
    void showRecording(const QString& warning);
    void showMistake();
    void showTexts();
    void showObstacle();
    void showModel();
    void showWaits(); ///< of another run
    void showEmptyText();
    void showOutput();
    void sizeOutput();
    void sizeSides();
    void fold();
    void showState();
    void zoomToLoss();
    void showLoss();
    std::optional<LossRef> currentLoss() const;
    void onEnded();

    Desk& m_desk;
    InterpreterFinder& m_finder;
    MachineFacts m_machine;
    ScenarioList* m_list;
    ScenarioHeader* m_header;
    KnobBar* m_knobs;
    QStackedWidget* m_pages; ///< a lesson or recording, or a mistake
    QWidget* m_lessonPage;
    MistakePage* m_mistake;
    FittingScrollArea* m_asked; ///< header and knobs
    MessageBanner* m_banner;
    QVBoxLayout* m_bannerRow;
    QSplitter* m_centre; ///< picture and output
    QWidget* m_stageSlot;
    RunStage* m_stage;
    OutputPanel* m_output;
    ResultPanel* m_panel;
    StatusBar* m_status;
    bool m_unfolded = false; ///< the viewer wants to see the header of this lesson whole
    bool m_lent = false;
    double m_textScale = 1;
};

} // namespace timeslice
