// TaskPlan: everything that one instance of a task needs to run.
#pragma once

#include "core/dispatch/step_page.h"
#include "core/record/channel.h"
#include "core/sync/gil.h"
#include "core/workload/birth.h"
#include "core/workload/resources.h"
#include "core/workload/run_state.h"
#include "core/workload/start_timer.h"
#include "core/workload/workload_spec.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace timeslice {

class ForkedTasks;
class Dispatcher;

/// How often a task has incremented a counter; in shared memory, so that it survives a task that is killed.
struct IncrementCount {
    std::atomic<std::uint64_t> done{0};
};

/// Everything a task instance needs. What is referred to outlives the task.
struct TaskPlan {
    const WorkloadSpec* workload = nullptr;
    const TaskSpec* task = nullptr;
    std::string name; ///< of the instance
    int index = 0; ///< among all instances of the workload
    const Resources* resources = nullptr;
    RunControl* control = nullptr;
    const StartTimer* startTimer = nullptr; ///< null: it begins when the gate opens
    ForkedTasks* forks = nullptr;
    TaskState* state = nullptr;
    std::vector<IncrementCount*> increments; ///< by counter
    std::vector<Birth*> births; ///< room for each that its task measures, in shared memory
    Gil* gil = nullptr; ///< null: the task has none
    const Channel* channel = nullptr; ///< null: not recorded
    int notifyFd = -1; ///< eventfd: written after each change of state->phase
    double iterationsPerUs = 0;
    bool selfStamp = false;
    Dispatcher* dispatcher = nullptr; ///< null: there is none
    const StepPage* stepPage = nullptr; ///< as WorkloadOptions
};

} // namespace timeslice
