// What lies under the cursor.
#pragma once

#include "ui/plot/slice_text.h"
#include "ui/plot/timeline_painter.h"

#include <QRect>

namespace timeslice {

struct Picked {
    std::optional<SliceRef> ref; ///< on core, thread and lock rows
    SliceText text; ///< for the tooltip
    QRect outline; ///< on the canvas
    bool crowded = false; ///< many slices share that pixel; `ref` is any of them
};

/// At a point of the canvas; nothing outside the lanes but the break in the axis. A slice narrower than a bar is found
/// within two pixels, so that a short blip can be hit; where many share a pixel, the text tells their shares.
std::optional<Picked> pick(const TimelineScene& scene, const QPoint& point, double unit);

/// The process whose name is at that point of the label column, if it folds; and whether it is unfolded.
struct PickedFold {
    ProcessRef process;
    bool unfolded = false;
};
std::optional<PickedFold> pickFold(const TimelineScene& scene, const QPoint& point);

/// The variant, the moment and the track there; nothing on headings and the axis.
std::optional<Pointed> pointedAt(const TimelineScene& scene, const QPoint& point);

/// Where a slice is drawn at the moment; empty when it is out of sight.
QRect sliceRect(const TimelineScene& scene, const SliceRef& ref);
/// Where a track has its lane; empty when it is out of sight.
QRect trackRect(const TimelineScene& scene, std::size_t variant, const Pointed::Track& track);

} // namespace timeslice
