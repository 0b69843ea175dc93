// The pictures of a model: where what the window and the figures show is taken from it.
#pragma once

#include "core/model/run_model.h"
#include "ui/course/exploration.h"
#include "ui/plot/distribution.h"
#include "ui/plot/run_picture.h"
#include "ui/plot/sign_contents.h"

namespace timeslice {

/// As the run is now. O(variants): timelines are not copied. `loss`: the lost update that its variant's picture shows
/// in place of the one to show first.
RunPicture pictureOf(const RunModel& model, const std::optional<LossRef>& loss = {});

/// What a window's legend names: what is looked at of the run; before there is one, what may come.
SignContents signsInSight(const RunModel* model, const Exploration& exploration);

/// Of the run so far, from what the model has counted; empty() where there is nothing. O(bins).
Distribution distributionOf(const RunModel& model);

} // namespace timeslice
