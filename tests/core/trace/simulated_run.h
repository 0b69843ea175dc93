// A made-up but possible run: cores, threads and locks that obey the rules of a real machine, as a list of events.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/timeline.h"
#include "core/trace/timeline_builder.h"

#include <cstdint>
#include <string>
#include <vector>

namespace timeslice::testing {

struct SimulationOptions {
    std::uint64_t seed = 1;
    int cores = 3;
    int threads = 7;
    int locks = 3;
    int events = 3000;
    double loss = 0; ///< share of the scheduling events that never arrive
    Nanos start = 1'000'000'000;
};

inline constexpr Tid kFirstTid = 100;
inline constexpr ObjectId kFirstLock = 1;
inline constexpr ObjectId kCounterId = 50;
inline constexpr ObjectId kMarkId = 60;

/// Ascending in time, no two at one time; the first ones are the births of all threads, in order.
std::vector<Event> simulate(const SimulationOptions& options);
/// Names of the threads, locks, counter and mark.
Batch birthsOf(const SimulationOptions& options);
BuilderOptions builderOptionsOf(const SimulationOptions& options);

/// Everything that a Timeline says, line by line: equal texts are equal timelines.
std::vector<std::string> describe(const Timeline& timeline);

} // namespace timeslice::testing
