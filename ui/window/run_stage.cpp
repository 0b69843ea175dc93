#include "ui/window/run_stage.h"

#include "ui/graph/wait_graph_view.h"
#include "ui/result/picture_of.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

constexpr QSize kLeastScrolled(320, 180);

/// In large text there is not room for all of the page.
QScrollArea* scrolled(QWidget* page, const char* name)
{
    auto* area = new QScrollArea;
    area->setObjectName(name);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(page);
    area->setFocusProxy(page);
    area->viewport()->setAutoFillBackground(false);
    page->setAutoFillBackground(false); // which setWidget() has set
    area->setMinimumSize(kLeastScrolled);
    return area;
}

} // namespace

RunStage::RunStage(QWidget* parent)
    : QWidget(parent)
    , m_tabs(new QTabBar(this))
    , m_pages(new QStackedWidget(this))
    , m_stepper(new StepperPage)
    , m_jobs(new JobsPage)
    , m_timeline(new TimelineView(m_pages))
    , m_waits(new WaitGraphView(m_pages))
    , m_chart(new ChartView(m_pages))
    , m_distribution(new DistributionView(m_pages))
{
    m_timeline->setObjectName("timeline");
    m_timeline->setAccessibleName(tr("Timeline"));
    m_tabs->setObjectName("stageTabs");
    m_tabs->setAccessibleName(tr("Views of the run"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setFocusPolicy(Qt::TabFocus);
    m_tabs->addTab(tr("Step by step"));
    m_tabs->addTab(tr("Jobs"));
    m_tabs->addTab(tr("Timeline"));
    m_tabs->addTab(tr("Result"));
    m_tabs->addTab(tr("Distribution"));
    m_tabs->setTabToolTip(StepperTab, tr("You choose who takes the next step (V)"));
    m_tabs->setTabToolTip(JobsTab, tr("What is to be done, to be edited (V)"));
    m_tabs->setTabToolTip(TimelineTab, tr("What ran when (V)"));
    m_tabs->setTabToolTip(ChartTab, tr("The numbers that the runs gave (V)"));
    m_tabs->setTabToolTip(DistributionTab, tr("How the times spread (V)"));
    m_pages->addWidget(scrolled(m_stepper, "stepperArea")); // in the order of the tabs
    m_pages->addWidget(scrolled(m_jobs, "jobsArea"));
    auto* timelinePage = new QWidget(m_pages);
    auto* beside = new QHBoxLayout(timelinePage);
    beside->setContentsMargins(0, 0, 0, 0);
    beside->setSpacing(0);
    beside->addWidget(m_timeline, 1);
    beside->addWidget(m_waits, 0, Qt::AlignTop);
    timelinePage->setFocusProxy(m_timeline);
    m_waits->setObjectName("waitsBeside");
    m_waits->hide();
    connect(m_waits, &WaitGraphView::contentChanged, this, &RunStage::placeWaits);
    m_pages->addWidget(timelinePage);
    m_pages->addWidget(m_chart);
    m_pages->addWidget(m_distribution);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs);
    layout->addWidget(m_pages, 1);
    connect(m_tabs, &QTabBar::tabBarClicked, this, [this](int index) {
        if (index >= 0) {
            choose(index);
        }
    });
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_tabs, &QTabBar::currentChanged, this, &RunStage::tabChanged);
    setScenario(nullptr); // last, as it turns to another page
}

void RunStage::observe(Exploration& exploration)
{
    m_timeline->setExploration(exploration);
    m_waits->setExploration(exploration);
}

void RunStage::setWaitsBeside(bool beside)
{
    m_waitsBeside = beside;
    m_waits->setRun(beside && m_model != nullptr ? pictureOf(*m_model) : RunPicture());
    placeWaits();
}

void RunStage::placeWaits()
{
    constexpr double kShare = 0.24;
    m_waits->setFixedWidth(static_cast<int>(width() * kShare));
    m_waits->setVisible(m_waitsBeside && m_waits->hasSomething());
}

void RunStage::setModel(const RunModel* model)
{
    m_model = model;
    timelinesReplaced();
    m_chart->setModel(model);
    m_distribution->setDistribution(model != nullptr ? std::optional(distributionOf(*model)) : std::nullopt);
}

void RunStage::timelinesReplaced()
{
    m_timeline->setRun(m_model != nullptr ? pictureOf(*m_model, m_timeline->exploration().loss()) : RunPicture());
    m_waits->setRun(m_waitsBeside && m_model != nullptr ? pictureOf(*m_model) : RunPicture());
}

void RunStage::modelChanged()
{
    m_timeline->grow(m_model != nullptr ? pictureOf(*m_model, m_timeline->exploration().loss()) : RunPicture());
    if (m_waitsBeside && m_model != nullptr) {
        m_waits->grow(pictureOf(*m_model));
    }
}

void RunStage::setTheme(const Theme& theme)
{
    m_stepper->setTheme(theme);
    m_jobs->setTheme(theme);
    m_timeline->setTheme(theme);
    m_waits->setTheme(theme);
    m_chart->setTheme(theme);
    m_distribution->setTheme(theme);
}

void RunStage::setFontPoints(double points)
{
    m_stepper->setFontPoints(points);
    m_jobs->setFontPoints(points);
    m_timeline->setFontPoints(points);
    QFont small = m_waits->font();
    small.setPointSizeF(points * 0.85);
    m_waits->setFont(small);
    m_chart->setFontPoints(points);
    m_distribution->setFontPoints(points);
    QFont font = m_tabs->font();
    font.setPointSizeF(points);
    m_tabs->setFont(font);
    m_tabs->updateGeometry(); // which a bar that is hidden does not tell
}

void RunStage::setScenario(const Scenario* scenario)
{
    m_stepper->setScenario(scenario);
    m_jobs->setScenario(scenario);
    m_tabs->setTabVisible(StepperTab, !m_stepper->stepper().ways().empty());
    m_tabs->setTabVisible(JobsTab, m_jobs->hasJobs());
    m_tabs->setTabVisible(ChartTab, scenario != nullptr && scenario->chart);
    m_tabs->setTabVisible(DistributionTab, scenario != nullptr && hasDistribution(*scenario));
    m_tabs->setVisible(severalTabs());
    m_tabs->updateGeometry();
    if (!m_tabs->isTabVisible(m_tabs->currentIndex())) {
        m_tabs->setCurrentIndex(TimelineTab);
    }
}

bool RunStage::severalTabs() const
{
    return m_tabs->isTabVisible(StepperTab) || m_tabs->isTabVisible(JobsTab) || m_tabs->isTabVisible(ChartTab)
        || m_tabs->isTabVisible(DistributionTab);
}

void RunStage::refresh()
{
    m_chart->refresh();
    if (m_model != nullptr) {
        m_distribution->setDistribution(distributionOf(*m_model));
    }
}

bool RunStage::showsTimeline() const
{
    return m_tabs->currentIndex() == TimelineTab;
}

bool RunStage::showsStepper() const
{
    return m_tabs->currentIndex() == StepperTab;
}

bool RunStage::turn(int direction)
{
    if (showsStepper() ? m_stepper->turn(direction) : showsTimeline() && m_timeline->turnVariant(direction)) {
        return true;
    }
    for (int tab = m_tabs->currentIndex() + direction; tab >= 0 && tab < Tabs; tab += direction) {
        if (m_tabs->isTabVisible(tab) && hasSomething(tab)) {
            if (tab == TimelineTab) {
                m_timeline->turnToEnd(-direction);
            }
            choose(tab);
            focusPicture();
            return true;
        }
    }
    return false;
}

bool RunStage::hasSomething(int tab) const
{
    return tab == StepperTab
        || (m_model != nullptr && (tab != DistributionTab || !m_distribution->distribution().empty()));
}

void RunStage::showTimeline()
{
    choose(TimelineTab);
}

void RunStage::showPicture(int picture)
{
    if (m_tabs->isTabVisible(picture)) {
        m_chosen = true;
        m_tabs->setCurrentIndex(picture);
    }
}

void RunStage::switchTab()
{
    int next = m_tabs->currentIndex();
    do {
        next = (next + 1) % Tabs;
    } while (!m_tabs->isTabVisible(next));
    choose(next);
}

void RunStage::focusPicture()
{
    m_pages->currentWidget()->setFocus(Qt::OtherFocusReason);
}

void RunStage::choose(int tab)
{
    m_chosen = true;
    m_tabs->setCurrentIndex(tab);
    emit pictureChosen(tab);
    if (showsStepper()) {
        focusPicture(); // its keys are numbers, which mean something else elsewhere
    }
}

/// Unless the viewer has chosen, or there is no such tab.
void RunStage::bringForward(int tab)
{
    if (!m_chosen && m_tabs->isTabVisible(tab)) {
        m_tabs->setCurrentIndex(tab);
    }
}

void RunStage::runBegan(bool series)
{
    m_chosen = false;
    for (const Tab first : {StepperTab, JobsTab}) {
        if (m_model == nullptr && m_tabs->isTabVisible(first)) {
            bringForward(first); // there is something to do before any run
            return;
        }
    }
    bringForward(series ? ChartTab : TimelineTab); // of a series it is the points that come in one after another
}

void RunStage::runEnded()
{
    refresh();
    bringForward(ChartTab);
    if (!m_distribution->distribution().empty()) {
        bringForward(DistributionTab);
    }
}

void RunStage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placeWaits();
    const int margin = std::clamp(width() * 26 / 1000, 8, 36); // where the headings begin
    layout()->setContentsMargins(0, severalTabs() ? 4 : 0, 0, 0);
    layout()->setSpacing(severalTabs() ? m_tabs->fontMetrics().height() / 3 : 0); // the tabs' line is no heading's
    m_tabs->setContentsMargins(margin, 0, margin, 0);
}

} // namespace timeslice
