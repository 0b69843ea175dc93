// RowPlan: what of a track is drawn where, decided before any painter: bars where slices are wide enough to be seen
// one by one, columns of shares where they are not.
#pragma once

#include "core/trace/track.h"
#include "ui/plot/timeline_geometry.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// A slice, clipped to the lane: device pixels [x0, x1).
struct Bar {
    int x0 = 0;
    int x1 = 0;
    std::size_t index = 0; ///< in the track
    SliceValue value;
    bool beginVisible = true; ///< false: it began left of the lane
    bool endVisible = true; ///< false: it goes on right of the lane
};

/// One column of pixels that several slices share: how long each category lasted, of `length`. Exact where slices are
/// few, or wide enough that one sees them take turns; in a denser stretch the same for some pixels, of which it is the
/// weighted mean with their neighbourhood.
struct Column {
    int x = 0;
    Nanos length = 0; ///< shares may add up to less at the track's ends
    Shares shares{};
    bool mean = false; ///< of several pixels: who takes turns here is not seen
    std::uint8_t owner = 0; ///< of a mean: the category that it is drawn as, where only one can be
};

/// Bars and columns never overlap; both ascend.
struct RowPlan {
    std::vector<Bar> bars;
    std::vector<Column> columns;
    /// Time with a category other than 0 in each column from the scale's left on; exact, never averaged. On a core
    /// track that is how long it was busy.
    std::vector<Nanos> busy;
    bool owners = true; ///< Column::owner is wanted: not of a thread's track, whose categories are its states

    /// All but what is wanted.
    void clear()
    {
        bars.clear();
        columns.clear();
        busy.clear();
    }
};

/// `origin`: the moment that counts as 0 on the scale. `minBar`: device pixels from which a slice is a bar of its own.
/// Where nobody runs for less than a pixel between two bars of different states or owners, these bars meet; any other
/// short slice gets a column, so that nothing that ran disappears, and what runs on but for some microseconds is no
/// more interrupted in the picture than it was: by that share of a pixel. O(pixels * log(slices)).
void planRow(const Track& track, const TimeScale& scale, Nanos origin, double minBar, RowPlan& plan);

/// The absolute moment at the left edge of a column.
Nanos columnTime(const TimeScale& scale, Nanos origin, int x);

} // namespace timeslice
