// The timeline as a plottable of QCustomPlot, and what moves over it with the mouse as a layerable of its overlay.
//
// Both read a PlotState that the view owns; nothing is copied into QCustomPlot. The plottable's key axis is time, in ns
// since each variant's start of work: its range is what is visible. What it draws is kept as an opaque picture, so that
// a part of it can be brought up to date, and put on the screen, alone.
#pragma once

#include "ui/plot/pick.h"
#include "ui/plot/timeline_picture.h"

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
    bool nothingOver() const { return !cursor && !hover && !exploration->selection(); } ///< the overlay is empty
    Canvas canvas(QPainter* painter) const;
    double em() const; ///< device pixels
};

class TimelinePlottable : public QCPAbstractPlottable {
    Q_OBJECT
public:
    TimelinePlottable(QCPAxis* keyAxis, QCPAxis* valueAxis, const PlotState& state);

    TimelineScene scene() const;
    const QImage& picture() const { return m_picture.image(); }
    /// See TimelinePicture::paintGrowth().
    std::optional<QRegion> drawGrowth();

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
    TimelinePicture m_picture;
};

/// The surface: puts the plottable's picture and the overlay on the screen, of both no more than what is asked for.
class TimelinePlot : public QCustomPlot {
    Q_OBJECT
public:
    TimelinePlot(QWidget* parent, const PlotState& state);

    TimelinePlottable& timeline() { return *m_timeline; }
    bool willReplot() const { return mReplotQueued; }
    /// Draws what has grown, or if more than that has changed everything, soon.
    void replotGrowth();

protected:
    void paintEvent(QPaintEvent* event) override;
    void draw(QCPPainter* painter) override;

private:
    const PlotState& m_state;
    TimelinePlottable* m_timeline; ///< the plot's own
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
