// The descendants of a process, from /proc.
#pragma once

#include "core/base/ids.h"

#include <vector>

namespace timeslice {

/// Every process that descends from `root`, without `root` itself, not yet reaped ones too. A snapshot: processes may
/// come and go while it is taken.
std::vector<Pid> descendants(Pid root);

/// Sends `signal` to every descendant of `root`; returns how many there were. A number that was taken over by a
/// stranger between the listing and the sending is left alone: the process is held by a descriptor (pidfd_open(2),
/// Linux 5.3) while it is looked at again. Older kernels cannot do that, and get a plain kill(2).
int signalDescendants(Pid root, int signal);

/// The threads of all descendants of `root` that have not ended.
std::vector<Tid> livingThreads(Pid root);

} // namespace timeslice
