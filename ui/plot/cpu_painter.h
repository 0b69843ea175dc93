// The CPU utilization row: how many cores this run kept busy, and above it what others and the host took.
#pragma once

#include "core/trace/timeline.h"
#include "ui/plot/canvas.h"
#include "ui/plot/timeline_geometry.h"

#include <cstddef>
#include <span>
#include <vector>

namespace timeslice {

/// Cores' worth of time, per column of pixels.
struct CpuColumns {
    std::vector<float> own; ///< this run's threads; exact, from the core tracks
    std::vector<float> others; ///< other processes; as coarse as the system's accounts
    std::vector<float> stolen; ///< taken by the host of this virtual machine
    bool anyForeign = false;
};

/// `own` is the mean over `window` columns around each (1 = the column alone); columns outside the recording are -1.
/// `busy`: RowPlan::busy of every core where they are planned already, else empty; spares walking the tracks again.
CpuColumns cpuColumns(
    const Timeline& timeline, const TimeScale& scale, int window, std::span<const std::vector<Nanos>> busy = {});

/// Whether anybody else's load shows in a timeline's CPU row within `range`, for the legend.
struct ForeignLoad {
    bool others = false;
    bool stolen = false;
};
ForeignLoad foreignLoad(const Timeline& timeline, TimeRange range);

/// Whether there is a dashed line at each core: at so many they would only be noise, in a row of ordinary height.
constexpr bool hasCoreLines(std::size_t cores)
{
    return cores == 2 || cores == 3;
}

/// Fills `lane` from 0 (bottom) to all cores (top).
void paintCpu(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const TimeScale& scale,
    std::span<const std::vector<Nanos>> busy = {});

} // namespace timeslice
