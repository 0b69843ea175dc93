// Puts the events of several sources in the order of time.
#pragma once

#include "core/trace/event.h"

#include <vector>

namespace timeslice {

/// Stable. Made for a few ascending runs one after another, as rings give them: O(n log runs), O(n) when the events are
/// in order already. `scratch` is overwritten; keep it to keep its memory.
void sortByTime(std::vector<Event>& events, std::vector<Event>& scratch);

} // namespace timeslice
