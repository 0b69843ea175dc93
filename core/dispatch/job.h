// Job: one line of the table that a textbook schedules.
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace timeslice {

/// Place in the table, from 0.
using JobIndex = std::uint32_t;
inline constexpr JobIndex kNoJob = std::numeric_limits<JobIndex>::max();

/// A moment that never comes, a slice that does not end. Times of a schedule count from its start.
inline constexpr Nanos kNever = kLatestTime;

struct Job {
    std::string name;
    Nanos arrival = 0; ///< since the start
    Nanos length = 0; ///< on a core, all of it together
    int priority = 1; ///< the smaller, the more urgent
    int tickets = 100; ///< its share: of the draws (lottery), of the strides
    int nice = 0; ///< its weight (fair): -20 to 19, as the kernel's
    Nanos ioEvery = 0; ///< blocks each time that it has had a core for so long; 0 = never
    Nanos ioLength = 0; ///< and is ready again so much later
    friend bool operator==(const Job&, const Job&) = default;

    /// How long it computes, having had a core for `done`, until it blocks or ends.
    Nanos untilItLetsGo(Nanos done) const noexcept
    {
        const Nanos left = length - done;
        const Nanos untilIo = ioEvery > 0 ? ioEvery - done % ioEvery : left;
        return untilIo < left ? untilIo : left;
    }
};

} // namespace timeslice
