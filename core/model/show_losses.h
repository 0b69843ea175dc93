// What the losses that were found are to a variant's model. For the files of this folder.
#pragma once

#include "core/model/conclusion.h"
#include "core/model/variant_model.h"

#include <utility>

namespace timeslice {

inline void showLosses(VariantModel& variant, LossesOf losses)
{
    if (losses.first) {
        variant.loss = losses.first->loss;
        variant.lossCounter = losses.first->counter;
    }
    variant.losses = std::move(losses.all);
}

} // namespace timeslice
