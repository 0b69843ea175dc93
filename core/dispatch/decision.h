// Decision: who gets a core, from whom, and why.
#pragma once

#include "core/dispatch/job.h"

#include <cstdint>
#include <string_view>

namespace timeslice {

/// Why a job was chosen. `value` of the decision says more.
enum class Reason : std::uint8_t {
    Alone, ///< nobody else was ready
    FirstInQueue,
    Shortest, ///< value: nanoseconds until it blocks or ends
    MostUrgent, ///< value: its priority
    Aged, ///< value: what its priority has become
    HighestLevel, ///< value: the level, 0 is the highest
    Drawn, ///< value: the number of the ticket that won
    LeastPass, ///< value: running time for each ticket, in 1/1024 ns
    LeastVirtualTime, ///< value: weighted running time, in ns
};
inline constexpr int kReasons = 9;

/// Why the one before had to go.
enum class Leaving : std::uint8_t {
    Nobody, ///< the core was free: whoever had it has blocked or ended
    SliceOver,
    Preempted, ///< by one that goes before it
    Boosted, ///< all jobs went back to the highest level
};
inline constexpr int kLeavings = 4;

struct Decision {
    int core = 0; ///< from 0
    JobIndex out = kNoJob; ///< the same as `in`: it goes on, with a new slice
    JobIndex in = kNoJob;
    Leaving leaving = Leaving::Nobody;
    Reason reason = Reason::Alone;
    std::int64_t value = 0;
    Nanos slice = kNever; ///< how long it may have the core before the policy asks again
};

/// "first in the queue", "shortest: {us}": with a place for the value where it says something (core/trace/mark_text.h).
std::string_view reasonText(Reason reason) noexcept;
/// "quantum over", "preempted", "boost"; "" for Nobody.
std::string_view leavingText(Leaving leaving) noexcept;

} // namespace timeslice
