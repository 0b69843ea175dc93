// The arrows of wake-ups: from the row of the thread that woke another to that one's, at that moment. In the picture
// where there are few enough to be told apart; of the slice under the cursor always.
#pragma once

#include "ui/course/exploration.h"
#include "ui/plot/arrow.h"
#include "ui/plot/timeline_painter.h"

#include <QPoint>
#include <QRect>
#include <cstddef>
#include <vector>

namespace timeslice {

/// In sight, of one variant.
inline constexpr std::size_t kMostWakeupArrows = 24;

/// Of one variant's timeline, what lies within the scale.
TimeRange sightOf(const TimeScale& scale, const Timeline& timeline);

struct WakeupArrow {
    QPoint from; ///< on the canvas: the middle of the waking thread's lane
    QPoint to; ///< the edge of the woken one's lane
};

/// Of one variant, as the picture has them. Those whose threads share a row, or have none, are left out.
std::vector<WakeupArrow> planWakeups(const TimelineScene& scene, std::size_t variant);
/// Of a slice in which a thread is ready after a wake-up, or runs after that; none or one.
std::vector<WakeupArrow> planWakeup(const TimelineScene& scene, const SliceRef& ref);

/// In the picture, where some stand beside each other.
ArrowStyle wakeupStyle(const Theme& theme);
/// Those of all variants.
void paintWakeups(const Canvas& canvas, const TimelineScene& scene);
/// Stronger, for the overlay; where they are.
QRect paintPickedWakeups(const Canvas& canvas, const std::vector<WakeupArrow>& arrows);

} // namespace timeslice
