// The GILs of this process that are traced, and what the probe knows of each.
//
// A bounded table, read without a lock by every thread that signals or waits on a condition. A GIL enters it when it is
// recognized and leaves it when its condition is destroyed or made anew. When there is no room the GIL goes untraced,
// which counts one lost event.
//
// A forked child's GILs lie where the parent's lie and are in the state in which the fork found them; they are locks of
// their own all the same. CPython's own fork makes the one that it keeps anew at once (PyOS_AfterFork_Child); a program
// that embeds it and forks by itself may just go on with it, as uWSGI's workers do. So the child inherits the table,
// and a GIL gets the child's own object when something is seen of it there. What is held is held since the fork.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/probe/gil_recognizer.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace timeslice::probe {

/// What take_gil and drop_gil decide by, seen from outside. What is not atomic is touched only with the GIL's mutex
/// held, as CPython does with its own.
struct TracedGil {
    std::atomic<bool> used{false};
    /// Changes when the slot is given up; who has kept a pointer compares it.
    std::atomic<std::uint64_t> generation{0};
    const void* mutex = nullptr;
    const void* released = nullptr;
    const void* switched = nullptr;
    ObjectId object = 0; ///< 0: inherited, and nothing has been seen of it in this process
    std::uint32_t number = 0; ///< 1: the first of this process
    bool inherited = false; ///< and not made anew yet

    std::uint64_t holder = 0; ///< ThreadRecord::serial; 0 = nobody
    std::uint64_t lastHolder = 0;
    std::uint64_t switches = 0; ///< how often it went to another thread than before
    bool dropRequested = false; ///< since it was taken
};

enum class Condition : std::uint8_t { Released, Switched };

struct FoundGil {
    TracedGil* gil = nullptr;
    Condition condition = Condition::Released;
};

/// The GIL that has this condition; `gil` is nullptr for all other conditions.
FoundGil findGil(const void* condition) noexcept;
/// Enters a GIL that thread `holder` has taken, the first of this process as "GIL", the next as "GIL 2" and so on; an
/// inherited one that was made anew keeps its name and its object. nullptr when there is no room, or no channel.
TracedGil* addGil(const GilParts& parts, std::uint64_t holder) noexcept;
void removeGil(TracedGil& gil) noexcept;
/// In a forked child: all GILs become inherited ones. `forking` is the serial of the thread that it has of its parent,
/// if that is known: then nobody else holds one.
void inheritGils(std::optional<std::uint64_t> forking) noexcept;
/// The inherited GIL that a thread holds which went through the fork; nullptr if there is none.
TracedGil* inheritedGilOf(std::uint64_t serial) noexcept;
/// Gives an inherited GIL an object of this process, if it has none. False when there is no room; it is removed then.
bool ensureObject(TracedGil& gil) noexcept;
/// The next GIL behind `last` (nullptr: the first) that thread `holder` has taken and that has been recorded; nullptr =
/// none. For the holder itself.
TracedGil* nextHeldGil(std::uint64_t holder, TracedGil* last) noexcept;
/// Whether this process has, or had, a GIL that was recognized.
bool anyGilSeen() noexcept;

} // namespace timeslice::probe
