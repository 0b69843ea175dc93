// The descendants of a process, from /proc.
#pragma once

#include "core/base/ids.h"

#include <vector>

namespace timeslice {

/// Every process that descends from `root`, without `root` itself, not yet reaped ones too. A snapshot: processes may
/// come and go while it is taken.
std::vector<Pid> descendants(Pid root);

/// Sends `signal` to every descendant of `root`; returns how many there were.
int signalDescendants(Pid root, int signal);

} // namespace timeslice
