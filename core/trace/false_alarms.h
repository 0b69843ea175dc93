// False alarms: moments at which a thread was woken for a lock and found it taken by another. David Beazley,
// "Understanding the Python GIL", 2010, made them seen.
#pragma once

#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace timeslice {

/// Of one thread, ascending; empty if it has none.
const std::deque<FalseAlarm>& falseAlarmsOf(const Timeline& timeline, std::size_t thread);

/// The first that is not before `time`, as an index into falseAlarmsOf(). O(log n).
std::size_t firstFalseAlarmFrom(const std::deque<FalseAlarm>& alarms, Nanos time);

/// How many there are within `range`. O(log n).
std::size_t falseAlarmsWithin(const Timeline& timeline, std::size_t thread, TimeRange range);

} // namespace timeslice
