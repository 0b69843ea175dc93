// StartTimer: lets a task through that begins later than the work.
//
// The coordinator sets it when it opens the gate, and until then and from then on the task sleeps, without a moment on
// a core in between. If the task were let through the gate to sleep by itself it would need a core for that: beside a
// real-time thread that has the only one it would not come later at all, but stand there ready from the beginning.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/base/unique_fd.h"

#include <atomic>
#include <utility>

namespace timeslice {

/// For threads and forked processes alike. The kernel takes it without a thread's timer slack (timerfd_create(2)).
class StartTimer {
public:
    /// Errors: the system's.
    static Result<StartTimer> create(Nanos delay);

    Nanos delay() const noexcept { return m_delay; }
    /// The work begins now, at `begin`. For the coordinator.
    void set(Nanos begin) const noexcept;
    /// The run is to end: nobody sleeps on. For the coordinator.
    void goOff() const noexcept { set(1 - m_delay); }
    /// Returns when the time has come, at once after it, or at a signal once `stop` is set. For the task.
    void wait(const std::atomic<bool>& stop) const noexcept;

private:
    StartTimer(UniqueFd fd, Nanos delay) noexcept
        : m_fd(std::move(fd))
        , m_delay(delay)
    {
    }

    UniqueFd m_fd;
    Nanos m_delay;
};

} // namespace timeslice
