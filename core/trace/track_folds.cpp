#include "core/trace/track_folds.h"

#include <algorithm>

namespace timeslice {

namespace {

SliceValue threadValue(SliceState state, Cause cause, std::uint32_t subject) noexcept
{
    return {state, cause, subject, static_cast<std::uint8_t>(state)};
}

} // namespace

void CoreState::apply(const Step& step) noexcept
{
    if (step.kind == EventKind::SwitchIn) {
        if (step.subject != current) {
            beneath = step.detail == kMayOverlap ? current : kNobody;
        }
        current = step.subject;
        cause = Cause::SwitchedIn;
        return;
    }
    if (step.subject == beneath) {
        beneath = kNobody;
    }
    if (step.subject != current) {
        return; // somebody else's end; whoever is shown came later
    }
    current = beneath;
    beneath = kNobody;
    if (current != kNobody) {
        cause = Cause::SwitchedIn;
    } else if (step.kind == EventKind::ThreadExit) {
        cause = Cause::Exited;
    } else if (step.detail == kSuperseded) {
        cause = Cause::Unknown;
    } else {
        cause =
            step.detail == static_cast<std::uint32_t>(SwitchOutReason::Preempted) ? Cause::Preempted : Cause::Blocked;
    }
}

SliceValue CoreState::value(std::uint8_t colorSlot) const noexcept
{
    return current == kNobody ? SliceValue(SliceState::Absent, cause, 0, 0)
                              : SliceValue(SliceState::Running, cause, current, colorSlot);
}

void ThreadState::apply(const Step& step) noexcept
{
    if (exited) {
        return;
    }
    switch (step.kind) {
    case EventKind::ThreadBorn:
        if (!placed) {
            // A new thread is put on a run queue at once (wake_up_new_task).
            placed = true;
            runnable = true;
            cause = Cause::Born;
        }
        break;
    case EventKind::ThreadExit:
        exited = true;
        cause = Cause::Exited;
        break;
    case EventKind::SwitchIn:
        if (!runnable || cause != Cause::Preempted) {
            forcedLock = kNobody; // it stood still for it; one that was preempted has yet to
        }
        placed = true;
        cpu = step.cpu;
        runnable = false;
        waker = 0;
        cause = Cause::SwitchedIn;
        break;
    case EventKind::SwitchOut:
        if (step.detail == kSuperseded) {
            if (cpu != step.cpu) {
                break; // it had left that core: the record came late
            }
            runnable = false;
            cause = Cause::Unknown;
        } else {
            runnable = step.detail == static_cast<std::uint32_t>(SwitchOutReason::Preempted);
            cause = runnable ? Cause::Preempted : awaited() != kNobody ? Cause::Requested : Cause::Blocked;
        }
        placed = true;
        cpu = kNoCpu;
        break;
    case EventKind::Wakeup:
        // One that runs was woken on its way to sleep, and never slept.
        if (!onCpu() && !runnable) {
            placed = true;
            runnable = true;
            waker = step.detail;
            cause = Cause::Woken;
        }
        break;
    case EventKind::WaitUntil:
        if (placed && !onCpu() && !runnable && awaited() == kNobody) {
            runnable = true;
            waker = step.detail;
            cause = Cause::Woken;
        }
        break;
    case EventKind::LockRequest:
        (step.detail == kForGil ? gil : lock) = step.subject;
        if (!onCpu() && !runnable) {
            cause = Cause::Requested;
        }
        break;
    case EventKind::LockAcquire:
    case EventKind::LockAbandon:
        if (lock == step.subject || gil == step.subject) {
            (gil == step.subject ? gil : lock) = kNobody;
            if (!onCpu() && !runnable) {
                cause = step.kind == EventKind::LockAcquire ? Cause::Acquired : Cause::Unknown;
            }
        }
        break;
    case EventKind::LockForcedWait:
        if (onCpu()) {
            // It ends when another thread takes the lock, which is no event of this thread: so until it runs again.
            forcedLock = step.subject;
        }
        break;
    case EventKind::ProcessExec:
        lock = kNobody;
        gil = kNobody;
        forcedLock = kNobody;
        wait = 0;
        if (!onCpu() && !runnable) {
            cause = Cause::Exec;
        }
        break;
    case EventKind::WaitBegin:
        wait = static_cast<std::uint8_t>(step.detail);
        break;
    case EventKind::WaitEnd:
        wait = 0;
        break;
    default:
        break;
    }
}

SliceValue ThreadState::value(std::uint32_t core) const noexcept
{
    if (exited) {
        return threadValue(SliceState::Absent, cause, 0);
    }
    if (onCpu()) {
        return threadValue(SliceState::Running, cause, core);
    }
    if (runnable || wait == static_cast<std::uint8_t>(WaitKind::Gate)) {
        return threadValue(SliceState::Runnable, cause, waker);
    }
    if (awaited() != kNobody) {
        return threadValue(SliceState::WaitingForLock, cause, awaited());
    }
    if (placed || wait != 0) {
        return threadValue(SliceState::Blocked, cause, wait);
    }
    return threadValue(SliceState::Absent, cause, 0);
}

bool LockState::remove(std::uint32_t thread) noexcept
{
    const auto end = holders.begin() + named;
    const auto found = std::find(holders.begin(), end, thread);
    if (found == end) {
        return false;
    }
    std::copy(found + 1, end, found);
    --named;
    return true;
}

void LockState::apply(const Step& step) noexcept
{
    switch (step.kind) {
    case EventKind::LockAcquire: {
        const auto end = holders.begin() + named;
        if (std::find(holders.begin(), end, step.subject) != end) {
            return; // its release was lost
        }
        if (named < kNamedHolders) {
            holders[named++] = step.subject;
            cause = Cause::Acquired;
        } else {
            ++unnamed;
        }
        mostHolders = std::max(mostHolders, named + unnamed);
        return;
    }
    case EventKind::LockRelease:
        // Python's Lock may be let go by another thread than the one that took it, as a signal. Or an acquisition was
        // lost.
        if (remove(step.subject) || (named == 1 && unnamed == 0 && remove(holders[0]))) {
            switch (static_cast<ReleaseReason>(step.detail)) {
            case ReleaseReason::Timeout:
                cause = Cause::ReleasedAfterTimeout;
                break;
            case ReleaseReason::Exit:
                cause = Cause::ReleasedAtExit;
                break;
            case ReleaseReason::Killed:
                cause = Cause::HolderKilled;
                break;
            default:
                cause = Cause::ReleasedVoluntarily;
                break;
            }
        } else if (unnamed > 0) {
            --unnamed;
        }
        return;
    case EventKind::ThreadExit:
        if (remove(step.subject)) {
            cause = Cause::HolderKilled;
        }
        return;
    case EventKind::ProcessExec:
        if (remove(step.subject)) {
            cause = Cause::Exec;
        }
        return;
    default:
        return;
    }
}

SliceValue LockState::value(std::uint8_t colorSlot) const noexcept
{
    return named == 0 ? SliceValue(SliceState::Absent, cause, 0, 0)
                      : SliceValue(SliceState::Running, cause, shown(), colorSlot);
}

} // namespace timeslice
