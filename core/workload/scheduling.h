// Scheduling: what a workload says of how a thread is scheduled, and where.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// What is not set stays as the thread has it.
struct Scheduling {
    std::vector<CpuId> cpus; ///< the kernel's numbers; empty = wherever the run may go
    std::optional<int> policy; ///< SCHED_*
    int priority = 0; ///< SCHED_FIFO and SCHED_RR only
    std::optional<int> nice;
    /// SCHED_DEADLINE: the budget of a period. SCHED_OTHER and SCHED_BATCH: the slice that is asked for (Linux 6.12 and
    /// newer). 0 = not set.
    Nanos runtime = 0;
    Nanos deadline = 0; ///< this and the next: SCHED_DEADLINE only
    Nanos period = 0;
    std::optional<int> utilMin; ///< utilization clamps, 0 to 1024 (sched_setattr(2))
    std::optional<int> utilMax;
    std::string taskgroup; ///< control group, "/" is the outermost (taskgroups.h)
    std::vector<int> memoryNodes; ///< NUMA nodes that new memory comes from (set_mempolicy(2), MPOL_BIND)
};

} // namespace timeslice
