// Policy, priority, nice, cores and memory nodes of the calling thread.
#pragma once

#include "core/base/result.h"
#include "core/workload/scheduling.h"

namespace timeslice {

/// Errors: Unsupported when the system refuses, with the privilege or the kernel that it would take.
Result<void> applyScheduling(const Scheduling& scheduling);

/// Keeps all memory of the process from being paged out, what it takes later included. Errors: Unsupported, with the
/// privilege that it would take.
Result<void> lockPages();

} // namespace timeslice
