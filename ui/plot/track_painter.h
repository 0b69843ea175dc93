// Paints one track into its lane: bars where slices can be told apart, stacked shares where they cannot.
//
//   Running         filled in the thread's colour           Runnable  outlined in it
//   WaitingForLock  hatched                                 Blocked   a thin line
//   Absent          the empty lane
//
// In a column that several slices share, Running stands at the bottom with the height of its share: a thread that ran
// half of the time looks half full, however many slices that were.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/thread_colors.h"

#include <QImage>
#include <cstdint>
#include <vector>

namespace timeslice {

/// One painter thread.
class TrackPainter {
public:
    explicit TrackPainter(const Canvas& canvas);

    /// The empty lane, and the track on it.
    void paintLane(const QRect& lane) const;
    void paintThread(const QRect& lane, const RowPlan& plan, std::uint8_t color);
    /// Core and lock tracks.
    void paintOwners(const QRect& lane, const RowPlan& plan, const Timeline& timeline, const ThreadColors& colors);

private:
    struct Tone;
    template <class PaintColumn> void paintColumns(const QRect& lane, const RowPlan& plan, PaintColumn paintColumn);
    void paintFilled(const QRect& lane, const Bar& bar, bool gapAfter, std::uint8_t color) const;
    void paintStackedColumn(const Column& column, int height, int x, const std::vector<Tone>& tones);
    void paintThreadColumn(const QRect& lane, const Column& column, int x, const Tone& tone, bool alone);

    Canvas m_canvas;
    QImage& m_strip; ///< the row's columns; the thread's own, reused from row to row and frame to frame
};

} // namespace timeslice
