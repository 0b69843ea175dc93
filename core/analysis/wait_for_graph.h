// Who waits for whom, and whether the waiting goes in a circle.
//
// Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971: with single-instance resources a
// cycle in the wait-for graph is necessary and sufficient for deadlock.
#pragma once

#include "core/trace/timeline.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// `thread` waits for `lock`, which `holder` holds. Indices into the Timeline.
struct WaitEdge {
    std::uint32_t thread = 0;
    std::uint32_t lock = 0;
    std::uint32_t holder = 0;
    Nanos since = 0; ///< when the waiting began
};

struct DeadlockCycle {
    std::vector<WaitEdge> edges; ///< edge i's holder is edge i+1's thread; the last one's the first's
    Nanos since = 0; ///< when the last edge closed the cycle
};

/// Every wait for a lock that somebody holds, at `t`. O(threads × log slices); see lock_moment.h.
std::vector<WaitEdge> waitsAt(const Timeline& timeline, Nanos t);
/// The same at the end of what is recorded so far; a thread that was killed while it waited counts as waiting, so that
/// a deadlock can still be told after it was ended.
std::vector<WaitEdge> currentWaits(const Timeline& timeline);
/// A cycle among them, if there is one. Of a live run, one thread's latest events may be known and another's not yet:
/// act only on a cycle that has stood for a while (Timeline::end - since).
std::optional<DeadlockCycle> findDeadlock(const Timeline& timeline);
/// "Thread 1 holds A and waits for B; Thread 2 holds B and waits for A."
std::string describe(const DeadlockCycle& cycle, const Timeline& timeline);

} // namespace timeslice
