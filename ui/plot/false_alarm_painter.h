// False alarms on a thread's row: moments at which it was woken for the GIL and found it taken.
//
//   Thread 2  ╷▒▒╷▒▒▒┃▒▒▒▒▒▒█████      a thin line from the upper edge; longer where one stands for many
//
// In a colour of their own, for they lie on bars of every thread's.
#pragma once

#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <QRect>
#include <QString>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace timeslice {

struct AlarmTick {
    int x = 0; ///< its left edge
    std::size_t count = 0; ///< false alarms that it stands for
};

/// Of these threads, what lies in the lane; ascending, no two on one another. O(threads * pixels * log(alarms)).
std::vector<AlarmTick> planFalseAlarms(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    std::span<const std::uint32_t> threads, const TimeScale& scale);
void paintFalseAlarms(const Canvas& canvas, const QRect& lane, const std::vector<AlarmTick>& ticks);

/// Whether any of these threads has one within `range`.
bool falseAlarmsIn(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range);

/// "false alarm: woken for the GIL, but Thread 1 had it already"; of several how many. Empty: there is none in `range`.
QString falseAlarmText(const Timeline& timeline, std::uint32_t thread, TimeRange range);

} // namespace timeslice
