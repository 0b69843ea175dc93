#include "core/analysis/wait_for_graph.h"

#include "core/analysis/names.h"

#include <algorithm>

namespace timeslice {

namespace {

/// A killed thread runs on for a moment, in the kernel, to be taken apart; one that runs longer has given up waiting.
constexpr Nanos kDying = 50 * kMillisecond;

struct Wait {
    std::uint32_t lock = 0;
    Nanos since = 0;
};

bool tookSince(const Track& lock, std::uint32_t thread, Nanos since)
{
    for (std::size_t i = lock.firstEndingAfter(since); i < lock.size(); ++i) {
        const Slice slice = lock.slice(i);
        if (slice.begin >= since && slice.value.state() == SliceState::Running && slice.value.subject() == thread) {
            return true;
        }
    }
    return false;
}

/// The lock that the thread stood waiting for when its track ended. While a request is outstanding every standstill is
/// shown as waiting for the lock, so nothing but running (looking at the lock, or dying) may follow the last one.
std::optional<Wait> finalWait(const Timeline& timeline, std::uint32_t thread)
{
    const Track& track = timeline.threads[thread].track;
    Nanos ran = 0;
    for (std::size_t i = track.size(); i-- > 0;) {
        const Slice slice = track.slice(i);
        switch (slice.value.state()) {
        case SliceState::Absent:
        case SliceState::Runnable:
            break;
        case SliceState::Running:
            ran += slice.length();
            if (ran > kDying) {
                return std::nullopt;
            }
            break;
        case SliceState::Blocked:
        case SliceState::OffCore:
            return std::nullopt;
        case SliceState::WaitingForLock: {
            const std::uint32_t lock = slice.value.subject();
            if (lock >= timeline.locks.size() || tookSince(timeline.locks[lock].track, thread, slice.begin)) {
                return std::nullopt;
            }
            return Wait{lock, slice.begin};
        }
        }
    }
    return std::nullopt;
}

/// Who holds the lock at the end, or held it until it was killed.
std::optional<std::uint32_t> finalHolder(const Track& lock)
{
    for (std::size_t i = lock.size(); i-- > 0;) {
        const SliceValue value = lock.value(i);
        if (value.state() == SliceState::Running) {
            return value.subject();
        }
        if (value.cause() != Cause::HolderKilled && value.cause() != Cause::ReleasedAtExit) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<WaitEdge> currentWaits(const Timeline& timeline)
{
    std::vector<WaitEdge> edges;
    for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
        if (const auto wait = finalWait(timeline, thread)) {
            if (const auto holder = finalHolder(timeline.locks[wait->lock].track)) {
                edges.push_back({thread, wait->lock, *holder, wait->since});
            }
        }
    }
    return edges;
}

std::optional<DeadlockCycle> findDeadlock(const Timeline& timeline)
{
    const std::vector<WaitEdge> edges = currentWaits(timeline);
    // A thread waits for one lock, which has one holder: every node has at most one edge out, so following them
    // either ends or goes round.
    const auto edgeOf = [&](std::uint32_t thread) {
        return std::find_if(edges.begin(), edges.end(), [&](const WaitEdge& edge) { return edge.thread == thread; });
    };
    std::vector<bool> seen(timeline.threads.size(), false);
    for (const WaitEdge& start : edges) {
        std::vector<WaitEdge> path;
        auto edge = edgeOf(start.thread);
        while (edge != edges.end() && !seen[edge->thread]) {
            seen[edge->thread] = true;
            path.push_back(*edge);
            edge = edgeOf(edge->holder);
        }
        if (edge == edges.end()) {
            continue;
        }
        const auto first = std::find_if(
            path.begin(), path.end(), [&](const WaitEdge& passed) { return passed.thread == edge->thread; });
        if (first == path.end()) {
            continue; // led into what an earlier start has seen
        }
        DeadlockCycle cycle;
        cycle.edges.assign(first, path.end());
        // The same cycle is told from the same thread on, whoever was looked at first.
        std::rotate(cycle.edges.begin(),
            std::min_element(cycle.edges.begin(), cycle.edges.end(),
                [](const WaitEdge& a, const WaitEdge& b) { return a.thread < b.thread; }),
            cycle.edges.end());
        for (const WaitEdge& each : cycle.edges) {
            cycle.since = std::max(cycle.since, each.since);
        }
        return cycle;
    }
    return std::nullopt;
}

std::string describe(const DeadlockCycle& cycle, const Timeline& timeline)
{
    std::string text;
    for (std::size_t i = 0; i < cycle.edges.size(); ++i) {
        const WaitEdge& edge = cycle.edges[i];
        const WaitEdge& before = cycle.edges[(i + cycle.edges.size() - 1) % cycle.edges.size()];
        text += (i == 0 ? "" : "; ") + threadName(timeline, edge.thread) + " holds " + lockName(timeline, before.lock)
            + " and waits for " + lockName(timeline, edge.lock);
    }
    return text.empty() ? text : text + ".";
}

} // namespace timeslice
