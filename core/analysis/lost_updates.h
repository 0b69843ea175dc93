// Finds updates of a shared counter that were lost, from its recorded loads and stores.
//
// An update is a thread's load of a value and its next store, of that value plus one. It overwrites the updates of
// others exactly if the counter had moved on between the two. This is decided by values: until the first loss each
// value is stored once, so a value that is stored a second time, from a load of the same number, tells a loss, whatever
// the clocks of two cores say about the nanosecond. Time decides only who overwrote whom, and even that is corrected
// where a thread was interrupted between stamping an access and making it.
//
// An access is stamped right after it was made. A thread that was interrupted just then stamps it late; what the
// threads read next tells where it belongs, save that a count of many lost updates may be off by one or two. Accesses
// may be missing (only some were recorded, or a ring was full): a pair that does not fit is passed over, and equal
// values tell a loss only if the two updates can have been under way at once.
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
    std::int64_t updatesLost = 0; ///< how many updates vanished at once: overwritten.value - staleLoad.value
    TimeRange window; ///< from the stale load (or, if that was stamped late, from before it was made) to the overwrite
};

/// The first loss, in order of the overwriting store. O(accesses until then).
std::optional<LostUpdate> firstLostUpdate(const CounterInfo& counter);
/// Step by step: who loaded what, who stored over it. One sentence each: "Thread 1 read 41."
std::vector<std::string> describe(const LostUpdate& loss, const CounterInfo& counter, const Timeline& timeline);

} // namespace timeslice
