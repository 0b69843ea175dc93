// Paints a lock's track: who holds it, for how long, and when somebody asked for it.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/track_painter.h"

#include <QRect>
#include <QString>
#include <optional>

namespace timeslice {

/// Bars in the holder's colour with the hold's length ("5.1 ms"), a dark line where one is let go and taken again by
/// the same at once, and a notch for each drop request. Where only the longest holds have room for their length, none
/// has it, as those would tell something wrong of the others. True: so it is, and there are holds. O(pixels).
bool paintLock(const Canvas& canvas, const QRect& lane, TrackPainter& tracks, const RowPlan& plan,
    const Timeline& timeline, const LockInfo& lock, const ThreadColors& colors, const TimeScale& scale);

/// Whether the row shows holds without their lengths, as paintLock() says, in a lane of that height.
bool lacksLengths(
    const Canvas& canvas, int height, const RowPlan& plan, const Timeline& timeline, const LockInfo& lock);

/// False: most holds are too short for a bar, but most of the work's time (`work` from the scale's 0) somebody has the
/// lock for longer, so that the median, of `millis`, is not what is seen.
bool medianDescribes(const RowPlan& plan, const TimeScale& scale, Nanos work, double minBar, double millis);
/// Where on the row it has room that nobody holds the lock in, the last such place: for rows beside whose name it has
/// none. Nothing: there is no such place.
std::optional<QRect> freePlace(const Canvas& canvas, const QRect& lane, const RowPlan& plan, int width);

} // namespace timeslice
