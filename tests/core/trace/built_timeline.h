// A timeline built from a handful of events, for tests of what they amount to.
#pragma once

#include "core/trace/timeline_builder.h"

#include <utility>
#include <vector>

namespace timeslice::testing {

inline constexpr Tid kA = 11;
inline constexpr Tid kB = 12;
inline constexpr ObjectId kLock = 5;

inline Event at(Nanos time, Tid tid, EventKind kind, CpuId cpu = kNoCpu, ObjectId object = 0, std::uint64_t value = 0)
{
    return {time, tid, 10, kind, cpu, object, value};
}

struct Built {
    Timeline timeline;
    TimelineBuilder builder;

    explicit Built(BuilderOptions options = {{0, 1}, 10, false})
        : builder(timeline, options)
    {
    }
    void add(std::vector<Event> events, Nanos drainedAt = 0)
    {
        Batch batch;
        batch.events = std::move(events);
        batch.drainedAt = drainedAt;
        builder.append(batch);
    }
    const ThreadInfo& thread(Tid tid) const { return timeline.threads[timeline.threadIndex(tid).value()]; }
    const Track& lock(ObjectId id = kLock) const { return timeline.locks[timeline.lockIndex(id).value()].track; }
    Slice threadAt(Tid tid, Nanos t) const
    {
        const Track& track = thread(tid).track;
        const std::size_t index = track.indexAt(t);
        return index < track.size() ? track.slice(index) : Slice{};
    }
};

} // namespace timeslice::testing
