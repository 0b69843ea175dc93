#include "ui/plot/lock_painter.h"

#include "ui/plot/format_time.h"
#include "ui/plot/run_picture.h"
#include "ui/plot/state_signs.h"

#include <QFontMetrics>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace timeslice {

namespace {

constexpr double kSeen = 0.02; // of the work: holds that fill less of a row are hardly seen in it
constexpr double kLengthEm = 0.85; // of a hold, in its bar
constexpr double kNotchSpace = 4; // logical pixels between notches, at least

struct HoldLabel {
    const Bar* bar;
    QString text; ///< with its unit
};

constexpr double kNearlyAll = 0.8;

struct HoldLabels {
    std::vector<HoldLabel> labels; ///< of the bars that have room for their length
    std::size_t holds = 0; ///< that have a length and a bar, labelled or not
    double labelled = 0; ///< pixels of bars with a label
    double folded = 0; ///< pixels' worth of holds that are too short for a bar

    /// All or none of a kind; some that nobody can see do not count.
    bool all() const
    {
        return static_cast<double>(labels.size()) >= kNearlyAll * static_cast<double>(holds)
            && labelled >= kNearlyAll * (labelled + folded);
    }
    bool areMany(const RowPlan& plan) const { return holds + plan.columns.size() >= kMedianHolds; }
};

bool hasRoomForLengths(const Canvas& canvas, int height)
{
    return QFontMetrics(scaledFont(canvas, kLengthEm)).height() <= height + canvas.px(0.2);
}

/// In pixels.
double foldedHolds(const Column& column)
{
    const Nanos held = std::accumulate(column.shares.begin() + 1, column.shares.end(), Nanos{0});
    return column.length > 0 ? static_cast<double>(held) / static_cast<double>(column.length) : 0;
}

HoldLabels planLabels(
    const Canvas& canvas, const RowPlan& plan, const Track& track, const TimeRange& work, const QFont& font)
{
    HoldLabels planned;
    for (const Column& column : plan.columns) {
        planned.folded += foldedHolds(column);
    }
    for (const Bar& bar : plan.bars) {
        const int room = bar.x1 - bar.x0 - canvas.px(0.7);
        if (bar.value.state() != SliceState::Running) {
            continue;
        }
        const Slice slice = track.slice(bar.index);
        if (slice.open) {
            continue; // it has no length yet
        }
        // Within the work, as the heading's time is: what the bar shows before it fades.
        const Nanos length = std::min(slice.end, work.end) - std::max(slice.begin, work.begin);
        if (length <= 0) {
            continue;
        }
        ++planned.holds;
        const bool millis = length >= kMillisecond / 10;
        HoldLabel label{
            &bar, millis ? QString::number(toMillis(length), 'f', 1) + QStringLiteral(" ms") : formatDuration(length)};
        if (textWidth(canvas, font, label.text) <= room) {
            planned.labels.push_back(std::move(label));
            planned.labelled += bar.x1 - bar.x0;
        }
    }
    return planned;
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

namespace {

/// Let go and taken again by the same within a pixel: two holds, though the row's share hardly shows it.
void paintLetGo(
    const Canvas& canvas, const QRect& lane, const RowPlan& plan, const Timeline& timeline, const ThreadColors& colors)
{
    constexpr double kDark = 0.4;
    const int width = canvas.line(1);
    for (std::size_t i = 1; i < plan.bars.size(); ++i) {
        const Bar& before = plan.bars[i - 1];
        const Bar& bar = plan.bars[i];
        if (bar.value.state() == SliceState::Running && before.value.state() == SliceState::Running
            && before.value.subject() == bar.value.subject() && bar.x0 - before.x1 <= canvas.line(2)) {
            const QColor fill = canvas.theme->threadColor(colors.of(timeline, bar.value.subject()));
            canvas.painter->fillRect(bar.x0 - width / 2, lane.top(), width, lane.height(),
                mix(fill, canvas.theme->threadText(colors.of(timeline, bar.value.subject())), kDark));
        }
    }
}

} // namespace

bool paintLock(const Canvas& canvas, const QRect& lane, TrackPainter& tracks, const RowPlan& plan,
    const Timeline& timeline, const LockInfo& lock, const ThreadColors& colors, const TimeScale& scale)
{
    tracks.paintLane(lane);
    tracks.paintOwners(lane, plan, timeline, colors);
    paintLetGo(canvas, lane, plan, timeline, colors);
    if (plan.columns.size() < static_cast<std::size_t>(lane.width() / 2)) { // else it is one blur of requests
        paintNotches(canvas, lane, timeline, lock, scale);
    }
    const QFont font = scaledFont(canvas, kLengthEm);
    if (!hasRoomForLengths(canvas, lane.height())) {
        return false;
    }
    const HoldLabels planned = planLabels(canvas, plan, lock.track, timeline.workRange(), font);
    if (!planned.all()) {
        return planned.areMany(plan);
    }
    for (const HoldLabel& label : planned.labels) {
        const std::uint8_t color = colors.of(timeline, label.bar->value.subject());
        const QRect bar(label.bar->x0, lane.top(), label.bar->x1 - label.bar->x0 - canvas.line(1), lane.height());
        paintText(canvas, bar, Qt::AlignCenter, label.text, font, canvas.theme->threadText(color));
    }
    return false;
}

bool lacksLengths(const Canvas& canvas, int height, const RowPlan& plan, const Timeline& timeline, const LockInfo& lock)
{
    if (!hasRoomForLengths(canvas, height)) {
        return false;
    }
    const HoldLabels planned =
        planLabels(canvas, plan, lock.track, timeline.workRange(), scaledFont(canvas, kLengthEm));
    return !planned.all() && planned.areMany(plan);
}

bool medianDescribes(const RowPlan& plan, const TimeScale& scale, Nanos work, double minBar, double millis)
{
    const double begin = timeToPixel(scale, 0);
    const double end = timeToPixel(scale, static_cast<double>(work));
    double barred = 0;
    double folded = 0;
    double beyond = 0; // the work: of which the median knows nothing
    for (const Bar& bar : plan.bars) {
        if (bar.value.state() == SliceState::Running) {
            const double inside = std::max(0.0, std::min<double>(bar.x1, end) - std::max<double>(bar.x0, begin));
            barred += inside;
            beyond += bar.x1 - bar.x0 - inside;
        }
    }
    for (const Column& column : plan.columns) {
        (column.x + 1 > begin && column.x < end ? folded : beyond) += foldedHolds(column);
    }
    if (barred + folded < std::max(kSeen * (end - begin), beyond)) {
        return false;
    }
    return millis * kMillisecond >= minBar * scale.nanosPerPixel() || folded >= barred;
}

std::optional<QRect> freePlace(const Canvas& canvas, const QRect& lane, const RowPlan& plan, int width)
{
    std::vector<bool> taken(static_cast<std::size_t>(lane.width()), false);
    for (const Bar& bar : plan.bars) {
        if (bar.value.state() == SliceState::Running) {
            std::fill(taken.begin() + (bar.x0 - lane.left()), taken.begin() + (bar.x1 - lane.left()), true);
        }
    }
    for (const Column& column : plan.columns) {
        if (foldedHolds(column) > 0) {
            taken[static_cast<std::size_t>(column.x - lane.left())] = true;
        }
    }
    const int air = canvas.px(0.5);
    int free = 0;
    for (int x = lane.width() - 1; x >= 0; --x) {
        free = taken[static_cast<std::size_t>(x)] ? 0 : free + 1;
        if (free >= width + 2 * air) {
            return QRect(lane.left() + x + air, lane.top(), width, lane.height());
        }
    }
    return std::nullopt;
}

} // namespace timeslice
