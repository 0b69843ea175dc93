// The rows of one variant below its heading.
#pragma once

#include "ui/plot/row_list.h"

#include <vector>

namespace timeslice {

/// As describeRows(), which see: appends the tracks of one that has begun.
void describeTracks(
    const Timeline& timeline, std::size_t variant, const RowOptions& options, std::vector<RowContent>& rows);

} // namespace timeslice
