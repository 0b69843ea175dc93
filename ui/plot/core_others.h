// What others did on a core while this run did not: an empty core row means an idle core.
//
// Measured, where the kernel told who had the core: bars of a neutral grey with the program's name. Else known as
// shares of sampled intervals (/proc/stat), not as slices: within an interval the part of the core's free time that
// others took is the height of a pale bar behind the run's own. Where a thread of the run waits for the core and
// neither accounts for it, the stretch is outlined: not seen.
#pragma once

#include "core/trace/timeline.h"
#include "ui/plot/canvas.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/timeline_geometry.h"

#include <span>
#include <vector>

namespace timeslice {

struct OthersStretch {
    int x0 = 0; ///< device pixels [x0, x1)
    int x1 = 0;
    double others = 0; ///< share of the time that the run left free; 0 where they were measured
    double stolen = 0;
};
/// Those in sight, ascending. O(samples in sight * log(slices)).
std::vector<OthersStretch> planOthers(const CoreInfo& core, const TimeScale& scale, Nanos origin);

/// Under the run's own slices, which are painted after it. `lane`: the core's. From the bottom up, as in the CPU row:
/// the run's own share of a pixel, that of others, what the host took.
void paintOthers(const Canvas& canvas, const QRect& lane, const std::vector<OthersStretch>& stretches);

/// What was measured, and what was not seen, on core `core`; over the run's own, of which `own` is the plan and which
/// keep their place.
void paintMeasuredOthers(const Canvas& canvas, const QRect& lane, const Timeline& timeline, std::size_t core,
    const TimeScale& scale, const RowPlan& own);

/// Which of these a timeline's core rows show within `range`, for the legend.
struct OthersShown {
    bool measured = false;
    bool unseen = false;
    bool host = false;
};
OthersShown othersShown(const Timeline& timeline, TimeRange range);

void paintUnseen(const Canvas& canvas, const QRect& rect);
/// The one colour of other programs, measured or sampled.
QColor othersColor(const Theme& theme);

} // namespace timeslice
