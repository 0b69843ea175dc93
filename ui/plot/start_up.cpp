#include "ui/plot/start_up.h"

#include "ui/plot/timeline_geometry.h"

#include <algorithm>

namespace timeslice {

namespace {

constexpr double kAirBefore = 0.02; // before the first thread, of what is shown

bool isPython(const Timeline& timeline)
{
    return !timeline.gilNote.empty()
        || std::any_of(timeline.locks.begin(), timeline.locks.end(),
            [](const LockInfo& lock) { return lock.kind == ObjectKind::Gil; });
}

/// When a program that was alone with its first thread no longer was.
std::optional<Nanos> secondThread(const Timeline& timeline)
{
    std::optional<Nanos> first;
    for (std::size_t i = 1; i < timeline.threads.size(); ++i) {
        first = std::min(first.value_or(timeline.threads[i].born), timeline.threads[i].born);
    }
    return first;
}

/// Of one variant.
std::optional<StartUp> startUpOf(const VariantPicture& variant)
{
    const Timeline& timeline = variant.recording->timeline;
    const Nanos origin = originOf(timeline);
    if (timeline.workBegin) {
        return StartUp{timeline.begin - origin, 0};
    }
    const std::optional<Nanos> second = isPython(timeline) ? secondThread(timeline) : std::nullopt;
    if (!second || *second - origin > kLongestStartUp) {
        return std::nullopt;
    }
    const auto air = static_cast<Nanos>(kAirBefore * static_cast<double>(timeline.end - *second));
    return StartUp{0, std::max<Nanos>(0, *second - origin - air)};
}

} // namespace

std::optional<StartUp> startUpOf(std::span<const VariantPicture> variants)
{
    std::optional<StartUp> all;
    for (const VariantPicture& variant : variants) {
        if (variant.recording == nullptr || variant.recording->timeline.threads.empty()) {
            continue;
        }
        const std::optional<StartUp> own = startUpOf(variant);
        if (!own || !variant.recording->timeline.finished) {
            return std::nullopt;
        }
        all = all ? StartUp{std::min(all->begin, own->begin), std::min(all->end, own->end)} : own;
    }
    const Nanos whole = all ? fullLength(variants) - all->begin : 0;
    const bool much = all && static_cast<double>(all->length()) > kLeastFolded * static_cast<double>(whole);
    return much ? all : std::nullopt;
}

} // namespace timeslice
