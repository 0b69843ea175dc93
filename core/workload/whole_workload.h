// What of a workload can be told only once all of it is read: who uses what, and whether its tasks go together.
#pragma once

#include "core/base/json_place.h"
#include "core/workload/workload_spec.h"

namespace timeslice {

/// Completes `spec`, of which all could be read: participants of barriers, what processes share, who is stepped.
/// Complains at `tasks` of what does not go together.
void checkWhole(JsonReading& reading, const JsonPlace& tasks, WorkloadSpec& spec);

} // namespace timeslice
