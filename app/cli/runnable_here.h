// Whether this machine can show what a scenario is about.
#pragma once

#include "core/scenario/scenario.h"

#include <string>

namespace timeslice {

/// Cores that a run may use.
int coresHere();

/// "" if the (resolved) scenario can run here and show its effect; else what is missing.
std::string whyNotRunnableHere(const Scenario& scenario);

/// Whether this process may start threads with SCHED_FIFO and SCHED_RR.
bool mayRunRealtime();

} // namespace timeslice
