// Paints a lock's track: who holds it, for how long, and when somebody asked for it.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/track_painter.h"

#include <QRect>
#include <QString>
#include <optional>

namespace timeslice {

/// Bars in the holder's colour with the hold's length ("5.1 ms", or "5.1" in all of them where the unit does not fit),
/// and a notch for each drop request. Where only the longest holds have room for their length, none has it, as those
/// would tell something wrong of the others. True: so it is, and there are holds. O(pixels).
bool paintLock(const Canvas& canvas, const QRect& lane, TrackPainter& tracks, const RowPlan& plan,
    const Timeline& timeline, const LockInfo& lock, const ThreadColors& colors, const TimeScale& scale);

/// False: most holds are too short for a bar, but most of the work's time (`work` from the scale's 0) somebody has the
/// lock for longer, so that the median, of `millis`, is not what is seen.
bool medianDescribes(const RowPlan& plan, const TimeScale& scale, Nanos work, double minBar, double millis);
/// What stands on the row instead: "median hold 5.3 ms".
struct MedianPlate {
    QRect rect;
    QString words;
};
/// Near the row's end; at its begin where a good part of the holds is at the end. Nothing: it has no room, or would
/// hide them there, too.
std::optional<MedianPlate> planMedianHold(const Canvas& canvas, const QRect& lane, const RowPlan& plan, double millis);
void paintMedianHold(const Canvas& canvas, const MedianPlate& plate);

} // namespace timeslice
