// DispatchSpec: jobs as a textbook has them, and who is to schedule them.
#pragma once

#include "core/dispatch/job_table.h"
#include "core/dispatch/policy_options.h"

#include <sched.h>

namespace timeslice {

struct DispatchSpec {
    enum class Run : unsigned char {
        Policy, ///< a dispatcher, which lets the jobs' threads through their gates
        Calculation, ///< nobody: the threads show what the closed form makes of their jobs, and compute nothing
        Kernel, ///< nobody: the threads are there, and the kernel schedules them
    };

    /// How much work is done between two looks at the gate: so late a preemption can be, and the figures.
    static constexpr Nanos kGranularity = 100 * kMicrosecond;

    Run run = Run::Policy;
    int kernelPolicy = SCHED_OTHER; ///< Run::Kernel: the one that schedules them; or SCHED_FIFO, SCHED_RR
    PolicyOptions options; ///< also of the closed form that a run of the kernel is compared with
    JobTable jobs;
    Nanos until = 0; ///< the run is over then, whoever has not ended; 0 = however long it takes
};

} // namespace timeslice
