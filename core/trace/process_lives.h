// Process lives: which processes a timeline has, whose children they are, and what became of each.
#pragma once

#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace timeslice {

/// One process, from its birth on. Where the kernel gave a number out again, the second one is another process.
struct ProcessLife {
    Pid pid = 0;
    std::optional<std::size_t> parent; ///< index into the list; a process comes after its parent
    std::vector<std::uint32_t> threads; ///< indices into Timeline::threads, in order of appearance; at least one
    Nanos born = 0; ///< or first seen
    Nanos exited = 0; ///< the last thread's exit; 0 = a thread was not seen to exit
    std::vector<Nanos> execs; ///< ascending
    Nanos reaped = 0; ///< when it was waited for; 0 = not known
    std::optional<int> status; ///< as from wait(2), where it is known
    bool auxiliary = false; ///< all its threads are
};

/// In the order in which they appear. O(threads).
std::vector<ProcessLife> processLives(const Timeline& timeline);

/// The samples of one process, ascending.
std::vector<MemorySample> memoryOf(const Timeline& timeline, const ProcessLife& life);

} // namespace timeslice
