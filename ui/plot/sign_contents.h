// What of all signs a window's picture shows, for its legend. From the tracks, not from what is painted: it is told
// several times a second while a run grows. (A figure's legend looks closer: ui/export/figure_signs.h.)
#pragma once

#include "ui/course/exploration.h"
#include "ui/plot/run_picture.h"
#include "ui/plot/state_signs.h"

#include <span>

namespace timeslice {

/// What is looked at of `run`, since each variant's start of work: the range that the viewer chose, else the whole as
/// the picture shows it.
TimeRange shownRange(const RunPicture& run, const Exploration& exploration);

/// What there is of each sign within `range`. `groups`: processes have rows of their own. Of a run that goes on, also
/// the states that may yet come. O(tracks * log(slices) + usage samples).
SignContents signContents(std::span<const VariantPicture> variants, TimeRange range, bool groups = false);

} // namespace timeslice
