// The functions that stand in front of wait(2) in its five forms: how a process ended is known to nobody but who waits
// for it.
//
// As interpose.cpp: each calls the real function exactly once, and leaves errno alone. A wait that ends because a child
// stopped or went on is none of our business, nor is one that leaves the child to be waited for again (WNOWAIT). What
// the C library waits for itself (pclose()) is not seen.
#include "core/probe/own_ids.h"
#include "core/probe/real_functions.h"
#include "core/probe/thread_record.h"

#include <unistd.h>

using namespace timeslice;
using namespace timeslice::probe;

namespace {

// May run in a signal handler, as SIGCHLD's does in many a program.
void noteReaped(Reaping reaping) noexcept
{
    ThreadRecord& thread = t_thread;
    if (thread.busy || !reaping.isEnd()) {
        return;
    }
    const int savedErrno = errno;
    AtWork atWork{thread};
    const Nanos now = monotonicNow();
    const bool sameNumbers = ownPid() == getpid(); // else the child's would be those of another process
    if (sameNumbers && readyToReport(thread)) {
        thread.ring.record(now, EventKind::ProcessReaped, 0, reaping.bits());
    }
    errno = savedErrno;
}

/// As wait(2) puts it.
int statusOf(const siginfo_t& info) noexcept
{
    constexpr int kStopped = 0x7F; // neither is an end
    constexpr int kCoreFlag = 0x80;
    switch (info.si_code) {
    case CLD_EXITED:
        return (info.si_status & 0xFF) << 8;
    case CLD_KILLED:
        return info.si_status;
    case CLD_DUMPED:
        return info.si_status | kCoreFlag;
    default:
        return kStopped;
    }
}

#define TIMESLICE_EXPORT extern "C" [[gnu::visibility("default")]]

} // namespace

TIMESLICE_EXPORT pid_t waitpid(pid_t pid, int* status, int options)
{
    int unasked = 0;
    int* const told = status != nullptr ? status : &unasked;
    const pid_t ended = g_real.waitPid(pid, told, options);
    if (ended > 0) {
        noteReaped({ended, *told});
    }
    return ended;
}

TIMESLICE_EXPORT pid_t wait(int* status)
{
    return waitpid(-1, status, 0);
}

TIMESLICE_EXPORT pid_t wait4(pid_t pid, int* status, int options, rusage* usage)
{
    int unasked = 0;
    int* const told = status != nullptr ? status : &unasked;
    const pid_t ended = g_real.wait4(pid, told, options, usage);
    if (ended > 0) {
        noteReaped({ended, *told});
    }
    return ended;
}

TIMESLICE_EXPORT pid_t wait3(int* status, int options, rusage* usage)
{
    return wait4(-1, status, options, usage);
}

TIMESLICE_EXPORT int waitid(idtype_t type, id_t id, siginfo_t* info, int options)
{
    siginfo_t unasked{};
    siginfo_t* const told = info != nullptr ? info : &unasked;
    const int result = g_real.waitId(type, id, told, options);
    if (result == 0 && told->si_signo == SIGCHLD && (options & WNOWAIT) == 0) {
        noteReaped({told->si_pid, statusOf(*told)});
    }
    return result;
}
