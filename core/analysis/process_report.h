// What a report says of processes: how each ended, and what memory it had.
#pragma once

#include "core/analysis/report.h"
#include "core/trace/labels.h"

#include <optional>
#include <vector>

namespace timeslice {

std::vector<ProcessReport> reportProcesses(const Timeline& timeline, const RowLabels& labels);
/// The most that all had together, at one moment; nullopt where memory is not recorded.
std::optional<MemoryPeak> peakMemory(const Timeline& timeline);

} // namespace timeslice
