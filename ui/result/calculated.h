// Which variants of a run nobody measured: they show what was calculated.
#pragma once

#include "core/model/run_model.h"

#include <QString>
#include <cstddef>

namespace timeslice {

struct CalculatedVariants {
    std::size_t count = 0;
    std::size_t others = 0; ///< that were measured, or inferred
    QString only; ///< the title of the one, where there is one

    bool all() const noexcept { return count > 0 && others == 0; }
    /// "“srtf, calculated” is calculated", "2 variants are calculated"; empty: none is, or all are.
    QString text() const;
};

/// Of the variants that have begun.
CalculatedVariants calculatedIn(const RunModel& model);

} // namespace timeslice
