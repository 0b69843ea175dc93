// The life of one task instance, on the thread that it is: named, scheduled, held at the gate, run, accounted for.
#pragma once

#include "core/workload/task_plan.h"

namespace timeslice {

/// Runs on the task's own thread (or as the main thread of its own process); leaves the outcome in plan.state.
void runTask(const TaskPlan& plan);

} // namespace timeslice
