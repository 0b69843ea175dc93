// Unlocking what is not locked, found before the run.
#pragma once

#include "core/workload/workload_spec.h"

#include <string>
#include <vector>

namespace timeslice {

struct LockingMistake {
    std::string path; ///< of the step
    std::string what;
};

/// One pass over the task: what it unlocks, and the mutex that it waits with, it must have locked. Loops can still go
/// wrong; the run says so then.
std::vector<LockingMistake> findLockingMistakes(const TaskSpec& task, const std::vector<MutexSpec>& mutexes);

} // namespace timeslice
