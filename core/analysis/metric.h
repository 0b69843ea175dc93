// A metric's value, looked up in a report.
#pragma once

#include "core/analysis/report.h"

#include <string>

namespace timeslice {

/// The number that the metric names. A step of the pointer into an array is an index or the "name" of an element:
/// "/threads/Sleeper/running_s". Where several elements share a name and so had something added to it (RowLabels), the
/// name alone is the first of them: "/locks/GIL/holds" is that of the first process. Errors: what the report does not
/// have.
Result<double> measure(const Metric& metric, const RunReport& report);

/// "gil/wall_s" or "gil/wall_s : threads/wall_s", for reports.
std::string metricText(const Metric& metric);

} // namespace timeslice
