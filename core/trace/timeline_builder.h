// TimelineBuilder: folds batches of events into a Timeline as they come.
//
// Each track is a fold over its own events alone (a core's switches, a thread's switches and locks, a lock's holds).
// Events normally arrive in order and are appended at once, so the picture never lags. An event that arrives late is
// put in its place: the track is truncated to its time and its most recent events are folded again. The builder keeps
// at least the last kReplay events of each track for this; an event older than those is applied at the oldest kept
// moment and counted in Timeline::lateEvents.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/builder_options.h"
#include "core/trace/timeline.h"

#include <memory>

namespace timeslice {

/// Not thread-safe; use it on the thread that owns the Timeline.
class TimelineBuilder {
public:
    static constexpr std::size_t kReplay = 256;

    TimelineBuilder(Timeline& timeline, const BuilderOptions& options);
    ~TimelineBuilder();
    TimelineBuilder(const TimelineBuilder&) = delete;
    TimelineBuilder& operator=(const TimelineBuilder&) = delete;

    void append(const Batch& batch);
    /// No more batches: closes every track at `end`. Threads not seen to exit stay in their last state until then.
    void finish(Nanos end);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace timeslice
