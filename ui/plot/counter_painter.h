// The row of a shared counter: each load and store of each thread, and the update that was lost.
//
// Seen from afar, one line is the counter's value and a dashed one the updates made so far, which it would be if none
// were lost (not of a level, which is set or goes down as well); zoomed in, each access is a mark (load hollow, store
// filled) with its value, on one lane per thread. The loss is a bracket from the stale load to the store that
// overwrote.
#pragma once

#include "core/analysis/lost_updates.h"
#include "core/trace/timeline.h"
#include "ui/plot/canvas.h"
#include "ui/plot/thread_colors.h"
#include "ui/plot/timeline_geometry.h"

#include <optional>
#include <span>
#include <utility>

namespace timeslice {

void paintCounter(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
    const ThreadColors& colors, const LostUpdate* loss, int lanes, const TimeScale& scale);

/// Where the row is a curve of the counter's value: the values at the lane's lower and upper edge. nullopt: it shows
/// single loads and stores.
std::optional<std::pair<double, double>> counterEnds(const Canvas& canvas, const QRect& lane, const Timeline& timeline,
    const CounterInfo& counter, const TimeScale& scale);
/// What does not fade with what lies beyond the work: a curve's mark at the loss, and the value at the lane's end, in
/// the margin behind it.
void paintAboveCounter(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const CounterInfo& counter,
    const ThreadColors& colors, const LostUpdate* loss, int lanes, const TimeScale& scale);

} // namespace timeslice
