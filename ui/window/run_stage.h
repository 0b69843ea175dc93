// RunStage: the picture of the run: its timeline, and where the scenario is about one, its distribution as a second
// tab.
#pragma once

#include "ui/plot/distribution_view.h"
#include "ui/plot/timeline_view.h"

#include <QWidget>

class QStackedWidget;
class QTabBar;

namespace timeslice {

class RunStage : public QWidget {
    Q_OBJECT
public:
    explicit RunStage(QWidget* parent = nullptr);

    TimelineView& timeline() { return *m_timeline; }
    DistributionView& distribution() { return *m_distribution; }
    void setModel(const RunModel* model);
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    /// Offers the second tab, or takes it away.
    void setHasDistribution(bool has);
    /// Does nothing where there is none.
    void showDistribution(bool show);
    bool showsDistribution() const;
    void focusPicture();
    void switchTab() { choose(!showsDistribution()); }
    /// The run is over: what it was about comes to the front, unless the viewer has chosen a tab since it began.
    void runEnded();
    void runBegan();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void choose(bool distribution);

    QTabBar* m_tabs;
    QStackedWidget* m_pages;
    TimelineView* m_timeline;
    DistributionView* m_distribution;
    bool m_has = false;
    bool m_chosen = false;
};

} // namespace timeslice
