// A metric's value, looked up in a report.
#pragma once

#include "core/analysis/report.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timeslice {

/// A number of one report. A step of the pointer into an array is an index or the "name" of an element:
/// "/threads/Sleeper/running_s". Where several elements share a name and so had something added to it (RowLabels), the
/// name alone is the first of them: "/locks/GIL/holds" is that of the first process. nullopt: the report has no such
/// number.
std::optional<double> numberAt(const VariantReport& report, const std::string& pointer);
/// The same of a report that is a document already: to make one takes longer than to look up all that it holds.
std::optional<double> numberAt(const nlohmann::json& document, const std::string& pointer);

/// A text of one report, found in the same way.
std::optional<std::string> textAt(const nlohmann::json& document, const std::string& pointer);

/// The reports of a variant's runs at one value of the series' knob that ended well, or as its scenario expects; in the
/// order in which they were made. Without a series: the variant's own.
std::vector<const VariantReport*> reportsOf(const RunReport& report, const std::string& variant, std::size_t step);

/// By nearest rank; of no numbers 0.
double summarize(Summary summary, std::vector<double> numbers);
/// Whether a run was made and nobody stopped it before its end.
bool isWhole(const Exit& exit);
std::size_t wholeRuns(const SeriesReport& series);

/// The index of the first of `values` from which on no later one is better by more than a tenth of the best: where a
/// curve stops to gain. Of none: 0.
std::size_t bendOf(const std::vector<double>& values, bool leastIsBest);

/// The index of the first value from which on the first number stays below the second; the size of `numbers` if it
/// never does. Of two curves: where they cross.
std::size_t crossingOf(const std::vector<std::pair<double, double>>& numbers);

/// What the metric says. Errors: what the report does not have.
Result<double> measure(const Metric& metric, const RunReport& report);

/// "gil/wall_s" or "gil/wall_s : threads/wall_s", for reports.
std::string metricText(const Metric& metric);

} // namespace timeslice
