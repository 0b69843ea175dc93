#include "core/trace/wake_ups.h"

#include "core/trace/waker.h"

namespace timeslice {

namespace {

constexpr std::size_t kSlicesForEach = 32; // that are looked at for a wake-up

} // namespace

std::vector<WakeUp> wakeUpsIn(const Timeline& timeline, TimeRange range, std::size_t most)
{
    std::vector<WakeUp> wakeUps;
    if (!timeline.wakeupsUntil || range.empty()) {
        return wakeUps;
    }
    std::size_t slices = 0;
    for (const ThreadInfo& thread : timeline.threads) {
        slices += thread.track.firstEndingAfter(range.end) - thread.track.firstEndingAfter(range.begin);
    }
    if (slices > most * kSlicesForEach) {
        return wakeUps;
    }
    for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
        const ThreadInfo& thread = timeline.threads[i];
        const Track& track = thread.track;
        for (std::size_t s = track.firstEndingAfter(range.begin); s < track.size() && !thread.auxiliary; ++s) {
            const Slice slice = track.slice(s);
            if (slice.begin >= range.end) {
                break;
            }
            const Waker waker = Waker::of(slice.value);
            if (waker.kind != Waker::Kind::Thread || waker.thread >= timeline.threads.size()
                || slice.begin < range.begin || timeline.threads[waker.thread].auxiliary) {
                continue;
            }
            if (wakeUps.size() == most) {
                return {};
            }
            wakeUps.push_back({slice.begin, waker.thread, static_cast<std::uint32_t>(i)});
        }
    }
    return wakeUps;
}

std::optional<Slice> wokenBefore(const Track& thread, std::size_t index)
{
    if (index >= thread.size()) {
        return std::nullopt;
    }
    const SliceState state = thread.value(index).state();
    if (state == SliceState::Running && index > 0) {
        --index; // what led to it
    } else if (state != SliceState::Runnable) {
        return std::nullopt;
    }
    const Slice ready = thread.slice(index);
    if (ready.value.state() != SliceState::Runnable || ready.value.cause() != Cause::Woken) {
        return std::nullopt;
    }
    return ready;
}

} // namespace timeslice
