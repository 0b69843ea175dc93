// Reads what a workload says of its jobs and of who schedules them.
#pragma once

#include "core/base/json_place.h"
#include "core/workload/workload_spec.h"

namespace timeslice {

/// Adds a task for each job to `spec`. Complains at the place of what is wrong.
void readDispatch(JsonReading& reading, const JsonPlace& place, const WorkloadBounds& bounds, WorkloadSpec& spec);

} // namespace timeslice
