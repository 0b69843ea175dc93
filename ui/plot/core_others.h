// What others did on a core while this run did not: an empty core row means an idle core.
//
// Known as shares of sampled intervals (/proc/stat), not as slices: within an interval the part of the core's free time
// that others took is the height of a pale bar behind the run's own.
#pragma once

#include "core/trace/timeline.h"
#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <vector>

namespace timeslice {

struct OthersStretch {
    int x0 = 0; ///< device pixels [x0, x1)
    int x1 = 0;
    double others = 0; ///< share of the time that the run left free
    double stolen = 0;
};
/// Those in sight, ascending. O(samples in sight * log(slices)).
std::vector<OthersStretch> planOthers(const CoreInfo& core, const TimeScale& scale, Nanos origin);

/// Under the run's own slices, which are painted after it. `lane`: the core's.
void paintOthers(const Canvas& canvas, const QRect& lane, const std::vector<OthersStretch>& stretches);

} // namespace timeslice
