// Words for what a timeline holds: the same in every export, so that a person can match them with the picture.
#pragma once

#include "core/trace/timeline.h"
#include "core/trace/waker.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// Which kind of row a slice is on: the same SliceState means different things there.
enum class TrackKind { Core, Thread, Lock };

/// "core", "thread", "lock".
std::string_view trackKindText(TrackKind kind) noexcept;
/// "running", "runnable", "blocked", "waiting for lock", "absent"; on cores "running", "idle"; on locks "held", "free".
std::string_view stateText(TrackKind kind, SliceState state) noexcept;
/// "preempted", "released after timeout", ...; "" when it is not known.
std::string_view causeText(Cause cause) noexcept;
/// "measured", "inferred", "calculated".
std::string_view sourceText(Source source) noexcept;
/// "sleep", "file I/O", ...; "" when it is not known.
std::string_view waitText(WaitKind kind) noexcept;

/// Names of all rows, as in the picture; rows without name are called by their id. Processes are numbered in the order
/// in which their threads appear. Threads that share a name with one of another process: "Process 2" for the only
/// thread of its process, else "P2 MainThread"; such locks: "GIL of Process 2". Rows of one process get their id added.
struct RowLabels {
    explicit RowLabels(const Timeline& timeline);

    std::vector<std::string> cores; ///< "core 0"
    std::vector<std::string> threads;
    std::vector<std::string> locks;
    std::vector<std::string> counters;
    std::unordered_map<Pid, std::string> processes; ///< of those that have threads: "Process 2", or as its only thread

    /// "Thread 2", "an interrupt" (a timer or a device), "not this run"; "" when it is not known.
    std::string_view wakerText(Waker waker) const;
    /// What the slice is about: the thread, the core, the lock, what a blocked thread waits for, or who woke a runnable
    /// one; "" if nothing.
    std::string_view subject(TrackKind kind, SliceValue value) const;
};

} // namespace timeslice
