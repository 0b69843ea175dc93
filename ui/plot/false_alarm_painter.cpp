#include "ui/plot/false_alarm_painter.h"

#include "core/trace/false_alarms.h"
#include "ui/plot/row_names.h"
#include "ui/plot/row_plan.h"
#include "ui/text/number_text.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kTickWidth = 1.2; // logical pixels
constexpr double kRimSpace = 4; // to the next one, for a rim around it
constexpr double kOneHeight = 0.34; // of the lane: a single one
constexpr double kTwiceHeight = 0.05; // what as many again add
constexpr double kMostHeight = 0.6; // the bars below are still seen

int heightOf(const Canvas& canvas, const QRect& lane, std::size_t count)
{
    const double share = kOneHeight + kTwiceHeight * std::log2(static_cast<double>(std::max<std::size_t>(1, count)));
    const int tall = static_cast<int>(std::lround(lane.height() * std::min(share, kMostHeight)));
    return std::min(lane.height(), std::max(canvas.line(3), tall));
}

/// Adds what one thread has, each tick at a whole number of ticks' widths from the lane's edge, so that those of
/// several threads meet.
void countInto(std::vector<std::size_t>& ticks, const std::deque<FalseAlarm>& alarms, const TimeScale& scale,
    Nanos origin, int width)
{
    std::size_t at = firstFalseAlarmFrom(alarms, columnTime(scale, origin, scale.left));
    while (at < alarms.size()) {
        const double x = timeToPixel(scale, static_cast<double>(alarms[at].time - origin)) - scale.left;
        const auto tick = static_cast<std::size_t>(std::max(0.0, x) / width);
        if (tick >= ticks.size()) {
            return;
        }
        const int nextX = scale.left + static_cast<int>(tick + 1) * width;
        const std::size_t next = std::max(at + 1, firstFalseAlarmFrom(alarms, columnTime(scale, origin, nextX)));
        ticks[tick] += next - at;
        at = next;
    }
}

} // namespace

std::vector<AlarmTick> planFalseAlarms(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    std::span<const std::uint32_t> threads, const TimeScale& scale)
{
    std::vector<AlarmTick> planned;
    if (timeline.falseAlarms.empty() || lane.width() <= 0) {
        return planned;
    }
    const int width = canvas.line(kTickWidth);
    const Nanos origin = originOf(timeline);
    std::vector<std::size_t> ticks(static_cast<std::size_t>(lane.width() / width));
    for (const std::uint32_t thread : threads) {
        countInto(ticks, falseAlarmsOf(timeline, thread), scale, origin, width);
    }
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        if (ticks[i] > 0) {
            planned.push_back({scale.left + static_cast<int>(i) * width, ticks[i]});
        }
    }
    return planned;
}

void paintFalseAlarms(const Canvas& canvas, const QRect& lane, const std::vector<AlarmTick>& ticks)
{
    const int width = canvas.line(kTickWidth);
    const int rim = canvas.line(1);
    const int space = canvas.line(kRimSpace);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const QRect tick(ticks[i].x, lane.top(), width, heightOf(canvas, lane, ticks[i].count));
        const bool alone = (i == 0 || ticks[i].x - ticks[i - 1].x >= space)
            && (i + 1 == ticks.size() || ticks[i + 1].x - ticks[i].x >= space);
        if (alone) {
            canvas.painter->fillRect(
                tick.adjusted(-rim, 0, rim, rim).intersected(lane), canvas.theme->lane); // it stands out on any bar
        }
        canvas.painter->fillRect(tick, canvas.theme->falseAlarm);
    }
}

bool falseAlarmsIn(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range)
{
    return !timeline.falseAlarms.empty() && std::any_of(threads.begin(), threads.end(), [&](std::uint32_t thread) {
        return falseAlarmsWithin(timeline, thread, range) > 0;
    });
}

QString falseAlarmText(const Timeline& timeline, std::uint32_t thread, TimeRange range)
{
    const std::size_t count = falseAlarmsWithin(timeline, thread, range);
    if (count == 0) {
        return {};
    }
    if (count > 1) {
        return QStringLiteral("%1 false alarms: woken for the GIL, but another had it already")
            .arg(countText(static_cast<std::int64_t>(count)));
    }
    const std::deque<FalseAlarm>& alarms = falseAlarmsOf(timeline, thread);
    const FalseAlarm& alarm = alarms[firstFalseAlarmFrom(alarms, range.begin)];
    const Track& lock = timeline.locks[alarm.lock].track;
    const std::size_t hold = lock.indexAt(alarm.time);
    // Who took it may have let go again meanwhile.
    const bool held =
        hold < lock.size() && lock.value(hold).state() == SliceState::Running && lock.value(hold).subject() != thread;
    return QStringLiteral("false alarm: woken for the GIL, but %1 had it already")
        .arg(held ? threadLabel(timeline, lock.value(hold).subject()) : QStringLiteral("another"));
}

} // namespace timeslice
