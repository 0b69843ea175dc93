// Policy, priority, nice and cores of the calling thread.
#pragma once

#include "core/base/result.h"
#include "core/workload/workload_spec.h"

namespace timeslice {

/// Errors: Unsupported when the system refuses, with the privilege that it would take.
Result<void> applyScheduling(const TaskSpec& task);

} // namespace timeslice
