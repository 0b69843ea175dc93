// Reads how a task, or a phase of it, is to be scheduled.
#pragma once

#include "core/rtapp/rtapp_object.h"
#include "core/workload/scheduling.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// The keys that are read here; a phase and a task have the same.
const std::vector<std::string>& rtappSchedulingKeys();

/// The SCHED_* that a text stands for; complains.
int rtappPolicy(const JsonPlace& place);

/// Of a task: complete, with rt-app's defaults. `defaultPolicy`: nothing where it is not known, for what is said of it
/// is wrong; then the result has none, and what depends on it is not looked at.
Scheduling readTaskScheduling(
    const RtappObject& task, std::optional<int> defaultPolicy, const std::vector<CpuId>& allowed);

/// Of a phase: what changes when it begins; nothing if nothing does. `policy` and `taskgroup` are those before it, and
/// then those of the phase; no policy: as there.
std::optional<Scheduling> readPhaseScheduling(
    const RtappObject& phase, std::optional<int>& policy, std::string& taskgroup, const std::vector<CpuId>& allowed);

} // namespace timeslice
