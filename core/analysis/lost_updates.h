// Finds updates of a shared counter that were lost, from its recorded loads and stores.
//
// An update is a thread's load and its next store. It overwrites another thread's store exactly if that store lies
// between the two and is not what was loaded; decided by the values stored, not by comparing clocks of different
// cores, so that it stays exact when two accesses fall into the same nanosecond.
#pragma once

#include "core/trace/timeline.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct LostUpdate {
    CounterAccess staleLoad; ///< the overwriting thread's load
    CounterAccess overwritten; ///< the last store of the other thread that vanished
    CounterAccess overwrite; ///< the store that made it vanish
    std::int64_t updatesLost = 0; ///< how many of the other's updates vanished at once
    TimeRange window; ///< from the stale load to the overwrite
};

/// The first loss, in order of the overwriting store.
std::optional<LostUpdate> firstLostUpdate(const CounterInfo& counter);
/// Step by step: who loaded what, who stored over it. One sentence each.
std::vector<std::string> describe(const LostUpdate& loss, const CounterInfo& counter, const Timeline& timeline);

} // namespace timeslice
