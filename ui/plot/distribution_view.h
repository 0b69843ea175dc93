// DistributionView: the distribution of a run in a widget; hovering tells what a step stands for.
#pragma once

#include "ui/plot/distribution.h"

#include <QWidget>
#include <optional>

namespace timeslice {

/// Belongs to the UI thread.
class DistributionView : public QWidget {
    Q_OBJECT
public:
    explicit DistributionView(QWidget* parent = nullptr);

    /// nullopt: there is no run.
    void setDistribution(std::optional<Distribution> distribution);
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    const Distribution& distribution() const { return m_distribution; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    Canvas canvas(QPainter* painter) const;
    QRect room() const; ///< device pixels
    QString tipAt(const QPoint& position) const;

    bool m_hasRun = false;
    const Theme* m_theme = &Theme::light();
    double m_points = 10;
    Distribution m_distribution;
};

} // namespace timeslice
