// DueWaits: threads that wait for a moment which is known beforehand, and are ready to run from then on.
//
// Where the kernel tells of wake-ups, it tells when a thread is ready, and nothing of this is used. Elsewhere a sleeper
// has told its deadline (EventKind::WaitUntil), or a gate was opened for it (WorkStart::Gate, EventKind::StartDelay):
//
//         deadline told       deadline              on a core
//   runs | blocked ............ | ready ................ | runs
//
// A deadline is no wake-up yet. The kernel may take an ordinary thread's timer 50 µs late (prctl(2),
// PR_SET_TIMERSLACK), the interrupt has to make its way, and a core that idles has to wake up itself, in a virtual
// machine within some tenths of a millisecond. In all of that nobody waits for a core. So one that came late
//
//   by less than kTimersOwn   was asleep until then: nobody can tell the timer's part from the core's;
//   by less than kIdleCores   was ready if a thread of the run was meanwhile on the core that it came to, else asleep:
//                             another program that was there so briefly is taken for an idle core;
//   by more                   was ready: no idle core takes so long. Another thread or program had it, or the host of
//                             this virtual machine.
//
// One that was ready is drawn so from the deadline on, which is too early by less than kTimersOwn. While a run is live
// a thread becomes ready in the picture once it is late by kIdleCores, so that what is drawn is not taken back.
#pragma once

#include "core/trace/track_folds.h"
#include "core/trace/waker.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace timeslice {

/// Not thread-safe: part of TrackSteps.
class DueWaits {
public:
    static constexpr Nanos kTimersOwn = 100 * kMicrosecond;
    static constexpr Nanos kIdleCores = kMillisecond;

    /// The thread will be ready at `due`, unless its wait ends before, or another moment is told; `by`: who wakes it.
    void expect(std::uint32_t thread, Nanos due, Waker by);
    /// Whether the kernel tells of wake-ups now: moments that come to pass meanwhile are forgotten.
    void setKernelTells(bool tells) noexcept { m_kernelTells = tells; }

    /// `next` is about to be applied to the thread: the step that comes before it because a moment has passed, if any.
    /// `ownRan(begin, end)`: whether a thread of the run was on the core of `next` in between.
    template <class OwnRan> std::optional<Step> before(std::uint32_t thread, const Step& next, OwnRan ownRan);
    /// Nothing more has happened to the thread until `time`: the same.
    std::optional<Step> until(std::uint32_t thread, Nanos time);

private:
    struct Due {
        Nanos time = kNever;
        std::uint32_t waker = 0; ///< Waker::subject()
    };
    static constexpr Nanos kNever = INT64_MAX;

    static Step stepAt(const Due& due) noexcept { return {due.time, kNobody, due.waker, EventKind::WaitUntil, kNoCpu}; }

    std::vector<Due> m_due; ///< by thread
    bool m_kernelTells = false;
};

template <class OwnRan> std::optional<Step> DueWaits::before(std::uint32_t thread, const Step& next, OwnRan ownRan)
{
    if (thread >= m_due.size() || m_due[thread].time == kNever) {
        return std::nullopt;
    }
    const Due due = m_due[thread];
    if (next.time < due.time) {
        const bool ended = next.kind == EventKind::WaitEnd || next.kind == EventKind::WaitBegin
            || next.kind == EventKind::ThreadExit || next.kind == EventKind::ProcessExec;
        if (ended) { // one that merely runs was interrupted by a signal, and sleeps on
            m_due[thread] = {};
        }
        return std::nullopt;
    }
    m_due[thread] = {};
    const Nanos late = next.time - due.time;
    if (m_kernelTells || next.kind == EventKind::Wakeup || late < kTimersOwn) {
        return std::nullopt;
    }
    const bool waited = late >= kIdleCores || (next.kind == EventKind::SwitchIn && ownRan(due.time, next.time));
    return waited ? std::optional(stepAt(due)) : std::nullopt;
}

} // namespace timeslice
