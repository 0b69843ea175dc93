// Runs a workload: starts its threads and processes, lets them go at one moment, waits, and counts.
#pragma once

#include "core/base/result.h"
#include "core/dispatch/step_page.h"
#include "core/record/channel.h"
#include "core/workload/workload_result.h"
#include "core/workload/workload_spec.h"

namespace timeslice {

struct WorkloadOptions {
    const Channel* channel = nullptr; ///< null: not recorded; must outlive the run
    double iterationsPerUs = 0; ///< calibrated speed: see compute_kernel.h
    bool selfStamp = false; ///< no kernel records are to be had: tasks note their own switches (core_stamp.h)
    int threadLimit = 64; ///< tasks and what they spawn, together
    /// Of a workload that is stepped (WorkloadSpec::stepped), with a seat for each instance: whoever has its other end
    /// says which thread takes its next step. Null: all orders are run. Must outlive the run.
    const StepPage* stepPage = nullptr;
    int made = -1; ///< as Taskgroups::create()
    /// How long a task that is asked to end may take to notice; the session's own patience is 300 ms.
    Nanos stopGrace = 150 * kMillisecond;
};

/// Blocks until the work is over, or SIGTERM has come: then it stops the tasks, ends those that cannot be stopped if
/// they are processes, and returns what there is. The calling thread coordinates and is recorded as auxiliary.
///
/// Call it in a process without other threads (it forks), one run at a time; it takes over SIGTERM, SIGCHLD and
/// SIGRTMIN while it runs. In a forked child it does not return.
///
/// Errors: the run could not be started; Unsupported if this machine refuses what a task asks for. What goes wrong
/// after the start is in the result.
Result<WorkloadResult> runWorkload(const WorkloadSpec& spec, const WorkloadOptions& options);

} // namespace timeslice
