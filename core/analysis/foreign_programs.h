// Which other programs had a run's cores, by what the kernel told of each context switch: also those that came and went
// meanwhile, as a compiler's do, of which /proc knows nothing at the end.
#pragma once

#include "core/analysis/report.h"
#include "core/trace/timeline.h"

#include <cstddef>
#include <vector>

namespace timeslice {

inline constexpr std::size_t kMostForeignPrograms = 3; ///< that are named
/// A program below this share of the cores' time disturbs nobody, and is not named.
inline constexpr double kWorthNaming = 0.01;

/// The busiest first; kMostForeignPrograms at the most. Without this program itself, the displays' servers, which draw
/// for it, and those that nobody told the name of. Empty where others were not measured. O(slices of others).
std::vector<ForeignProgram> measuredPrograms(const Timeline& timeline);

/// They draw what our window shows.
bool isDisplayServer(const std::string& name);

/// Those that are worth naming, the busiest first.
std::vector<ForeignProgram> busiest(std::vector<ForeignProgram> programs);

} // namespace timeslice
