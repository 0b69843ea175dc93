// What a run's threads did with its locks.
#pragma once

#include "core/analysis/report.h"
#include "core/trace/timeline.h"

#include <vector>

namespace timeslice {

/// One report per lock, in the timeline's order. O(slices of thread and lock tracks).
std::vector<LockReport> reportLocks(const Timeline& timeline, TimeRange range);

/// "mutex", "gil", ... as reports name it.
const char* lockKindName(ObjectKind kind);

} // namespace timeslice
