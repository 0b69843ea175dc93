// Reads one entry of a "do" array. Part of workload_spec.cpp's reader, which owns the resources.
#pragma once

#include "core/workload/json_reader.h"
#include "core/workload/workload_spec.h"

#include <optional>

namespace timeslice {

/// `spec` holds the resources; marks are added to it as they are met, and files learn the largest transfer. Complains
/// to `reader` and returns nothing if the entry is wrong.
std::optional<TaskStep> readStep(JsonReader& reader, const JsonPlace& place, WorkloadSpec& spec, int threadLimit);

} // namespace timeslice
