// Whose process and thread is at the other end of a connection, in this process's numbers.
#pragma once

#include "core/base/ids.h"

namespace timeslice {

/// Whether `pid` descends from `ancestor`, or is it. False when it has ended.
bool descendsFrom(Pid pid, Pid ancestor);

/// The thread of process `pid` that is `innerTid` in the process's own PID namespace; 0 if it has none such.
Tid threadOf(Pid pid, Tid innerTid);

} // namespace timeslice
