// Whether a signal was sent to this process alone, or to its whole process group.
#pragma once

#include "core/base/unique_fd.h"

#include <csignal>
#include <cstdint>
#include <sys/types.h>

namespace timeslice {

/// A process that does nothing but be in our process group: what is sent to the group (`kill %1` in a shell,
/// timeout(1), a program that suspends its job) comes to it as well, what is sent to our process id does not; nothing
/// else tells the two apart. It has no name in common with us, so that `pkill timeslice` does not find it too. It ends
/// with us. For one thread.
class GroupWitness {
public:
    /// Forks; so make it while the process has one thread only. `watched` should be blocked already.
    explicit GroupWitness(const sigset_t& watched);
    ~GroupWitness();
    GroupWitness(const GroupWitness&) = delete;
    GroupWitness& operator=(const GroupWitness&) = delete;

    /// False: there was no process to be had.
    bool exists() const noexcept { return m_pid > 0; }
    /// Whether a `signal` that has come to us came to the witness too; each of its signals counts once. Linux goes
    /// through a group from its newest member on, so the witness has had its own by the time that we have ours.
    bool alsoGot(int signal);

private:
    [[noreturn]] static void beWitness(int socket, const sigset_t& watched, pid_t parent);

    pid_t m_pid = -1;
    UniqueFd m_socket;
    int m_asked = 0; ///< questions without an answer yet
    std::uint64_t m_got = 0; ///< bit N: signal N, and not yet asked for
};

} // namespace timeslice
