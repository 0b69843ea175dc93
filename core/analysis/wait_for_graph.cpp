#include "core/analysis/wait_for_graph.h"

#include "core/analysis/lock_moment.h"
#include "core/analysis/names.h"
#include "core/analysis/wait_cycle.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace timeslice {

std::vector<WaitEdge> waitsAt(const Timeline& timeline, Nanos t)
{
    std::vector<WaitEdge> edges;
    for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
        if (const auto wait = waitAt(timeline, thread, t)) {
            if (const auto hold = holdAt(timeline.locks[wait->lock], t)) {
                edges.push_back({thread, wait->lock, hold->thread, wait->since});
            }
        }
    }
    return edges;
}

std::vector<WaitEdge> currentWaits(const Timeline& timeline)
{
    return waitsAt(timeline, timeline.end);
}

std::optional<DeadlockCycle> findCycle(const std::vector<WaitEdge>& waits)
{
    std::unordered_map<std::uint32_t, std::size_t> waitOf;
    for (std::size_t i = 0; i < waits.size(); ++i) {
        waitOf.emplace(waits[i].thread, i);
    }
    // Following the waits either ends, or comes to where an earlier way has been, or goes round.
    constexpr std::size_t kUnseen = SIZE_MAX;
    std::vector<std::size_t> seenFrom(waits.size(), kUnseen);
    for (std::size_t start = 0; start < waits.size(); ++start) {
        std::size_t at = start;
        bool ends = false;
        while (!ends && seenFrom[at] == kUnseen) {
            seenFrom[at] = start;
            const auto next = waitOf.find(waits[at].holder);
            ends = next == waitOf.end();
            at = ends ? at : next->second;
        }
        if (ends || seenFrom[at] != start) {
            continue;
        }
        DeadlockCycle cycle;
        const std::size_t first = at;
        do {
            cycle.edges.push_back(waits[at]);
            cycle.since = std::max(cycle.since, waits[at].since);
            at = waitOf.at(waits[at].holder);
        } while (at != first);
        // The same cycle is told from the same thread on, whoever was looked at first.
        std::rotate(cycle.edges.begin(),
            std::min_element(cycle.edges.begin(), cycle.edges.end(),
                [](const WaitEdge& a, const WaitEdge& b) { return a.thread < b.thread; }),
            cycle.edges.end());
        return cycle;
    }
    return std::nullopt;
}

std::optional<DeadlockCycle> findDeadlock(const Timeline& timeline)
{
    return findCycle(currentWaits(timeline));
}

std::string describe(const DeadlockCycle& cycle, const NameOf& threadName, const NameOf& lockName)
{
    std::vector<WaitEdge> edges = cycle.edges;
    std::rotate(edges.begin(),
        std::min_element(edges.begin(), edges.end(),
            [&](const WaitEdge& a, const WaitEdge& b) { return threadName(a.thread) < threadName(b.thread); }),
        edges.end());
    std::string text;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        // What this thread holds of the cycle is what the one before it waits for.
        const WaitEdge& before = edges[(i + edges.size() - 1) % edges.size()];
        text += (i == 0 ? "" : "; ") + threadName(edges[i].thread) + " holds " + lockName(before.lock)
            + " and waits for " + lockName(edges[i].lock);
    }
    return text;
}

std::string describe(const DeadlockCycle& cycle, const Timeline& timeline)
{
    const std::string text = describe(
        cycle, [&](std::uint32_t thread) { return threadName(timeline, thread); },
        [&](std::uint32_t lock) { return lockName(timeline, lock); });
    return text.empty() ? text : text + ".";
}

} // namespace timeslice
