// The lens of a figure: a few milliseconds of one variant's rows, enlarged below the whole, where most slices of the
// whole are too small to be seen one by one; of a race, the interleaving that lost an update.
#pragma once

#include "ui/plot/timeline_geometry.h"

#include <optional>
#include <vector>

namespace timeslice {

struct Lens {
    std::size_t variant = 0;
    TimeRange range; ///< since the variant's start of work
    std::vector<RowContent> rows; ///< heading first
    QString what; ///< is enlarged: "enlarged: 2 ms from the middle"
};

/// nullopt: at lanes of that many pixels everything can be seen, or there is nothing to see. Of the first
/// variant of `order`, and of its work the middle, long enough for some forty slices of its busiest row.
/// O(rows * log(slices)).
std::optional<Lens> lensFor(const RunPicture& run, const std::vector<std::size_t>& order, int lanePixels);

/// Loads and stores of the lost update that is shown of the first variant of `order` which has one; nullopt: none has.
std::optional<Lens> lossLens(const RunPicture& run, const std::vector<std::size_t>& order);

} // namespace timeslice
