// Calibration: how much work this machine's worker does in a microsecond.
#pragma once

#include "core/base/result.h"
#include "core/session/programs.h"

namespace timeslice {

/// Iterations of the worker's compute kernel per microsecond, so that "10ms" of work is the same number of iterations
/// in every variant. Measured once per process of ours (`timeslice-worker --calibrate`), then remembered, so that
/// variants and repeated runs do equal work. Any thread; blocks for the measurement. Errors: the worker
/// fails, or `stopFd` became readable before it was done.
Result<double> iterationsPerMicrosecond(const Programs& programs, int stopFd);

} // namespace timeslice
