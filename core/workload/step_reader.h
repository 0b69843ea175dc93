// Reads one entry of a "do" array. Part of workload_spec.cpp's reader, which owns the resources.
#pragma once

#include "core/base/json_place.h"
#include "core/workload/workload_spec.h"

#include <optional>
#include <set>
#include <string>

namespace timeslice {

/// Names of resources of which it could not be read what they are: what uses one of them is not wrong for that.
struct UnreadResources {
    bool all = false;
    std::set<std::string> names;

    bool contains(const nlohmann::json& name) const;
};

/// `spec` holds the resources; marks are added to it as they are met, and files learn the largest transfer. Complains
/// and returns nothing if the entry is wrong.
std::optional<TaskStep> readStep(
    const JsonPlace& place, WorkloadSpec& spec, const UnreadResources& unread, int threadLimit);

/// "5ms", or a number of microseconds, as rt-app has it. `least` is 0 or 1 ns.
Nanos durationOrMicroseconds(const JsonPlace& place, Nanos least = 0);

} // namespace timeslice
