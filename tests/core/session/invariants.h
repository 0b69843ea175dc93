// What holds of every recording of a real run.
#pragma once

#include "tests/core/session/run_support.h"
#include "tests/core/trace/hold_invariants.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace timeslice {

/// From the threads' own tracks, since a core's track could not show two at once.
inline void expectEachCoreRunsOneThreadAtATime(const Timeline& timeline)
{
    std::map<std::uint32_t, std::vector<std::pair<TimeRange, std::string>>> byCore;
    for (const ThreadInfo& thread : timeline.threads) {
        for (std::size_t i = 0; i < thread.track.size(); ++i) {
            const Slice slice = thread.track.slice(i);
            if (slice.value.state() == SliceState::Running) {
                byCore[slice.value.subject()].push_back({{slice.begin, slice.end}, thread.name});
            }
        }
    }
    for (auto& [core, runs] : byCore) {
        std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
        for (std::size_t i = 1; i < runs.size(); ++i) {
            EXPECT_LE(runs[i - 1].first.end, runs[i].first.begin)
                << "core " << core << " runs " << runs[i - 1].second << " and " << runs[i].second << " at once";
        }
    }
}

/// From the events themselves: taken is stamped after the lock was taken, released before it is let go.
inline void expectHoldsOfALockNeverOverlap(const std::vector<Event>& events)
{
    const bool certain = std::any_of(events.begin(), events.end(), [](const Event& event) {
        return event.kind == EventKind::ProcessExec && event.value == static_cast<std::uint64_t>(ExecNews::Certain);
    });
    // At the same nanosecond, what ends a hold comes first.
    const auto order = [](const Event& event) { return std::pair(event.time, event.kind == EventKind::LockAcquire); };
    std::vector<Event> sorted = events;
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Event& a, const Event& b) { return order(a) < order(b); });
    std::map<ObjectId, std::pair<Pid, Tid>> holders;
    for (const Event& event : sorted) {
        const std::pair who{event.pid, event.tid};
        if (event.kind == EventKind::LockAcquire) {
            const auto [holder, free] = holders.try_emplace(event.object, who);
            ASSERT_TRUE(free || holder->second == who) << "lock " << event.object << " is held twice";
        } else if (event.kind == EventKind::LockRelease) {
            ASSERT_EQ(holders.erase(event.object), 1U) << "lock " << event.object << " is let go by nobody";
        } else if (event.kind == EventKind::ProcessExec
            && certain == (event.value == static_cast<std::uint64_t>(ExecNews::Certain))) {
            std::erase_if(holders, [&](const auto& hold) { return hold.second.first == event.pid; });
        }
    }
}

/// Every request of a thread is followed by its own acquisition (or it gave up, ended, or the recording ended).
inline void expectEveryRequestIsAnswered(const std::vector<Event>& events)
{
    std::map<Tid, std::vector<Event>> byThread;
    for (const Event& event : events) {
        byThread[event.tid].push_back(event);
    }
    for (auto& [tid, own] : byThread) {
        std::stable_sort(own.begin(), own.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
        ObjectId asked = 0;
        for (const Event& event : own) {
            switch (event.kind) {
            case EventKind::LockRequest:
                EXPECT_EQ(asked, 0U) << "thread " << tid << " asks for two locks at once";
                asked = event.object;
                break;
            case EventKind::LockAcquire:
                EXPECT_TRUE(asked == 0 || asked == event.object)
                    << "thread " << tid << " asked for " << asked << " and got " << event.object;
                asked = 0;
                break;
            case EventKind::LockAbandon:
            case EventKind::ThreadExit:
            case EventKind::ProcessExec:
                asked = 0;
                break;
            case EventKind::LockRelease:
                EXPECT_EQ(asked, 0U) << "thread " << tid << " lets go of a lock while it waits for another";
                break;
            default:
                break;
            }
        }
    }
}

/// The kernel's account of each thread against its Running slices: within 2 %, what a thread does before and after the
/// span that the worker measures (its start, its end), and what the hypervisor took, which is in the slices alone.
/// Returns "" or which thread is off.
inline std::string runningTimeError(const FollowedRun& run, std::size_t variant = 0)
{
    constexpr Nanos kStartAndEnd = 2 * kMillisecond;
    const auto& accounts = run.variant(variant).facts.threadCpu;
    EXPECT_FALSE(accounts.empty());
    for (const auto& [tid, cpu] : accounts) {
        const std::optional<std::uint32_t> index = run.timeline(variant).threadIndex(tid);
        if (!index) {
            return "thread " + std::to_string(tid) + " is not on the timeline";
        }
        const Track& track = run.timeline(variant).threads[*index].track;
        Nanos running = 0;
        for (std::size_t i = 0; i < track.size(); ++i) {
            if (track.slice(i).value.state() == SliceState::Running) {
                running += track.slice(i).length();
            }
        }
        const Nanos allowed = cpu / 50 + kStartAndEnd + run.variant(variant).report.stolen;
        if (std::abs(running - cpu) > allowed) {
            return run.timeline(variant).threads[*index].name + " ran for " + std::to_string(running)
                + " ns on the timeline and used " + std::to_string(cpu) + " ns of CPU time";
        }
    }
    return {};
}

/// What is true of any recording, however the run ended.
inline void expectSoundRecording(const FollowedRun& run, std::size_t variant = 0)
{
    const Timeline& timeline = run.timeline(variant);
    EXPECT_TRUE(timeline.finished);
    EXPECT_GT(timeline.events, 0U);
    EXPECT_FALSE(timeline.threads.empty());
    EXPECT_FALSE(timeline.cores.empty());
    EXPECT_EQ(timeline.lost.total(), 0U);
    for (const ThreadInfo& thread : timeline.threads) {
        EXPECT_LE(thread.track.end(), timeline.end) << thread.name;
        EXPECT_TRUE(thread.track.empty() || thread.track.closed()) << thread.name;
    }
    for (const LockInfo& lock : timeline.locks) {
        EXPECT_LE(lock.maxConcurrentHolders, 1U) << lock.name;
    }
    EXPECT_EQ(test::holdsGoneWrong(timeline), "");
    if (timeline.source == Source::Measured) {
        expectEachCoreRunsOneThreadAtATime(timeline);
    }
    if (run.model->variants().size() == 1) {
        expectHoldsOfALockNeverOverlap(run.events);
        expectEveryRequestIsAnswered(run.events);
    }
}

} // namespace timeslice
