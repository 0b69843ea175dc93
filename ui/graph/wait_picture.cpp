#include "ui/graph/wait_picture.h"

#include <algorithm>
#include <set>

namespace timeslice {

namespace {

constexpr std::size_t kNoNode = SIZE_MAX;

} // namespace

/// Its number; kNoNode: there is no room for it.
std::size_t WaitPicture::nodeOf(WaitNode node)
{
    const auto known = std::find(m_nodes.begin(), m_nodes.end(), node);
    if (known != m_nodes.end()) {
        return static_cast<std::size_t>(known - m_nodes.begin());
    }
    std::size_t& count = node.kind == WaitNode::Kind::Thread ? m_threads : m_locks;
    if (count >= kMostOfAKind) {
        return kNoNode;
    }
    ++count;
    m_nodes.push_back(node);
    return m_nodes.size() - 1;
}

bool WaitPicture::update(const Timeline& timeline)
{
    if (!m_users.update(timeline)) {
        return false;
    }
    const std::vector<LockUse> uses = m_users.uses();
    std::vector<GraphEdge> edges;
    std::set<std::pair<WaitNode::Kind, std::uint32_t>> left;
    for (const LockUse& use : uses) {
        const std::size_t thread = nodeOf({WaitNode::Kind::Thread, use.thread});
        const std::size_t lock = nodeOf({WaitNode::Kind::Lock, use.lock});
        if (thread != kNoNode && lock != kNoNode) {
            edges.emplace_back(thread, lock);
        }
        if (thread == kNoNode) {
            left.emplace(WaitNode::Kind::Thread, use.thread);
        }
        if (lock == kNoNode) {
            left.emplace(WaitNode::Kind::Lock, use.lock);
        }
    }
    m_hasLocks = std::any_of(
        uses.begin(), uses.end(), [&](const LockUse& use) { return timeline.locks[use.lock].kind != ObjectKind::Gil; });
    m_omitted = left.size();
    const bool more = m_nodes.size() != m_places.size();
    if (more) {
        m_places = m_by == By::Ring ? layOutRing(m_nodes.size(), edges) : layOutGraph(m_nodes.size(), edges, m_places);
    }
    return more;
}

WaitGraph WaitPicture::at(const Timeline& timeline, Nanos t) const
{
    std::vector<std::uint32_t> locks;
    std::vector<std::uint32_t> threads;
    for (const WaitNode& node : m_nodes) {
        (node.kind == WaitNode::Kind::Lock ? locks : threads).push_back(node.index);
    }
    WaitGraph graph = waitGraphAt(timeline, locks, t);
    const auto isOut = [&](const WaitGraph::Edge& edge) {
        return std::find(threads.begin(), threads.end(), edge.use.thread) == threads.end();
    };
    std::erase_if(graph.holds, isOut);
    std::erase_if(graph.waits, isOut);
    return graph;
}

} // namespace timeslice
