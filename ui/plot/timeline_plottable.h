// The timeline as a plottable of QCustomPlot, and what moves over it with the mouse as a layerable of its overlay.
//
// Both read a PlotState that the view owns; nothing is copied into QCustomPlot. The plottable's key axis is time, in ns
// since each variant's start of work: its range is what is visible.
#pragma once

#include "ui/plot/pick.h"

#include <qcustomplot.h>

namespace timeslice {

/// What the view shows; the view's own, on the UI thread.
struct PlotState {
    const RunModel* model = nullptr;
    const Theme* theme = &Theme::light();
    QFont font;
    double fontPoints = 0; ///< 0 = the font's own
    QString emptyText;
    RowOptions rows;
    TimelineLayout layout;
    int scroll = 0; ///< device pixels
    double pixelRatio = 1;
    QSize size; ///< device pixels

    std::optional<QPoint> cursor; ///< device pixels
    std::optional<Picked> hover;
    const Exploration* exploration = nullptr; ///< never null once the view is made

    bool empty() const; ///< nothing is recorded yet
    Canvas canvas(QPainter* painter) const;
    double em() const; ///< device pixels
};

class TimelinePlottable : public QCPAbstractPlottable {
    Q_OBJECT
public:
    TimelinePlottable(QCPAxis* keyAxis, QCPAxis* valueAxis, const PlotState& state);

    TimelineScene scene() const;

    double selectTest(const QPointF& pos, bool onlySelectable, QVariant* details = nullptr) const override;
    QCPRange getKeyRange(bool& foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool& foundRange, QCP::SignDomain inSignDomain = QCP::sdBoth,
        const QCPRange& inKeyRange = QCPRange()) const override;

protected:
    QRect clipRect() const override; ///< labels and axis stand outside the axis rectangle
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

private:
    const PlotState& m_state;
};

/// Cursor line, hovered and selected slice, tooltip card.
class TimelineOverlay : public QCPLayerable {
    Q_OBJECT
public:
    TimelineOverlay(QCustomPlot* plot, const PlotState& state, const TimelinePlottable& plottable);

protected:
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
    void draw(QCPPainter* painter) override;

private:
    void drawCard(const Canvas& canvas, const QRect& arrows) const;
    void drawCursor(const Canvas& canvas, const TimelineScene& scene) const;

    const PlotState& m_state;
    const TimelinePlottable& m_plottable;
};

/// Where the tooltip card of `size` goes: beside the cursor, wholly within `bounds`, not under the cursor.
QRect cardPlace(const QSize& size, const QPoint& cursor, const QRect& bounds, int distance);

} // namespace timeslice
