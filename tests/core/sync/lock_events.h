// Runs threads that record into a channel, and checks what lock events say about them.
#pragma once

#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/event_writer.h"
#include "core/record/sort_by_time.h"

#include <barrier>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace timeslice::test {

struct Hold {
    Nanos begin = 0;
    Nanos end = 0;
    Tid tid = 0;
    ReleaseReason reason = ReleaseReason::Voluntary;
};

inline Channel makeChannel(std::uint32_t ringCapacity = 1U << 16)
{
    Result<Channel> channel = Channel::create({.rings = 32, .ringCapacity = ringCapacity, .objects = 8});
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

/// Runs `body(index)` on as many attached threads, which start together.
inline void runThreads(const Channel& channel, int count, const std::function<void(int)>& body)
{
    std::barrier start{count};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            EventWriter::attachThread(channel, "Thread " + std::to_string(i + 1));
            start.arrive_and_wait();
            body(i);
            EventWriter::detachThread();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

inline std::vector<Event> eventsOf(const Channel& channel)
{
    ChannelReader reader{channel};
    Batch batch;
    reader.drain(batch);
    EXPECT_EQ(batch.lost.total(), 0U);
    std::vector<Event> scratch;
    sortByTime(batch.events, scratch);
    return batch.events;
}

inline std::vector<Hold> holdsOf(const std::vector<Event>& events)
{
    std::vector<Hold> holds;
    std::map<Tid, Nanos> since;
    for (const Event& event : events) {
        if (event.kind == EventKind::LockAcquire) {
            EXPECT_TRUE(since.emplace(event.tid, event.time).second) << "taken twice by one thread";
        } else if (event.kind == EventKind::LockRelease) {
            const auto taken = since.find(event.tid);
            EXPECT_NE(taken, since.end()) << "released without having been taken";
            if (taken != since.end()) {
                holds.push_back({taken->second, event.time, event.tid, static_cast<ReleaseReason>(event.value)});
                since.erase(taken);
            }
        }
    }
    EXPECT_TRUE(since.empty()) << "never released";
    return holds;
}

inline void expectNoOverlap(const std::vector<Hold>& holds)
{
    // In the order of their ends: that of the events.
    for (std::size_t i = 1; i < holds.size(); ++i) {
        ASSERT_LE(holds[i - 1].end, holds[i].begin) << "two threads hold the lock at once";
    }
}

/// Each request is followed, in the same thread, by its acquisition before anything else but drop requests
/// and false alarms.
inline void expectRequestsAnswered(const std::vector<Event>& events)
{
    std::map<Tid, bool> waiting;
    for (const Event& event : events) {
        bool& waits = waiting[event.tid];
        switch (event.kind) {
        case EventKind::LockRequest:
            EXPECT_FALSE(waits) << "asked twice";
            waits = true;
            break;
        case EventKind::LockAcquire:
            waits = false;
            break;
        case EventKind::LockDropRequest:
            EXPECT_TRUE(waits) << "only who waits may ask the holder to let go";
            break;
        case EventKind::LockFalseAlarm:
            EXPECT_TRUE(waits) << "only who waits can be woken in vain";
            break;
        default:
            EXPECT_FALSE(waits) << "went on without the lock";
            break;
        }
    }
    for (const auto& [tid, waits] : waiting) {
        EXPECT_FALSE(waits) << "never got the lock";
    }
}

inline std::size_t countOf(const std::vector<Event>& events, EventKind kind)
{
    std::size_t count = 0;
    for (const Event& event : events) {
        count += event.kind == kind ? 1 : 0;
    }
    return count;
}

} // namespace timeslice::test
