// What a series' runs gave, for tables.
#pragma once

#include "core/model/run_model.h"
#include "core/recording/export_csv.h"

#include <vector>

namespace timeslice {

/// A line for each measure of the scenario's chart and each run; of a run that was no series none.
std::vector<CsvPoint> seriesPoints(const RunModel& model);

} // namespace timeslice
