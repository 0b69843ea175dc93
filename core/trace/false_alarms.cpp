#include "core/trace/false_alarms.h"

#include <algorithm>

namespace timeslice {

const std::deque<FalseAlarm>& falseAlarmsOf(const Timeline& timeline, std::size_t thread)
{
    static const std::deque<FalseAlarm> kNone;
    const auto found = timeline.falseAlarms.find(static_cast<std::uint32_t>(thread));
    return found != timeline.falseAlarms.end() ? found->second : kNone;
}

std::size_t firstFalseAlarmFrom(const std::deque<FalseAlarm>& alarms, Nanos time)
{
    const auto first = std::lower_bound(
        alarms.begin(), alarms.end(), time, [](const FalseAlarm& alarm, Nanos t) { return alarm.time < t; });
    return static_cast<std::size_t>(first - alarms.begin());
}

std::size_t falseAlarmsWithin(const Timeline& timeline, std::size_t thread, TimeRange range)
{
    const std::deque<FalseAlarm>& alarms = falseAlarmsOf(timeline, thread);
    return range.empty() ? 0 : firstFalseAlarmFrom(alarms, range.end) - firstFalseAlarmFrom(alarms, range.begin);
}

} // namespace timeslice
