// What a run's threads did with its locks.
#pragma once

#include "core/analysis/report.h"
#include "core/trace/timeline.h"

#include <vector>

namespace timeslice {

/// One report per lock, in the timeline's order. O(slices of thread and lock tracks).
std::vector<LockReport> reportLocks(const Timeline& timeline, TimeRange range);

/// The sum over all that are no GIL; nullopt: there is none.
std::optional<LockingReport> reportLocking(const std::vector<LockReport>& locks);

/// "mutex", "gil", ... as reports name it.
const char* lockKindName(ObjectKind kind);

} // namespace timeslice
