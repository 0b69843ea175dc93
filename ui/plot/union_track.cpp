#include "ui/plot/union_track.h"

#include <algorithm>
#include <array>
#include <vector>

namespace timeslice {

namespace {

SliceState joined(const std::array<int, kSliceStates>& threadsIn)
{
    for (const SliceState state :
        {SliceState::Running, SliceState::Runnable, SliceState::WaitingForLock, SliceState::Blocked}) {
        if (threadsIn[static_cast<std::size_t>(state)] > 0) {
            return state;
        }
    }
    return threadsIn[static_cast<std::size_t>(SliceState::OffCore)] > 0 ? SliceState::OffCore : SliceState::Absent;
}

void append(Track& track, Nanos begin, SliceState state)
{
    const bool same = !track.empty() && track.value(track.size() - 1).state() == state;
    if (!same) {
        track.append(begin, SliceValue(state, Cause::Unknown, 0, static_cast<std::uint8_t>(state)));
    }
}

struct Step {
    Nanos time = 0;
    SliceState left = SliceState::Absent;
    SliceState entered = SliceState::Absent;
};

Track exact(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range)
{
    std::vector<Step> steps;
    for (const std::uint32_t thread : threads) {
        const Track& track = timeline.threads[thread].track;
        SliceState before = SliceState::Absent;
        for (std::size_t i = track.firstEndingAfter(range.begin); i < track.size(); ++i) {
            const Slice slice = track.slice(i);
            if (slice.begin >= range.end) {
                break;
            }
            steps.push_back({std::max(slice.begin, range.begin), before, slice.value.state()});
            before = slice.value.state();
        }
        steps.push_back({std::clamp(track.end(), range.begin, range.end), before, SliceState::Absent});
    }
    std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.time < b.time; });
    std::array<int, kSliceStates> threadsIn{};
    threadsIn[0] = static_cast<int>(threads.size());
    Track joint;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        --threadsIn[static_cast<std::size_t>(steps[i].left)];
        ++threadsIn[static_cast<std::size_t>(steps[i].entered)];
        if (i + 1 == steps.size() || steps[i + 1].time != steps[i].time) {
            append(joint, steps[i].time, joined(threadsIn));
        }
    }
    return joint;
}

Track sampled(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range, Nanos step)
{
    Track joint;
    for (Nanos at = range.begin; at < range.end; at += std::max(step, Nanos{1})) {
        std::array<int, kSliceStates> threadsIn{};
        for (const std::uint32_t thread : threads) {
            const Track& track = timeline.threads[thread].track;
            const std::size_t index = track.indexAt(at);
            ++threadsIn[index < track.size() ? static_cast<std::size_t>(track.value(index).state()) : 0];
        }
        append(joint, at, joined(threadsIn));
    }
    return joint;
}

} // namespace

Track unionTrack(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range, Nanos step)
{
    Nanos begin = range.end;
    Nanos end = range.begin;
    std::size_t slices = 0;
    for (const std::uint32_t thread : threads) {
        const Track& track = timeline.threads[thread].track;
        if (!track.empty()) {
            begin = std::min(begin, track.begin());
            end = std::max(end, track.end());
            slices += track.firstEndingAfter(range.end) - track.firstEndingAfter(range.begin);
        }
    }
    const TimeRange known{std::max(begin, range.begin), std::min(end, range.end)};
    if (known.empty()) {
        return {};
    }
    Track joint =
        slices <= kMostUnionSlices ? exact(timeline, threads, known) : sampled(timeline, threads, known, step);
    joint.extendTo(known.end);
    joint.close();
    return joint;
}

} // namespace timeslice
