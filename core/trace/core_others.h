// Other programs on a core's track of its own (CoreInfo::others), and where nothing accounts for a core.
//
// A slice of it is Running with subject = index into Timeline::programs and category kOtherPrograms; Absent with
// category 0 where the kernel told that nobody else ran (the core was idle, or the run's own); Absent with category
// kNotMeasured where it did not tell. Before the track's begin and after its end it did not tell either.
#pragma once

#include "core/base/time.h"
#include "core/trace/batch.h"
#include "core/trace/timeline.h"

#include <cstddef>
#include <vector>

namespace timeslice {

inline constexpr std::uint8_t kOtherPrograms = 1;
inline constexpr std::uint8_t kNotMeasured = 15;

/// What a batch says of other programs; part of TimelineBuilder::append().
void appendOthers(Timeline& timeline, const Batch& batch);

/// Of `range`: how long others ran on the core as measured, and for how long that is known at all.
struct OthersTime {
    Nanos others = 0;
    Nanos known = 0;
};
OthersTime othersIn(const CoreInfo& core, TimeRange range);
/// Whether others were measured on any core.
bool measuresOthers(const Timeline& timeline);

/// A thread was preempted here and waits for the core, and nothing that is known runs on it: another program that was
/// not recorded, or the host of this virtual machine.
struct UnseenGap {
    TimeRange range;
    bool host = false; ///< others were measured here, and /proc/stat says that the host took the core away
};
inline constexpr Nanos kLeastGap = kMillisecond; ///< what is shorter may be the way from one thread to the next

/// Those of core `core` within `range` that are no shorter than `least`, ascending. None where the run's own threads
/// are not all known (inferred, lost records, unrecorded processes), or where the sampled share of other programs
/// accounts for the time. O(range / least * log(slices) + gaps * threads).
std::vector<UnseenGap> unseenGaps(const Timeline& timeline, std::size_t core, TimeRange range, Nanos least = kLeastGap);

} // namespace timeslice
