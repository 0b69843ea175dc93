// What a program said of itself with marks and counters of its own, in numbers. The timeline has each of them.
#pragma once

#include "core/trace/timeline.h"

#include <cstdint>
#include <string>
#include <vector>

namespace timeslice {

/// All marks of one name.
struct MarkReport {
    std::string name; ///< as markName() in core/trace/mark_text.h
    std::uint64_t count = 0;
    Nanos first = 0, last = 0; ///< since the start of the work; earlier ones are below zero
    std::int64_t value = 0; ///< the number of the last
};

/// A counter each read and write of which is recorded, whether or not somebody knows what it should be.
struct CounterTrackReport {
    std::string name;
    Pid pid = 0;
    std::uint64_t accesses = 0; ///< that the record has
    std::int64_t last = 0; ///< what the last of them read or wrote
};

/// In the order of their first. O(marks).
std::vector<MarkReport> reportMarks(const Timeline& timeline);
/// O(counters).
std::vector<CounterTrackReport> reportCounterTracks(const Timeline& timeline);

} // namespace timeslice
