// The break in the time axis: the sign that a picture begins behind the program's start-up, and the place to click on
// to see that too.
//
//      start-up 90 ms ──//──┬─────────┬─────────┬──
//                           0         50        100  ms
//
// The scale stays one straight line: nothing is drawn at another time than its own, and a picture of a part of the run
// has no break. Beside the unfolded whole stands, in a window, the way back.
#pragma once

#include "ui/plot/slice_text.h"
#include "ui/plot/start_up.h"
#include "ui/plot/timeline_painter.h"

#include <QPoint>
#include <QRect>
#include <QString>

namespace timeslice {

/// What is shown of a run of which nobody has chosen a part.
struct WholePicture {
    WholeRange shown;
    std::optional<AxisBreak> axisBreak; ///< folded or not, there is something to fold
};
/// `growing`: the run goes on; the end is then that of its scale, and nothing is folded yet.
WholePicture wholePicture(std::span<const VariantPicture> variants, bool growing, bool folded);

struct AxisBreakPlan {
    QRect line; ///< the axis drawn on to the left, with the two slashes in its middle; empty: there is no break
    QRect label;
    QString text; ///< the longest that has room; may be empty
};
/// `y`: of the axis line.
AxisBreakPlan planAxisBreak(const Canvas& canvas, const TimelineScene& scene, int y);
void paintAxisBreak(const Canvas& canvas, const TimelineScene& scene, int y);
/// The line with its two strokes, within `line`.
void paintAxisStrokes(const Canvas& canvas, const QRect& line);

/// Where a click folds and unfolds: the corner to the left of the axis. Empty: there is nothing to fold.
QRect axisBreakTarget(const TimelineScene& scene);
/// For the tooltip.
SliceText describeAxisBreak(const AxisBreak& axisBreak);

} // namespace timeslice
