// Whether a run may ask for SCHED_FIFO and SCHED_RR.
#pragma once

#include "core/workload/workload_spec.h"

#include <string>

namespace timeslice {

/// The highest real-time priority that a task of it asks for; 0: none does.
int realtimePriority(const WorkloadSpec& workload) noexcept;
/// By the capability CAP_SYS_NICE, or by the limit RLIMIT_RTPRIO. The calling process's; a worker inherits both.
bool mayRunRealtime(int priority = 1) noexcept;
/// For a person: what it takes, and how to get it.
std::string whyNotRealtime(int priority);

} // namespace timeslice
