// What a program may tell through the event channel.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/event.h"

#include <cstdint>

namespace timeslice {

/// Where it is known from when a thread ran.
enum class SchedulingSource : std::uint8_t {
    Kernel, ///< its records; what a program says of its scheduling is refused
    Samples, ///< of /proc; likewise
    Workload, ///< the workload stamps itself
};

/// Whether the kind is known and one to come from a program, its values are in range, and its core is none or one of
/// the `cpus` of this machine. Time and object are not looked at.
bool isPlausible(const Event& event, SchedulingSource scheduling, CpuId cpus) noexcept;

constexpr bool isObjectKind(std::uint32_t kind) noexcept
{
    return kind >= static_cast<std::uint32_t>(ObjectKind::Mutex)
        && kind <= static_cast<std::uint32_t>(ObjectKind::SpinLock);
}

} // namespace timeslice
