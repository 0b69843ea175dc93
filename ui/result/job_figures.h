// What the jobs of a dispatch took, one by one and on average: measured, as calculated, and by the kernel.
#pragma once

#include "core/analysis/chart.h"
#include "core/model/run_model.h"
#include "ui/plot/run_picture.h"
#include "ui/result/result_facts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// A section for turnaround, waiting and response: a row for each job, and their mean; a column for each variant that
/// has ended, and one for the closed form where no variant is it. Milliseconds. None: no variant has jobs.
std::vector<FactSection> jobSections(const RunModel& model);
inline constexpr std::size_t kMostJobRows = 12; ///< then how many more; the report has them all

/// The same as one table for a figure: a row for each job, and their mean. Nullopt: no variant has jobs, or they are
/// too many for a picture.
std::optional<Chart> jobChart(const RunModel& model);

/// Whose jobs the run's limit ended, once the variant has ended; by name.
std::map<std::string, Unfinished> unfinishedJobs(const VariantModel& variant);

} // namespace timeslice
