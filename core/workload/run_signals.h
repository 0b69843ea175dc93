// The signals that a run looks after: SIGTERM (end soon), SIGCHLD (a process of it died), and the wake-up signal.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"

#include <csignal>

namespace timeslice {

/// The signal that interrupts a task's system call when the run is to stop; its handler does nothing.
inline int wakeSignal() noexcept
{
    return SIGRTMIN;
}

/// Gives the signals back to what was before when destroyed. For the coordinating thread; threads started meanwhile
/// inherit its mask, so that they never see SIGTERM or SIGCHLD themselves.
class RunSignals {
public:
    RunSignals() noexcept = default;
    ~RunSignals();
    RunSignals(const RunSignals&) = delete;
    RunSignals& operator=(const RunSignals&) = delete;

    /// Errors: the system's.
    Result<void> take();
    /// In a forked child: SIGTERM ends it as it ends any process; the wake-up signal stays.
    void giveBackInChild() noexcept;

    int fd() const noexcept { return m_fd.get(); } ///< readable when one of them has come
    /// Takes what has come; true if SIGTERM was among it.
    bool drain() noexcept;

private:
    UniqueFd m_fd;
    bool m_taken = false;
    sigset_t m_maskBefore{};
    struct sigaction m_wakeBefore { };
};

} // namespace timeslice
