#include "core/analysis/wait_graph.h"

#include "core/analysis/lock_moment.h"
#include "core/analysis/wait_cycle.h"

#include <algorithm>
#include <iterator>

namespace timeslice {

namespace {

/// A record that came late is put in its place, and what was drawn after it is drawn anew: so far back, at most.
constexpr Nanos kStragglers = 20 * kMillisecond;

/// Calls `look` with slices that end after `from`: the first ones, and where there are too many, the last ones besides.
template <class Look> void forSome(const Track& track, Nanos from, Look look)
{
    constexpr std::size_t kHalf = LockUsers::kMostSlices / 2;
    const std::size_t first = track.firstEndingAfter(from);
    const std::size_t size = track.size();
    const std::size_t gapBegin = size - first > LockUsers::kMostSlices ? first + kHalf : size;
    for (std::size_t i = first; i < gapBegin; ++i) {
        look(track.value(i));
    }
    for (std::size_t i = std::max(gapBegin, size > kHalf ? size - kHalf : 0); i < size; ++i) {
        look(track.value(i));
    }
}

bool standsAt(const std::vector<std::uint32_t>& sorted, std::uint32_t what)
{
    return std::binary_search(sorted.begin(), sorted.end(), what);
}

} // namespace

const WaitGraph::Edge* WaitGraph::waitOf(std::uint32_t thread) const
{
    const auto found = std::find_if(waits.begin(), waits.end(), [&](const Edge& e) { return e.use.thread == thread; });
    return found != waits.end() ? &*found : nullptr;
}

WaitGraph waitGraphAt(const Timeline& timeline, std::span<const std::uint32_t> locks, Nanos t)
{
    std::vector<std::uint32_t> sorted(locks.begin(), locks.end());
    std::sort(sorted.begin(), sorted.end());
    WaitGraph graph;
    for (const std::uint32_t lock : sorted) {
        if (const auto hold = lock < timeline.locks.size() ? holdAt(timeline.locks[lock], t) : std::nullopt) {
            graph.holds.push_back({{hold->thread, lock}, hold->since});
        }
    }
    std::vector<WaitEdge> edges;
    for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
        const auto wait = waitAt(timeline, thread, t);
        if (!wait || !standsAt(sorted, wait->lock)) {
            continue;
        }
        graph.waits.push_back({{thread, wait->lock}, wait->since});
        for (const WaitGraph::Edge& hold : graph.holds) {
            if (hold.use.lock == wait->lock) {
                edges.push_back({thread, wait->lock, hold.use.thread, wait->since});
            }
        }
    }
    if (const auto cycle = findCycle(edges)) {
        graph.deadlockSince = cycle->since;
        for (const WaitEdge& edge : cycle->edges) {
            for (WaitGraph::Edge& wait : graph.waits) {
                wait.inCycle = wait.inCycle || wait.use.thread == edge.thread;
            }
            for (WaitGraph::Edge& hold : graph.holds) {
                hold.inCycle = hold.inCycle || hold.use.lock == edge.lock;
            }
        }
    }
    return graph;
}

bool LockUsers::update(const Timeline& timeline)
{
    const std::size_t uses = m_uses.size();
    const std::size_t locks = m_contended.size();
    const Nanos from = m_seenUntil ? *m_seenUntil - kStragglers : timeline.begin - 1;
    m_isContended.resize(timeline.locks.size());
    for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
        lookAtThread(timeline, thread, from);
    }
    for (std::uint32_t lock = 0; lock < timeline.locks.size(); ++lock) {
        lookAtLock(timeline, lock, from);
    }
    m_seenUntil = timeline.end;
    return m_uses.size() != uses || m_contended.size() != locks;
}

void LockUsers::lookAtThread(const Timeline& timeline, std::uint32_t thread, Nanos from)
{
    const Track& track = timeline.threads[thread].track;
    if (track.shares({from, timeline.end + 1})[static_cast<std::size_t>(SliceState::WaitingForLock)] == 0) {
        return; // most threads of most programs
    }
    std::uint32_t last = SliceValue::kMaxSubject;
    forSome(track, from, [&](SliceValue value) {
        const std::uint32_t lock = value.subject();
        if (value.state() != SliceState::WaitingForLock || lock == last || lock >= m_isContended.size()) {
            return;
        }
        last = lock;
        m_uses.insert({thread, lock});
        if (!m_isContended[lock]) {
            m_isContended[lock] = true;
            m_contended.push_back(lock);
        }
    });
}

void LockUsers::lookAtLock(const Timeline& timeline, std::uint32_t lock, Nanos from)
{
    std::uint32_t last = SliceValue::kMaxSubject;
    forSome(timeline.locks[lock].track, from, [&](SliceValue value) {
        if (value.state() == SliceState::Running && value.subject() != last
            && value.subject() < timeline.threads.size()) {
            last = value.subject();
            m_uses.insert({last, lock});
        }
    });
}

std::vector<LockUse> LockUsers::uses() const
{
    std::set<std::uint32_t> involved;
    for (const LockUse& use : m_uses) {
        if (m_isContended[use.lock]) {
            involved.insert(use.thread);
        }
    }
    std::vector<LockUse> all;
    std::copy_if(m_uses.begin(), m_uses.end(), std::back_inserter(all),
        [&](const LockUse& use) { return involved.contains(use.thread); });
    return all;
}

} // namespace timeslice
