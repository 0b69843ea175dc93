// What the recording calls this process and its threads.
//
// The kernel's records, with which ours are put together, have the numbers of the PID namespace in which Timeslice
// runs. A program in a namespace of its own (a container, `unshare --pid`) is told others by getpid() and gettid(),
// which may well be those of other processes of the run.
#pragma once

#include "core/base/ids.h"

#include <cstdint>

namespace timeslice::probe {

struct OwnIds {
    Pid pid = 0;
    Tid tid = 0; ///< of the calling thread
    std::uint64_t pidNamespace = 0; ///< whose numbers these are, as ownPidNamespace() gives it; 0 = not known
};

/// In the recording's namespace if that can be found out. If it cannot, they are numbers that no process has (above
/// Linux's 2^22), so that nobody is taken for another. Where the two namespaces are the same, as nearly always, it
/// costs two system calls; elsewhere /proc or the recording is asked. Any thread; keeps errno.
OwnIds ownIds() noexcept;
/// ownIds().pid; found out once.
Pid ownPid() noexcept;

/// In a forked child: nothing of what was found out holds any more.
void forgetOwnIds() noexcept;

} // namespace timeslice::probe
