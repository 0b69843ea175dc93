#include "ui/plot/lock_painter.h"

#include "ui/plot/format_time.h"
#include "ui/plot/state_signs.h"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kNotchSpace = 4; // logical pixels between notches, at least

struct HoldLabel {
    const Bar* bar;
    QString number;
    QString unit; ///< " ms"; empty: the number has it
};

/// The bars that have room for a number, with their labels; whether all have room for the unit, too.
std::pair<std::vector<HoldLabel>, bool> planLabels(
    const Canvas& canvas, const RowPlan& plan, const Track& track, const QFont& font)
{
    std::vector<HoldLabel> labels;
    bool units = true;
    for (const Bar& bar : plan.bars) {
        const int room = bar.x1 - bar.x0 - canvas.px(0.7);
        if (bar.value.state() != SliceState::Running || room < canvas.px(1)) {
            continue;
        }
        const Slice slice = track.slice(bar.index);
        if (slice.open) {
            continue; // it has no length yet
        }
        const bool millis = slice.length() >= kMillisecond / 10;
        HoldLabel label{&bar,
            millis ? QString::number(toMillis(slice.length()), 'f', 1) : formatDuration(slice.length()),
            millis ? QStringLiteral(" ms") : QString()};
        if (textWidth(canvas, font, label.number) <= room) {
            units = units && textWidth(canvas, font, label.number + label.unit) <= room;
            labels.push_back(std::move(label));
        }
    }
    return {std::move(labels), units};
}

void paintNotches(
    const Canvas& canvas, const QRect& lane, const Timeline& timeline, const LockInfo& lock, const TimeScale& scale)
{
    const Nanos origin = originOf(timeline);
    const double space = kNotchSpace * canvas.unit;
    auto it = std::lower_bound(lock.moments.begin(), lock.moments.end(), columnTime(scale, origin, scale.left),
        [](const LockMoment& moment, Nanos t) { return moment.time < t; });
    while (it != lock.moments.end()) {
        const double x = timeToPixel(scale, static_cast<double>(it->time - origin));
        if (x > scale.right) {
            return;
        }
        if (it->kind != EventKind::LockDropRequest) {
            ++it;
            continue;
        }
        paintNotch(canvas, lane, static_cast<int>(std::lround(x)));
        // The next that leaves this one to be seen.
        const Nanos next = columnTime(scale, origin, static_cast<int>(x + space) + 1);
        it = std::lower_bound(
            it + 1, lock.moments.end(), next, [](const LockMoment& moment, Nanos t) { return moment.time < t; });
    }
}

} // namespace

void paintLock(const Canvas& canvas, const QRect& lane, TrackPainter& tracks, const RowPlan& plan,
    const Timeline& timeline, const LockInfo& lock, const ThreadColors& colors, const TimeScale& scale)
{
    tracks.paintLane(lane);
    tracks.paintOwners(lane, plan, timeline, colors);
    if (plan.columns.size() < static_cast<std::size_t>(lane.width() / 2)) { // else it is one blur of requests
        paintNotches(canvas, lane, timeline, lock, scale);
    }
    const QFont font = scaledFont(canvas, 0.85);
    const QFontMetrics metrics(font);
    if (metrics.height() > lane.height() + canvas.px(0.2)) {
        return;
    }
    const auto [labels, units] = planLabels(canvas, plan, lock.track, font);
    for (const HoldLabel& label : labels) {
        const std::uint8_t color = colors.of(timeline, label.bar->value.subject());
        paintText(canvas,
            QRect(label.bar->x0, lane.top(), label.bar->x1 - label.bar->x0 - canvas.line(1), lane.height()),
            Qt::AlignCenter, units ? label.number + label.unit : label.number, font, canvas.theme->threadText(color));
    }
}

} // namespace timeslice
