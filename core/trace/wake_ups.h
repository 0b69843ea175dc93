// WakeUps: which thread of a run made which other one ready, out of the tracks.
#pragma once

#include "core/base/time.h"
#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace timeslice {

struct WakeUp {
    Nanos time = 0;
    std::uint32_t from = 0; ///< index into Timeline::threads
    std::uint32_t to = 0;
};

/// Those within `range`, of one thread after the other, but for auxiliary threads; none where there are more than
/// `most`, or so many slices that these would be a few among them. O(threads * log(slices) + most).
std::vector<WakeUp> wakeUpsIn(const Timeline& timeline, TimeRange range, std::size_t most);

/// The slice in which the thread was ready after it was woken, of slice `index` of its track: that one itself, or the
/// one before if the thread runs in it. Nullopt where it was not woken.
std::optional<Slice> wokenBefore(const Track& thread, std::size_t index);

} // namespace timeslice
