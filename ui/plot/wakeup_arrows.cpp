#include "ui/plot/wakeup_arrows.h"

#include "core/trace/wake_ups.h"
#include "core/trace/waker.h"
#include "ui/plot/arrow.h"

#include <cmath>
#include <optional>

namespace timeslice {

namespace {

// In the picture.
constexpr double kThinShaft = 1.2;
constexpr double kThinHalo = 1;
constexpr double kSmallHeadEm = 0.42;
constexpr double kArrowInk = 0.8;

std::optional<WakeupArrow> placeWakeup(const TimelineScene& scene, std::size_t variant, const WakeUp& wakeUp)
{
    const Timeline& timeline = scene.variants[variant].recording->timeline;
    const std::optional<QRect> from = laneOf(scene, variant, wakeUp.from);
    const std::optional<QRect> to = laneOf(scene, variant, wakeUp.to);
    const double pixel = timeToPixel(scene.scale, static_cast<double>(wakeUp.time - originOf(timeline)));
    if (!from || !to || from->top() == to->top() || pixel < scene.scale.left || pixel > scene.scale.right) {
        return std::nullopt;
    }
    const int x = static_cast<int>(std::lround(pixel));
    const bool down = to->top() > from->top();
    return WakeupArrow{{x, from->center().y()}, {x, down ? to->top() : to->bottom() + 1}};
}

} // namespace

TimeRange sightOf(const TimeScale& scale, const Timeline& timeline)
{
    const Nanos origin = originOf(timeline);
    return {origin + static_cast<Nanos>(std::floor(scale.begin)), origin + static_cast<Nanos>(std::ceil(scale.end))};
}

std::vector<WakeupArrow> planWakeups(const TimelineScene& scene, std::size_t variant)
{
    std::vector<WakeupArrow> arrows;
    const VariantPicture& picture = scene.variants[variant];
    if (picture.recording == nullptr) {
        return arrows;
    }
    const Timeline& timeline = picture.recording->timeline;
    for (const WakeUp& wakeUp : wakeUpsIn(timeline, sightOf(scene.scale, timeline), kMostWakeupArrows)) {
        if (const auto arrow = placeWakeup(scene, variant, wakeUp)) {
            arrows.push_back(*arrow);
        }
    }
    return arrows;
}

std::vector<WakeupArrow> planWakeup(const TimelineScene& scene, const SliceRef& ref)
{
    if (ref.row != SliceRef::Row::Thread || ref.variant >= scene.variants.size()) {
        return {};
    }
    const Timeline& timeline = scene.variants[ref.variant].recording->timeline;
    if (ref.track >= timeline.threads.size()) {
        return {};
    }
    const Track& track = timeline.threads[ref.track].track;
    const std::optional<Slice> ready = wokenBefore(track, track.indexAt(ref.slice.begin));
    const Waker waker = ready ? Waker::of(ready->value) : Waker{};
    if (waker.kind != Waker::Kind::Thread || waker.thread >= timeline.threads.size()) {
        return {};
    }
    const auto arrow =
        placeWakeup(scene, ref.variant, {ready->begin, waker.thread, static_cast<std::uint32_t>(ref.track)});
    return arrow ? std::vector{*arrow} : std::vector<WakeupArrow>{};
}

ArrowStyle wakeupStyle(const Theme& theme)
{
    return {kThinShaft, kThinHalo, kSmallHeadEm, mix(theme.window, theme.text, kArrowInk)};
}

void paintWakeups(const Canvas& canvas, const TimelineScene& scene)
{
    const ArrowStyle style = wakeupStyle(*canvas.theme);
    for (std::size_t variant = 0; variant < scene.variants.size(); ++variant) {
        for (const WakeupArrow& arrow : planWakeups(scene, variant)) {
            paintArrow(canvas, arrow.from, arrow.to, style);
        }
    }
}

QRect paintPickedWakeups(const Canvas& canvas, const std::vector<WakeupArrow>& arrows)
{
    ArrowStyle style;
    style.color = canvas.theme->text;
    QRect covered;
    for (const WakeupArrow& arrow : arrows) {
        paintArrow(canvas, arrow.from, arrow.to, style);
        covered |= QRect(arrow.from, arrow.to).normalized();
    }
    return covered;
}

} // namespace timeslice
