// WaitGraph: threads and locks, who holds which, who waits for which, at one moment.
//
// Holt: Some Deadlock Properties of Computer Systems, ACM Computing Surveys 4(3), 1972: the resource-allocation graph,
// of which the wait-for graph (wait_for_graph.h) is what is left when the locks are taken out.
#pragma once

#include "core/analysis/wait_for_graph.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace timeslice {

/// A thread and a lock, indices into the Timeline.
struct LockUse {
    std::uint32_t thread = 0;
    std::uint32_t lock = 0;
    friend auto operator<=>(const LockUse&, const LockUse&) = default;
};

/// What of it there is at one moment. A value: two that are equal look the same.
struct WaitGraph {
    struct Edge {
        LockUse use;
        Nanos since = 0;
        bool inCycle = false; ///< a part of the circle
        friend bool operator==(const Edge&, const Edge&) = default;
    };
    std::vector<Edge> holds; ///< ascending by lock
    std::vector<Edge> waits; ///< ascending by thread; also for a lock that nobody holds at that moment
    std::optional<Nanos> deadlockSince; ///< there is a circle, and when it was closed

    bool empty() const noexcept { return holds.empty() && waits.empty(); }
    const Edge* waitOf(std::uint32_t thread) const;
    friend bool operator==(const WaitGraph&, const WaitGraph&) = default;
};

/// The graph at `t`, of these locks and all threads. O(threads and locks, × log slices).
WaitGraph waitGraphAt(const Timeline& timeline, std::span<const std::uint32_t> locks, Nanos t);

/// Which threads ever took or awaited which locks: the nodes and all the edges that the graph of a run can ever have.
/// Kept up to date while the timeline grows.
class LockUsers {
public:
    /// So many slices are looked at in one update, of each track; of a recording with more, the first and the last
    /// ones.
    static constexpr std::size_t kMostSlices = std::size_t{1} << 14;

    /// Looks at what has come since the last time; `timeline` must be the same one, or the users be new. True: somebody
    /// or something has been added.
    bool update(const Timeline& timeline);

    /// Locks that a thread has waited for, in the order in which that was seen.
    const std::vector<std::uint32_t>& contended() const noexcept { return m_contended; }
    /// What is known, ascending, of all threads that ever used a contended lock: who is in somebody's way, or has
    /// somebody in his, and with what in hand.
    std::vector<LockUse> uses() const;

private:
    void lookAtThread(const Timeline& timeline, std::uint32_t thread, Nanos from);
    void lookAtLock(const Timeline& timeline, std::uint32_t lock, Nanos from);

    std::set<LockUse> m_uses;
    std::vector<std::uint32_t> m_contended;
    std::vector<bool> m_isContended; ///< by lock
    std::optional<Nanos> m_seenUntil;
};

} // namespace timeslice
