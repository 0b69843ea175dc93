// Paints one track into its lane: bars where slices can be told apart, stacked shares where they cannot.
//
//   Running         filled in the thread's colour           Runnable  outlined in it
//   WaitingForLock  hatched                                 Blocked   a thin line
//   Absent          the empty lane
//
// In a column that several slices share, Running stands at the bottom with the height of its share: a thread that ran
// half of the time looks half full, however many slices that were. What others have of it stands on it; nothing hangs
// from the top. Where a core or a lock has several owners within a pixel, each pixel is that of one of them, as often
// as that one has it: they take turns, and no two have it at once.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/core_others.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/thread_colors.h"

#include <QImage>
#include <cstdint>
#include <span>
#include <vector>

namespace timeslice {

/// One painter thread.
class TrackPainter {
public:
    explicit TrackPainter(const Canvas& canvas);

    /// The empty lane, and the track on it.
    void paintLane(const QRect& lane) const;
    void paintThread(const QRect& lane, const RowPlan& plan, std::uint8_t color);
    /// Core and lock tracks. `others`: what stands above the run's own share of a column.
    void paintOwners(const QRect& lane, const RowPlan& plan, const Timeline& timeline, const ThreadColors& colors,
        std::span<const OthersStretch> others = {});

private:
    struct Tone;
    template <class PaintColumn> void paintColumns(const QRect& lane, const RowPlan& plan, PaintColumn paintColumn);
    void paintFilled(const QRect& lane, const RowPlan& plan, std::size_t bar, std::uint8_t color) const;
    /// Its height.
    int paintStackedColumn(const Column& column, int height, int x, const std::vector<Tone>& tones);
    void paintOthersAbove(int own, int height, int x, const OthersStretch& others);
    /// A column or two of the strip as rectangles.
    void paintShapes(const QRect& source, const QPoint& target) const;
    void paintThreadColumn(const QRect& lane, const Column& column, int x, const Tone& tone, bool alone);

    Canvas m_canvas;
    QImage& m_strip; ///< the row's columns; the thread's own, reused from row to row and frame to frame
};

} // namespace timeslice
