// The timeline as a plottable of QCustomPlot, what moves over it with the mouse, and the surface that shows both.
//
// All read a PlotState that the view owns; nothing is copied into QCustomPlot. The plottable's key axis is time, in ns
// since each variant's start of work: its range is what is visible. What it draws is kept as an opaque picture, so that
// a part of it can be brought up to date, and put on the screen, alone.
#pragma once

#include "ui/plot/axis_break.h"
#include "ui/plot/pick.h"
#include "ui/plot/timeline_picture.h"

#include <qcustomplot.h>

namespace timeslice {

/// What the view shows; the view's own, on the UI thread.
struct PlotState {
    RunPicture run;
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

    WholePicture whole() const; ///< what is shown where the viewer has chosen no part
    bool empty() const; ///< nothing is recorded yet
    /// The overlay is empty.
    bool nothingOver() const { return !cursor && !hover && !exploration->selection() && !exploration->pointed(); }
    Canvas canvas(QPainter* painter) const;
    double em() const; ///< device pixels
};

class TimelinePlottable : public QCPAbstractPlottable {
    Q_OBJECT
public:
    TimelinePlottable(QCPAxis* keyAxis, QCPAxis* valueAxis, const PlotState& state);

    TimelineScene scene() const;
    const QImage& picture() const { return m_picture.image(); }
    /// See TimelinePicture::update().
    TimelinePicture::Change update(bool grown);

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

/// Cursor line, hovered and selected slice, tooltip card: painted over the picture, which stays as it is.
class TimelineOverlay {
public:
    explicit TimelineOverlay(const PlotState& state)
        : m_state(state)
    {
    }
    /// In device pixels.
    void paint(QPainter& painter, const TimelineScene& scene) const;

private:
    void drawCard(const Canvas& canvas, const QRect& arrows) const;
    void drawCursor(const Canvas& canvas, const TimelineScene& scene) const;

    const PlotState& m_state;
};

/// The surface: keeps the plottable's picture up to date and puts it on the screen, with the overlay on it, of both no
/// more than what has changed. QCustomPlot's own replot() of everything does the same, at its price: buffers as large
/// as the window, cleared, filled and laid over each other.
class TimelinePlot : public QCustomPlot {
    Q_OBJECT
public:
    TimelinePlot(QWidget* parent, const PlotState& state);

    TimelinePlottable& timeline() { return *m_timeline; }
    /// Draws everything anew, once, when the event loop comes to it.
    void redrawSoon();
    /// Draws at once what is new of a run that goes on; in sight only.
    void drawGrowth();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void draw(QCPPainter* painter) override;

private:
    QRegion redraw(bool grown);

    const PlotState& m_state;
    TimelinePlottable* m_timeline; ///< the plot's own
    TimelineOverlay m_overlay;
    bool m_due = true; ///< the picture is not what it should be
    bool m_queued = false;
};

/// Where the tooltip card of `size` goes: beside the cursor, wholly within `bounds`, not under the cursor.
QRect cardPlace(const QSize& size, const QPoint& cursor, const QRect& bounds, int distance);

} // namespace timeslice
