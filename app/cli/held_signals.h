// The signals that are ours to act upon while a run lasts, or to pass on to the program that it runs.
#pragma once

#include "app/cli/group_witness.h"
#include "core/base/unique_fd.h"

#include <csignal>
#include <memory>
#include <optional>

namespace timeslice {

/// Signals blocked, and read by next() instead, from its construction to its end; make it before a run is started, so
/// that the run's threads inherit the mask. One at a time, on the main thread.
class HeldSignals {
public:
    enum class For : unsigned char {
        Run, ///< those that ask a run to end, save those that we were started to ignore (nohup)
        Program, ///< those that a program of the user's, which shares our terminal and process group, would get itself
                 ///< if it were run without us: job control's and the user-defined ones too
    };
    struct Signal {
        int number = 0;
        bool passOn = false; ///< it was sent to us alone; the program has not got it
    };

    explicit HeldSignals(For taker);
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    For taker() const noexcept { return m_taker; }
    /// Readable when there is one.
    int fd() const noexcept { return m_fd.get(); }
    /// The next that has come; nullopt: none.
    std::optional<Signal> next();

private:
    For m_taker;
    sigset_t m_before{};
    UniqueFd m_fd;
    std::unique_ptr<GroupWitness> m_witness; ///< of For::Program
};

/// Stops this process as Ctrl-Z would have done, had SIGTSTP not been held; returns when it is continued.
void suspend();

} // namespace timeslice
