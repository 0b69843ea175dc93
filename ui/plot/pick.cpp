#include "ui/plot/pick.h"

#include "core/trace/process_lives.h"
#include "ui/plot/axis_break.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/others_text.h"
#include "ui/plot/process_text.h"
#include "ui/plot/row_plan.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kReach = 2; // logical pixels around the cursor in which a short slice is found
constexpr std::size_t kMostCandidates = 12;

std::optional<SliceRef::Row> trackRow(RowKind kind)
{
    switch (kind) {
    case RowKind::Core:
        return SliceRef::Row::Core;
    case RowKind::Thread:
        return SliceRef::Row::Thread;
    case RowKind::Lock:
        return SliceRef::Row::Lock;
    default:
        return std::nullopt;
    }
}

const Track& trackOf(const Timeline& timeline, SliceRef::Row row, std::size_t index)
{
    return row == SliceRef::Row::Core ? timeline.cores[index].track
        : row == SliceRef::Row::Lock  ? timeline.locks[index].track
                                      : timeline.threads[index].track;
}

QRect clippedSpan(const TimeScale& scale, const QRect& lane, double begin, double end)
{
    const auto pixel = [&](double time) {
        return static_cast<int>(
            std::lround(std::clamp<double>(timeToPixel(scale, time), scale.left - 8.0, scale.right + 8.0)));
    };
    const int x0 = pixel(begin);
    const int x1 = std::max(x0 + 1, pixel(end));
    return QRect(x0, lane.top(), x1 - x0, lane.height());
}

/// The slice at `t`, or a shorter one close by that does something.
std::size_t indexNear(const Track& track, Nanos t, Nanos reach)
{
    const std::size_t here = track.indexAt(t);
    const std::size_t first = track.firstEndingAfter(t - reach);
    const std::size_t last = track.firstEndingAfter(t + reach);
    if (first >= track.size() || last - first > kMostCandidates) {
        return here;
    }
    std::size_t best = here;
    for (std::size_t i = first; i <= last && i < track.size(); ++i) {
        const Slice slice = track.slice(i);
        const bool short_ = slice.length() <= 2 * reach;
        if (i != here && short_ && slice.value.state() == SliceState::Running
            && (best >= track.size() || track.slice(best).length() > slice.length())) {
            best = i;
        }
    }
    return best;
}

std::optional<Picked> pickTrack(
    const TimelineScene& scene, const Row& row, const QRect& lane, int x, double unit, SliceRef::Row kind)
{
    const VariantPicture& variant = scene.variants[row.content.variant];
    const Timeline& timeline = variant.recording->timeline;
    const Track& track = trackOf(timeline, kind, row.content.track);
    const Nanos origin = originOf(timeline);
    const double perPixel = scene.scale.nanosPerPixel();
    const Nanos at = origin + static_cast<Nanos>(std::floor(pixelToTime(scene.scale, x + 0.5)));
    const std::size_t index = indexNear(track, at, static_cast<Nanos>(kReach * unit * perPixel));
    if (index >= track.size()) {
        return std::nullopt;
    }
    const Slice slice = track.slice(index);
    Picked picked;
    picked.ref = SliceRef{row.content.variant, kind, row.content.track, slice};
    const TimeRange column{columnTime(scene.scale, origin, x), columnTime(scene.scale, origin, x + 1)};
    const bool crowded = static_cast<double>(slice.length()) < perPixel
        && track.firstEndingAfter(column.end) - track.firstEndingAfter(column.begin) > 2;
    picked.crowded = crowded;
    if (crowded) {
        picked.text = describeShares(variant, *picked.ref, column);
        picked.outline = QRect(x, lane.top(), 1, lane.height());
    } else {
        picked.text = describeSlice(variant, *picked.ref);
        picked.outline = clippedSpan(
            scene.scale, lane, static_cast<double>(slice.begin - origin), static_cast<double>(slice.end - origin));
    }
    if (kind == SliceRef::Row::Core && !crowded && slice.value.state() != SliceState::Running) {
        if (auto others =
                describeOthersAt(timeline, row.content.track, at, static_cast<Nanos>(kReach * unit * perPixel))) {
            picked.text = {others->title, others->lines};
            picked.outline = clippedSpan(scene.scale, lane, static_cast<double>(others->range.begin - origin),
                static_cast<double>(others->range.end - origin));
        }
    }
    constexpr double kMarkReach = 5; // logical pixels
    const auto reach = static_cast<Nanos>(kMarkReach * unit * perPixel);
    if (const auto thread = static_cast<std::uint32_t>(row.content.track); kind == SliceRef::Row::Thread) {
        if (const auto mark = markNear(timeline, thread, at, reach)) {
            picked.text.lines.prepend(describeMark(timeline, timeline.marks[*mark]));
        }
    }
    return picked;
}

const ProcessLife* lifeOf(const std::vector<ProcessLife>& lives, const RowContent& row)
{
    const auto found = std::find_if(lives.begin(), lives.end(),
        [&](const ProcessLife& life) { return row.process && life.threads.front() == *row.process; });
    return found != lives.end() ? &*found : nullptr;
}

/// A process as such: on its memory, on the union of its threads, and at its name.
std::optional<Picked> pickProcess(const TimelineScene& scene, const Row& row, std::optional<int> x)
{
    const Timeline& timeline = scene.variants[row.content.variant].recording->timeline;
    const std::vector<ProcessLife> lives = processLives(timeline);
    const ProcessLife* life = lifeOf(lives, row.content);
    if (life == nullptr) {
        return std::nullopt;
    }
    Picked picked;
    const bool memory = row.content.kind == RowKind::Memory;
    if (memory && x) {
        const Nanos at = originOf(timeline) + static_cast<Nanos>(std::floor(pixelToTime(scene.scale, *x + 0.5)));
        picked.text = describeMemory(timeline, *life, at);
    } else {
        picked.text = describeProcess(timeline, *life);
    }
    return picked.text.title.isEmpty() ? std::nullopt : std::optional(std::move(picked));
}

std::optional<Picked> pickAccess(const TimelineScene& scene, const Row& row, const QRect& lane, int x, double unit)
{
    const VariantPicture& variant = scene.variants[row.content.variant];
    const Timeline& timeline = variant.recording->timeline;
    const CounterInfo& counter = timeline.counters[row.content.track];
    const Nanos origin = originOf(timeline);
    const Nanos at = origin + std::llround(pixelToTime(scene.scale, x));
    auto found = std::lower_bound(counter.accesses.begin(), counter.accesses.end(), at,
        [](const CounterAccess& access, Nanos t) { return access.time < t; });
    if (found == counter.accesses.end()
        || (found != counter.accesses.begin() && at - (found - 1)->time < found->time - at)) {
        if (found == counter.accesses.begin()) {
            return std::nullopt;
        }
        --found;
    }
    const double pixel = timeToPixel(scene.scale, static_cast<double>(found->time - origin));
    if (std::abs(pixel - x) > 8 * unit) {
        return std::nullopt;
    }
    Picked picked;
    picked.text = describeAccess(variant, counter, static_cast<std::size_t>(found - counter.accesses.begin()));
    picked.outline = QRect(static_cast<int>(pixel), lane.top(), 1, lane.height());
    return picked;
}

const Row* rowUnder(const TimelineScene& scene, const QPoint& point)
{
    if (point.y() >= axisTop(scene) || point.y() < scene.origin.y()) {
        return nullptr;
    }
    const auto index = rowAt(*scene.layout, point.y() - scene.origin.y() + scene.scroll);
    return index ? &scene.layout->rows[*index] : nullptr;
}

} // namespace

std::optional<PickedFold> pickFold(const TimelineScene& scene, const QPoint& point)
{
    const Row* row = point.x() >= 0 && point.x() < scene.scale.left ? rowUnder(scene, point) : nullptr;
    if (row == nullptr || row->content.fold == Fold::None || !row->content.process) {
        return std::nullopt;
    }
    return PickedFold{{row->content.variant, *row->content.process}, row->content.fold == Fold::Unfolded};
}

std::optional<Picked> pick(const TimelineScene& scene, const QPoint& point, double unit)
{
    if (axisBreakTarget(scene).contains(point)) {
        return Picked{std::nullopt, describeAxisBreak(*scene.axisBreak), {}, false};
    }
    const Row* under = rowUnder(scene, point);
    if (under == nullptr || point.x() >= scene.scale.right) {
        return std::nullopt;
    }
    const Row& row = *under;
    if (point.x() < scene.scale.left) {
        return pickProcess(scene, row, std::nullopt);
    }
    if (row.content.kind == RowKind::Process || row.content.kind == RowKind::Memory) {
        return pickProcess(scene, row, point.x());
    }
    const QRect lane = laneRect(scene, row);
    if (const auto kind = trackRow(row.content.kind)) {
        return pickTrack(scene, row, lane, point.x(), unit, *kind);
    }
    if (row.content.kind == RowKind::Counter) {
        return pickAccess(scene, row, lane, point.x(), unit);
    }
    if (row.content.kind == RowKind::Note) {
        return Picked{std::nullopt, {row.content.label, {row.content.note}}, {}, false};
    }
    if (row.content.kind == RowKind::Cpu) {
        const VariantPicture& variant = scene.variants[row.content.variant];
        const Timeline& timeline = variant.recording->timeline;
        const Nanos origin = originOf(timeline);
        const int reach = std::max(1, static_cast<int>(kReach * unit));
        const TimeRange range{
            columnTime(scene.scale, origin, point.x() - reach), columnTime(scene.scale, origin, point.x() + reach + 1)};
        if (range.begin >= timeline.end || range.empty()) {
            return std::nullopt;
        }
        return Picked{std::nullopt, describeUsage(variant, range), {}, false};
    }
    return std::nullopt;
}

std::optional<Pointed> pointedAt(const TimelineScene& scene, const QPoint& point)
{
    const Row* row = point.x() >= 0 && point.x() < scene.scale.right ? rowUnder(scene, point) : nullptr;
    if (row == nullptr || row->content.kind == RowKind::Heading) {
        return std::nullopt;
    }
    Pointed pointed{row->content.variant, std::nullopt, std::nullopt};
    if (point.x() >= scene.scale.left) {
        pointed.moment = std::llround(pixelToTime(scene.scale, point.x()));
    }
    if (const auto kind = trackRow(row->content.kind)) {
        pointed.track = Pointed::Track{*kind, row->content.track};
    }
    return pointed;
}

QRect trackRect(const TimelineScene& scene, std::size_t variant, const Pointed::Track& track)
{
    for (const Row& row : scene.layout->rows) {
        if (row.content.variant == variant && trackRow(row.content.kind) == track.row
            && row.content.track == track.index) {
            return laneRect(scene, row);
        }
    }
    return {};
}

QRect sliceRect(const TimelineScene& scene, const SliceRef& ref)
{
    for (const Row& row : scene.layout->rows) {
        const auto kind = trackRow(row.content.kind);
        if (!kind || *kind != ref.row || row.content.variant != ref.variant || row.content.track != ref.track) {
            continue;
        }
        const Timeline& timeline = scene.variants[ref.variant].recording->timeline;
        const Nanos origin = originOf(timeline);
        const auto begin = static_cast<double>(ref.slice.begin - origin);
        const auto end = static_cast<double>((ref.slice.open ? timeline.end : ref.slice.end) - origin);
        if (end < scene.scale.begin || begin > scene.scale.end) {
            return {};
        }
        return clippedSpan(scene.scale, laneRect(scene, row), begin, end);
    }
    return {};
}

} // namespace timeslice
