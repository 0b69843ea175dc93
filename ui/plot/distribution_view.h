// DistributionView: the distribution of a run in a widget; hovering tells what a step stands for.
#pragma once

#include "ui/plot/distribution.h"

#include <QWidget>

namespace timeslice {

/// Belongs to the UI thread.
class DistributionView : public QWidget {
    Q_OBJECT
public:
    explicit DistributionView(QWidget* parent = nullptr);

    /// `model` must outlive the view or the next call; may be null.
    void setModel(const RunModel* model);
    /// The run has more to count; it is counted when it is next looked at.
    void refresh();
    void setTheme(const Theme& theme);
    void setFontPoints(double points);
    const Distribution& distribution();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    Canvas canvas(QPainter* painter) const;
    QRect room() const; ///< device pixels
    QString tipAt(const QPoint& position) const;

    const RunModel* m_model = nullptr;
    const Theme* m_theme = &Theme::light();
    double m_points = 10;
    Distribution m_distribution;
    bool m_stale = false;
};

} // namespace timeslice
