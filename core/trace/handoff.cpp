#include "core/trace/handoff.h"

#include <algorithm>

namespace timeslice {

namespace {

bool isHold(const Track& track, std::size_t slice)
{
    return slice < track.size() && track.value(slice).state() == SliceState::Running;
}

std::optional<ReleaseReason> recordedReason(Cause cause)
{
    switch (cause) {
    case Cause::ReleasedVoluntarily:
        return ReleaseReason::Voluntary;
    case Cause::ReleasedAfterTimeout:
        return ReleaseReason::Timeout;
    case Cause::ReleasedAtExit:
        return ReleaseReason::Exit;
    case Cause::HolderKilled:
    case Cause::Exec:
        return ReleaseReason::Killed;
    default:
        return std::nullopt;
    }
}

/// Whether the thread, having let go of the lock where its slice `freed` begins, went straight to its end.
bool wasLeaving(const Timeline& timeline, std::uint32_t thread, const Track& lock, std::size_t freed)
{
    const ThreadInfo& info = timeline.threads[thread];
    const Nanos released = lock.slice(freed).begin;
    if (info.exited == 0 || info.exited < released) {
        return false;
    }
    if (timeline.source == Source::Measured) { // else neither the states nor the end are known that closely
        const Shares did = info.track.shares({released, info.exited});
        const Nanos ran = did[static_cast<std::size_t>(SliceState::Running)];
        const Nanos waitedForCore = did[static_cast<std::size_t>(SliceState::Runnable)];
        // What is left is standing still, and what nobody recorded.
        if (ran >= kLeavingWork || info.exited - released - ran - waitedForCore >= kLeavingStandstill) {
            return false;
        }
    }
    for (std::size_t i = freed + 1; i < lock.size() && lock.slice(i).begin <= info.exited; ++i) {
        if (isHold(lock, i) && lock.value(i).subject() == thread) {
            return false;
        }
    }
    return true;
}

std::optional<std::size_t> nextHold(const Track& track, std::size_t after)
{
    for (std::size_t i = after + 1; i < track.size(); ++i) {
        if (isHold(track, i)) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> holdBefore(const Track& track, std::size_t slice)
{
    for (std::size_t i = slice; i-- > 0;) {
        if (isHold(track, i)) {
            return i;
        }
    }
    return std::nullopt;
}

/// The change of hands between two holds that follow one another, a thread's with itself included.
Handoff between(const Timeline& timeline, std::uint32_t lock, std::size_t hold, std::size_t next)
{
    const Track& track = timeline.locks[lock].track;
    Handoff handoff;
    handoff.released = track.slice(hold).end;
    handoff.acquired = track.slice(next).begin;
    handoff.from = track.value(hold).subject();
    handoff.to = track.value(next).subject();
    handoff.reason = releaseReason(timeline, lock, hold);
    return handoff;
}

} // namespace

std::optional<ReleaseReason> releaseReason(const Timeline& timeline, std::uint32_t lock, std::size_t hold)
{
    if (lock >= timeline.locks.size()) {
        return std::nullopt;
    }
    const LockInfo& info = timeline.locks[lock];
    if (!isHold(info.track, hold) || hold + 1 >= info.track.size() || isHold(info.track, hold + 1)) {
        return std::nullopt;
    }
    const auto recorded = recordedReason(info.track.value(hold + 1).cause());
    if (recorded == ReleaseReason::Voluntary && info.kind == ObjectKind::Gil
        && wasLeaving(timeline, info.track.value(hold).subject(), info.track, hold + 1)) {
        return ReleaseReason::Exit;
    }
    return recorded;
}

Cause toldCause(const Timeline& timeline, std::uint32_t lock, std::size_t slice)
{
    if (lock >= timeline.locks.size() || slice >= timeline.locks[lock].track.size()) {
        return Cause::Unknown;
    }
    const Track& track = timeline.locks[lock].track;
    const bool released = !isHold(track, slice) && slice > 0 && isHold(track, slice - 1);
    return released && releaseReason(timeline, lock, slice - 1) == ReleaseReason::Exit ? Cause::ReleasedAtExit
                                                                                       : track.value(slice).cause();
}

std::optional<Handoff> handoffAfter(const Timeline& timeline, std::uint32_t lock, std::size_t slice)
{
    if (lock >= timeline.locks.size() || slice >= timeline.locks[lock].track.size()) {
        return std::nullopt;
    }
    const Track& track = timeline.locks[lock].track;
    const auto hold = isHold(track, slice) ? std::optional<std::size_t>(slice) : holdBefore(track, slice);
    const auto next = hold ? nextHold(track, *hold) : std::nullopt;
    if (!next || track.value(*hold).subject() == track.value(*next).subject()) {
        return std::nullopt;
    }
    return between(timeline, lock, *hold, *next);
}

std::optional<Handoff> handoffBefore(const Timeline& timeline, std::uint32_t lock, std::size_t slice)
{
    if (lock >= timeline.locks.size() || !isHold(timeline.locks[lock].track, slice)) {
        return std::nullopt;
    }
    const auto before = holdBefore(timeline.locks[lock].track, slice);
    return before ? handoffAfter(timeline, lock, *before) : std::nullopt;
}

std::vector<Handoff> handoffsIn(const Timeline& timeline, std::uint32_t lock, TimeRange range, std::size_t most)
{
    std::vector<Handoff> handoffs;
    if (lock >= timeline.locks.size()) {
        return handoffs;
    }
    const Track& track = timeline.locks[lock].track;
    const std::size_t first = track.firstEndingAfter(range.begin);
    auto hold = holdBefore(track, first); // its hand-off may end where the range begins
    if (!hold) {
        hold = isHold(track, first) ? std::optional<std::size_t>(first) : nextHold(track, first);
    }
    while (hold && handoffs.size() < most && track.slice(*hold).end < range.end) {
        const auto next = nextHold(track, *hold);
        if (!next) {
            break;
        }
        const bool changedHands = track.value(*hold).subject() != track.value(*next).subject();
        if (changedHands && track.slice(*next).begin >= range.begin) {
            handoffs.push_back(between(timeline, lock, *hold, *next));
        }
        hold = next;
    }
    return handoffs;
}

std::string_view reasonText(std::optional<ReleaseReason> reason) noexcept
{
    if (!reason) {
        return "";
    }
    switch (*reason) {
    case ReleaseReason::Voluntary:
        return "given up freely";
    case ReleaseReason::Timeout:
        return "asked for after the switch interval";
    case ReleaseReason::Exit:
        return "its thread ended";
    case ReleaseReason::Killed:
        return "its holder was killed";
    }
    return "";
}

} // namespace timeslice
