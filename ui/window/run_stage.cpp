#include "ui/window/run_stage.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

RunStage::RunStage(QWidget* parent)
    : QWidget(parent)
    , m_tabs(new QTabBar(this))
    , m_pages(new QStackedWidget(this))
    , m_timeline(new TimelineView(m_pages))
    , m_distribution(new DistributionView(m_pages))
{
    m_timeline->setObjectName("timeline");
    m_timeline->setAccessibleName(tr("Timeline"));
    m_tabs->setObjectName("stageTabs");
    m_tabs->setAccessibleName(tr("Views of the run"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setFocusPolicy(Qt::TabFocus);
    m_tabs->addTab(tr("Timeline"));
    m_tabs->addTab(tr("Distribution"));
    m_tabs->setTabToolTip(0, tr("What ran when (V)"));
    m_tabs->setTabToolTip(1, tr("How the times spread (V)"));
    m_tabs->hide();
    m_pages->addWidget(m_timeline);
    m_pages->addWidget(m_distribution);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs);
    layout->addWidget(m_pages, 1);
    connect(m_tabs, &QTabBar::tabBarClicked, this, [this](int index) {
        if (index >= 0) {
            choose(index == 1);
        }
    });
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
}

void RunStage::setModel(const RunModel* model)
{
    m_timeline->setModel(model);
    m_distribution->setModel(model);
}

void RunStage::setTheme(const Theme& theme)
{
    m_timeline->setTheme(theme);
    m_distribution->setTheme(theme);
}

void RunStage::setFontPoints(double points)
{
    m_timeline->setFontPoints(points);
    m_distribution->setFontPoints(points);
    QFont font = m_tabs->font();
    font.setPointSizeF(points);
    m_tabs->setFont(font);
}

void RunStage::setHasDistribution(bool has)
{
    m_has = has;
    m_tabs->setVisible(has);
    if (!has) {
        m_tabs->setCurrentIndex(0);
    }
}

void RunStage::showDistribution(bool show)
{
    m_tabs->setCurrentIndex(show && m_has ? 1 : 0);
}

bool RunStage::showsDistribution() const
{
    return m_tabs->currentIndex() == 1;
}

void RunStage::focusPicture()
{
    m_pages->currentWidget()->setFocus(Qt::OtherFocusReason);
}

void RunStage::choose(bool distribution)
{
    m_chosen = true;
    showDistribution(distribution);
}

void RunStage::runBegan()
{
    m_chosen = false;
    showDistribution(false);
}

void RunStage::runEnded()
{
    m_distribution->refresh();
    if (!m_chosen && !m_distribution->distribution().empty()) {
        showDistribution(true);
    }
}

void RunStage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int margin = std::clamp(width() * 26 / 1000, 8, 36); // where the headings begin
    layout()->setContentsMargins(0, m_has ? 4 : 0, 0, 0);
    m_tabs->setContentsMargins(margin, 0, margin, 0);
}

} // namespace timeslice
