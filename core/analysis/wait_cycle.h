// Whether waits go in a circle, and how that is told: one answer for a finished timeline, whose waits are read from its
// tracks (wait_for_graph.h), and for a live run, whose waits are known from the events as they pass by
// (core/session/live_waits.h).
#pragma once

#include "core/analysis/wait_for_graph.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// A cycle among the waits, from its first thread on, if there is one. A thread waits for one lock, which has one
/// holder, so each has one wait at most. Threads and locks are numbered as whoever made the waits likes. O(waits).
std::optional<DeadlockCycle> findCycle(const std::vector<WaitEdge>& waits);

using NameOf = std::function<std::string(std::uint32_t)>;
/// "Thread 1 holds A and waits for B; Thread 2 holds B and waits for A", from the name on that sorts first: the same in
/// every run.
std::string describe(const DeadlockCycle& cycle, const NameOf& threadName, const NameOf& lockName);

} // namespace timeslice
