// What the panel's tables call a variant.
#pragma once

#include "core/model/run_model.h"
#include "ui/plot/one_line.h"

#include <QString>

namespace timeslice {

inline bool begun(const VariantModel& variant)
{
    return variant.phase != VariantModel::Phase::Waiting;
}

inline QString variantTitle(const VariantModel& variant)
{
    return oneLineText(variant.recording != nullptr ? variant.recording->title : variant.report.name);
}

} // namespace timeslice
