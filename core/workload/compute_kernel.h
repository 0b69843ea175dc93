// The work that a "run" does, and how fast this machine does it.
//
// One iteration is a xorshift64 step (Marsaglia, "Xorshift RNGs", 2003): six integer instructions, each of which needs
// the one before, so that it can be neither vectorised nor overlapped with the next, and its time does not depend on
// memory. Every variant of a job executes the very same machine code in chunks of kChunkIterations (a few
// microseconds); only between chunks do they differ (GIL check or none), so equal iterations are equal work.
#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace timeslice {

inline constexpr std::uint64_t kChunkIterations = 1024;

/// Executes exactly that many iterations and returns the new state; a state of 0 would stay 0.
std::uint64_t compute(std::uint64_t state, std::uint64_t iterations) noexcept;

inline constexpr std::uint64_t kFirstState = 0x9e37'79b9'7f4a'7c15; ///< any number but 0

/// Iterations that a microsecond of an undisturbed core does: the best of many short bursts, since whatever disturbs
/// a burst (preemption, a core waking up) only slows it. Takes about 40 ms of one core.
double calibrateIterationsPerUs() noexcept;

/// How many iterations stand for that much CPU time; 1 at least unless the time is 0.
std::uint64_t iterationsFor(Nanos cpuTime, double iterationsPerUs) noexcept;

} // namespace timeslice
