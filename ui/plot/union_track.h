// Several threads as one: what a process does.
#pragma once

#include "core/trace/timeline.h"

#include <cstdint>
#include <span>

namespace timeslice {

/// Within `range`: Running while any of the threads runs, else Runnable while any could, WaitingForLock while any waits
/// for a lock, Blocked while any lives. Exact as long as they have few slices there; of more, it is what is so at every
/// `step`, so that a picture of dense tracks costs no more than its pixels. O(slices) or O(range / step * log(slices)).
Track unionTrack(const Timeline& timeline, std::span<const std::uint32_t> threads, TimeRange range, Nanos step);
inline constexpr std::size_t kMostUnionSlices = 20'000; ///< of all threads together, for an exact one

} // namespace timeslice
