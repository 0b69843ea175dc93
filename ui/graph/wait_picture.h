// WaitPicture: the nodes of a run's graph of waiting and where they lie. Who is in it has a place for as long as the
// run is shown: nodes come, but none ever moves.
#pragma once

#include "core/analysis/wait_graph.h"
#include "ui/graph/graph_layout.h"
#include "ui/plot/run_picture.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// A thread or a lock, by its index in the Timeline.
struct WaitNode {
    enum class Kind : unsigned char { Thread, Lock };
    Kind kind = Kind::Thread;
    std::uint32_t index = 0;
    friend bool operator==(const WaitNode&, const WaitNode&) = default;
};

class WaitPicture {
public:
    /// By Graphviz, on the UI thread; or as a ring, once for all, on any other.
    enum class By : unsigned char { Graphviz, Ring };
    explicit WaitPicture(By by = By::Graphviz)
        : m_by(by)
    {
    }

    /// More of a kind than these cannot be told apart in a corner of a window: the first ones are shown.
    static constexpr std::size_t kMostOfAKind = 10;

    /// Takes in what the timeline has come to tell of; it must be the same one each time. True: there are more nodes.
    bool update(const Timeline& timeline);

    bool empty() const noexcept { return m_nodes.empty(); }
    /// Whether those who wait use anything else than a GIL: of a GIL alone the row tells all.
    bool hasLocks() const noexcept { return m_hasLocks; }
    const std::vector<WaitNode>& nodes() const noexcept { return m_nodes; }
    const std::vector<GraphPlace>& places() const noexcept { return m_places; } ///< of the nodes
    std::size_t threads() const noexcept { return m_threads; } ///< nodes that are threads
    /// What it does not show, for want of room.
    std::size_t omitted() const noexcept { return m_omitted; }
    /// Between its nodes only.
    WaitGraph at(const Timeline& timeline, Nanos t) const;

private:
    std::size_t nodeOf(WaitNode node);

    By m_by;
    LockUsers m_users;
    std::vector<WaitNode> m_nodes;
    std::vector<GraphPlace> m_places;
    std::size_t m_threads = 0;
    std::size_t m_locks = 0;
    std::size_t m_omitted = 0;
    bool m_hasLocks = false;
};

} // namespace timeslice
