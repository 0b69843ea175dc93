#include "core/analysis/lock_moment.h"

#include <algorithm>

namespace timeslice {

namespace {

/// A killed thread runs on for a moment, in the kernel, to be taken apart; one that runs longer has given up waiting.
constexpr Nanos kDying = 50 * kMillisecond;

/// The slice at `t`; of a track that has ended before, its last. None before its beginning.
std::optional<std::size_t> sliceAt(const Track& track, Nanos t)
{
    if (track.empty() || t < track.begin()) {
        return std::nullopt;
    }
    const std::size_t index = track.indexAt(t);
    return index < track.size() ? index : track.size() - 1;
}

/// Whether `thread` takes the lock within [from, to], by a hold that begins no earlier than `since`.
bool takes(const Track& lock, std::uint32_t thread, Nanos since, Nanos from, Nanos to)
{
    for (std::size_t i = lock.firstEndingAfter(from); i < lock.size(); ++i) {
        const Slice slice = lock.slice(i);
        if (slice.begin > to) {
            break;
        }
        if (slice.begin >= since && slice.value.state() == SliceState::Running && slice.value.subject() == thread) {
            return true;
        }
    }
    return false;
}

bool standsInTurn(SliceState state)
{
    return state == SliceState::Running || state == SliceState::Runnable || state == SliceState::Absent;
}

/// The last standstill for a lock at or before slice `index`, with nothing but turns on a core since, until `t`.
std::optional<std::size_t> standstillBefore(const Track& track, std::size_t index, Nanos t)
{
    Nanos ran = 0;
    for (std::size_t i = index + 1; i-- > 0;) {
        const Slice slice = track.slice(i);
        if (slice.value.state() == SliceState::WaitingForLock) {
            return i;
        }
        ran += slice.value.state() == SliceState::Running ? std::min(slice.end, t) - slice.begin : 0;
        if (!standsInTurn(slice.value.state()) || ran > kDying) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<LockWait> waitAt(const Timeline& timeline, std::uint32_t thread, Nanos t)
{
    const Track& track = timeline.threads[thread].track;
    const auto here = sliceAt(track, t);
    const auto stood = here ? standstillBefore(track, *here, t) : std::nullopt;
    if (!stood) {
        return std::nullopt;
    }
    const Slice wait = track.slice(*stood);
    const std::uint32_t lock = wait.value.subject();
    if (lock >= timeline.locks.size()) {
        return std::nullopt;
    }
    const LockWait found{lock, wait.begin};
    if (*stood == *here) {
        return found; // a lock that it took ends its standstill
    }
    const Track& held = timeline.locks[lock].track;
    if (takes(held, thread, wait.begin, wait.end, t)) {
        return std::nullopt;
    }
    // It has looked at the lock, or is about to. What comes of it?
    for (std::size_t next = *here + 1; next < track.size(); ++next) {
        const Slice slice = track.slice(next);
        if (standsInTurn(slice.value.state())) {
            continue;
        }
        const bool again = slice.value.state() == SliceState::WaitingForLock && slice.value.subject() == lock;
        const bool waits = again || takes(held, thread, wait.begin, t, slice.begin);
        return waits ? std::optional(found) : std::nullopt;
    }
    return found; // the recording ends before it is known
}

std::optional<LockHold> holdAt(const LockInfo& lock, Nanos t)
{
    const auto here = sliceAt(lock.track, t);
    for (std::size_t i = here ? *here + 1 : 0; i-- > 0;) {
        const Slice slice = lock.track.slice(i);
        if (slice.value.state() == SliceState::Running) {
            return LockHold{slice.value.subject(), slice.begin};
        }
        if (slice.value.cause() != Cause::HolderKilled && slice.value.cause() != Cause::ReleasedAtExit) {
            break;
        }
    }
    return std::nullopt;
}

} // namespace timeslice
