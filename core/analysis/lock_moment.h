// What a thread waits for and who holds a lock, at any moment of a timeline.
//
// A recording says when a thread asked for a lock, stood still, ran, and took it. Between standing still and taking it
// a thread is woken, stands in a run queue and looks at the lock: it waits on through all of that. Whether it does is
// told by what comes after, so that a moment in the midst of a recording is known better than its end.
#pragma once

#include "core/trace/timeline.h"

#include <cstdint>
#include <optional>

namespace timeslice {

struct LockWait {
    std::uint32_t lock = 0; ///< index into Timeline::locks
    Nanos since = 0; ///< when it stood still for it last
};
struct LockHold {
    std::uint32_t thread = 0; ///< index into Timeline::threads
    Nanos since = 0;
};

/// The lock that the thread waits for at `t`. From the timeline's end on: what it waited for when its track ended, also
/// if that was because it was killed. O(log slices), and the slices of the turn on a core at `t` that followed the
/// wait.
std::optional<LockWait> waitAt(const Timeline& timeline, std::uint32_t thread, Nanos t);
/// Who holds the lock at `t`; who was killed while he held it does for ever. O(log slices).
std::optional<LockHold> holdAt(const LockInfo& lock, Nanos t);

} // namespace timeslice
