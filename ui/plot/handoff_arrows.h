// The arrows that a hovered hold of a lock, or the gap after one, gets: from the thread that let go to the one that
// took the lock, with the reason.
#pragma once

#include "core/trace/handoff.h"
#include "ui/course/exploration.h"
#include "ui/plot/timeline_painter.h"

#include <QPoint>
#include <QRect>
#include <vector>

namespace timeslice {

struct HandoffArrow {
    Handoff handoff;
    QPoint from; ///< on the canvas: the releasing thread's row at the moment of release
    QPoint to; ///< the taking thread's row at the moment when it had the lock
    QString label; ///< "asked for after 5.06 ms, taken 12 µs later"
    bool labelLeft = false; ///< on which side of the arrow the label is wanted
};

/// Of a hold: the hand-off that began it, then the one that ended it; of free time: that one. Those whose threads have
/// no row, or that lie out of sight, are left out.
std::vector<HandoffArrow> planHandoffs(const TimelineScene& scene, const SliceRef& ref);
/// Where they and their labels are; null if there are none.
QRect paintHandoffs(const Canvas& canvas, const TimelineScene& scene, const std::vector<HandoffArrow>& arrows);

} // namespace timeslice
