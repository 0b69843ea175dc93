// The lens of a figure: a few milliseconds of one variant's rows, enlarged below the whole, where most slices of the
// whole are too small to be seen one by one.
#pragma once

#include "ui/plot/timeline_geometry.h"

#include <optional>
#include <vector>

namespace timeslice {

struct Lens {
    std::size_t variant = 0;
    TimeRange range; ///< since the variant's start of work
    std::vector<RowContent> rows; ///< heading first
};

/// nullopt: at lanes of that many pixels everything can be seen, or there is nothing to see. Of the first
/// variant of `order`, and of its work the middle, long enough for some forty slices of its busiest row.
/// O(rows * log(slices)).
std::optional<Lens> lensFor(const RunPicture& run, const std::vector<std::size_t>& order, int lanePixels);

} // namespace timeslice
