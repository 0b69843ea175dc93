// RunStage: the pictures of the run, a tab each: its timeline, and where the scenario has them, the chart of its
// numbers and the distribution of its times. Where its threads can be stepped, or its jobs edited, that comes first,
// before any run.
#pragma once

#include "ui/chart/chart_view.h"
#include "ui/jobs/jobs_page.h"
#include "ui/plot/distribution_view.h"
#include "ui/plot/timeline_view.h"
#include "ui/stepper/stepper_page.h"

#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace timeslice {

class WaitGraphView;

class RunStage : public QWidget {
    Q_OBJECT
public:
    explicit RunStage(QWidget* parent = nullptr);

    TimelineView& timeline() { return *m_timeline; }
    /// Once it is known what is looked at (TimelineView::setExploration).
    void observe(Exploration& exploration);
    JobsPage& jobs() { return *m_jobs; }
    /// `model` must outlive the stage or the next call; may be null.
    void setModel(const RunModel* model);
    /// Its variants show other runs than before; what is computed from their reports stays.
    void timelinesReplaced();
    /// The run has grown.
    void modelChanged();
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    /// Who waits for whom, beside the timeline, where there is something to be seen of it: for a projector.
    void setWaitsBeside(bool beside);
    /// Offers the tabs that the scenario has something for; null: the timeline alone. Again where its knobs have
    /// changed.
    void setScenario(const Scenario* scenario);
    /// What is worth to be looked at again has more numbers.
    void refresh();
    void focusPicture();
    /// Presented: on (1) or back (-1) through what there is to see: the stepper's steps, the variants where one is
    /// shown at a time, the pictures of the answer. False: there is no more.
    bool turn(int direction);
    void showTimeline();
    /// One that pictureChosen() told of, if it is there.
    void showPicture(int picture);
    bool showsStepper() const;
    Stepper& stepper() { return m_stepper->stepper(); }
    /// To the next one.
    void switchTab();
    bool showsTimeline() const; ///< and not a picture of the numbers
    /// The run is over: what it was about comes to the front, unless the viewer has chosen a tab since it began.
    void runEnded();
    /// `series`: it is a run of runs.
    void runBegan(bool series);

signals:
    void tabChanged();
    void pictureChosen(int picture); ///< by the viewer

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    enum Tab { StepperTab, JobsTab, TimelineTab, ChartTab, DistributionTab, Tabs };
    void choose(int tab);
    void bringForward(int tab);
    bool severalTabs() const;
    void placeWaits();
    bool hasSomething(int tab) const;

    QTabBar* m_tabs;
    QStackedWidget* m_pages;
    StepperPage* m_stepper;
    JobsPage* m_jobs;
    TimelineView* m_timeline;
    WaitGraphView* m_waits;
    bool m_waitsBeside = false;
    ChartView* m_chart;
    DistributionView* m_distribution;
    const RunModel* m_model = nullptr;
    bool m_chosen = false;
};

} // namespace timeslice
