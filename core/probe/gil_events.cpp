#include "core/probe/gil_events.h"

namespace timeslice::probe {

namespace {

void record(ThreadRecord& thread, EventKind kind, TracedGil& gil, Nanos time, std::uint64_t value = 0) noexcept
{
    if (readyToRecord(thread) && ensureObject(gil)) [[likely]] {
        thread.ring.record(time, kind, gil.object, value);
    }
}

bool isWaitingFor(const ThreadRecord& thread, const TracedGil& gil) noexcept
{
    return thread.waitingFor == &gil && thread.waitingGeneration == gil.generation.load(std::memory_order_relaxed);
}

} // namespace

void gilRecognized(ThreadRecord& thread, GilParts parts) noexcept
{
    noticeFork();
    beOfThisProcess(thread);
    nameIfNameless(thread);
    if (TracedGil* gil = addGil(parts, serialOf(thread))) {
        record(thread, EventKind::LockAcquire, *gil, parts.taken);
    }
}

void gilGone(ThreadRecord& thread, TracedGil& gil, Gone how) noexcept
{
    noticeFork();
    beOfThisProcess(thread);
    if (how == Gone::Destroyed) {
        gil.inherited = false; // another that is made here later is another
    }
    if (thread.inherited == &gil) {
        thread.inherited = nullptr; // made anew before anything was done with it
    } else if (thread.serial != 0 && gil.holder == thread.serial) {
        // Destroyed in the hands of its holder, at the end of its interpreter.
        record(
            thread, EventKind::LockRelease, gil, monotonicNow(), static_cast<std::uint64_t>(ReleaseReason::Voluntary));
    }
    removeGil(gil);
}

void recordInherited(ThreadRecord& thread) noexcept
{
    TracedGil* gil = thread.inherited;
    thread.inherited = nullptr;
    if (gil != nullptr && ensureObject(*gil)) {
        thread.ring.record(thread.inheritedAt, EventKind::LockAcquire, gil->object, 0);
    }
}

void gilTaken(ThreadRecord& thread, TracedGil& gil) noexcept
{
    beOfThisProcess(thread);
    const std::uint64_t self = serialOf(thread);
    if (gil.holder == self) {
        return;
    }
    gil.holder = self;
    if (gil.lastHolder != self) {
        gil.lastHolder = self;
        ++gil.switches;
    }
    gil.dropRequested = false;
    thread.waitingFor = nullptr;
    thread.intervalOver = 0;
    record(thread, EventKind::LockAcquire, gil, monotonicNow());
}

void gilDropped(ThreadRecord& thread, TracedGil& gil) noexcept
{
    beOfThisProcess(thread);
    // Who signals without holding it has waited for a GIL that a free-threaded build has switched off meanwhile, and
    // passes the news on.
    if (thread.serial == 0 || gil.holder != thread.serial) {
        return;
    }
    gil.holder = 0;
    const ReleaseReason reason = gil.dropRequested ? ReleaseReason::Timeout : ReleaseReason::Voluntary;
    record(thread, EventKind::LockRelease, gil, monotonicNow(), static_cast<std::uint64_t>(reason));
}

void forcedWaitBegins(ThreadRecord& thread, TracedGil& gil) noexcept
{
    beOfThisProcess(thread);
    record(thread, EventKind::LockForcedWait, gil, monotonicNow());
}

IntervalWait intervalWaitBegins(ThreadRecord& thread, TracedGil& gil) noexcept
{
    beOfThisProcess(thread);
    const std::uint64_t generation = gil.generation.load(std::memory_order_relaxed);
    if (!isWaitingFor(thread, gil)) {
        thread.waitingFor = &gil;
        thread.waitingGeneration = generation;
        record(thread, EventKind::LockRequest, gil, monotonicNow());
    } else if (thread.intervalOver != 0) {
        // The mutex was held since the interval ran out, so the holder could not let go in between.
        gil.dropRequested = true;
        record(thread, EventKind::LockDropRequest, gil, thread.intervalOver);
    } else if (thread.signalled) {
        // Stamped as it goes back to wait, for who takes the GIL after its wait is asked for no time that way.
        record(thread, EventKind::LockFalseAlarm, gil, monotonicNow());
    }
    thread.intervalOver = 0;
    thread.signalled = false;
    return {generation, gil.switches};
}

void intervalWaitTimedOut(ThreadRecord& thread, const TracedGil& gil, const IntervalWait& wait) noexcept
{
    if (gil.generation.load(std::memory_order_relaxed) == wait.generation && gil.holder != 0
        && gil.switches == wait.switches) {
        thread.intervalOver = monotonicNow();
    }
}

void giveUpWaiting(ThreadRecord& thread) noexcept
{
    beOfThisProcess(thread);
    TracedGil* gil = thread.waitingFor;
    if (gil == nullptr) {
        return;
    }
    const bool still = isWaitingFor(thread, *gil);
    thread.waitingFor = nullptr;
    thread.intervalOver = 0;
    if (still) {
        record(thread, EventKind::LockAbandon, *gil, monotonicNow());
    }
}

} // namespace timeslice::probe
