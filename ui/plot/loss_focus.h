// What of the time axis shows a lost update: so near that its loads and stores stand apart, with their values.
#pragma once

#include "core/analysis/lost_updates.h"
#include "core/trace/timeline.h"

namespace timeslice {

/// Since `origin`. A loss of few accesses is shown whole. Of one that took many, or a long time, the end is shown: the
/// store that overwrote, and what follows; what lies before is named at the edge of the counter's row.
/// O(log(accesses)).
TimeRange lossFocus(const LostUpdate& loss, const CounterInfo& counter, Nanos origin);

} // namespace timeslice
