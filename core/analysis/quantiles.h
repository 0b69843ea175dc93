// Quantiles by nearest rank.
#pragma once

#include "core/analysis/report.h"

#include <vector>

namespace timeslice {

/// Of `values`, in their unit; all zero when there are none.
Quantiles quantilesOf(std::vector<double> values);

} // namespace timeslice
