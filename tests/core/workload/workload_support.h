// Runs workloads for the tests of this folder, and finds things in what they recorded.
#pragma once

#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/workload/workload_runner.h"
#include "core/workload/workload_spec.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace timeslice::workload_test {

/// Tests count iterations, not time: a slow assumed speed keeps a "run" of milliseconds short.
inline constexpr double kSlow = 50;

inline WorkloadBounds bounds()
{
    return {64, allowedCpus()};
}

inline WorkloadSpec parse(const std::string& text)
{
    auto spec = parseWorkload(text, bounds());
    if (!spec) {
        ADD_FAILURE() << spec.error().message;
        return {};
    }
    return *std::move(spec);
}

inline Channel makeChannel()
{
    auto channel = Channel::create({64, 1U << 17, 256});
    if (!channel) {
        ADD_FAILURE() << channel.error().message;
        std::abort();
    }
    return std::move(*channel);
}

inline WorkloadOptions options(const Channel* channel = nullptr)
{
    WorkloadOptions options;
    options.channel = channel;
    options.iterationsPerUs = kSlow;
    return options;
}

/// What a run left: its result, and every event in order of time (in order of writing within a thread).
struct Recorded {
    WorkloadResult result;
    Batch batch;

    std::vector<Event> events(EventKind kind) const
    {
        return select([kind](const Event& event) { return event.kind == kind; });
    }
    std::vector<Event> eventsOf(const std::string& thread) const
    {
        const Tid tid = tidOf(thread);
        return select([tid](const Event& event) { return event.tid == tid; });
    }
    std::vector<Event> eventsAt(ObjectId object) const
    {
        return select([object](const Event& event) { return event.object == object; });
    }
    std::vector<Event> select(const std::function<bool(const Event&)>& wanted) const
    {
        std::vector<Event> found;
        std::copy_if(batch.events.begin(), batch.events.end(), std::back_inserter(found), wanted);
        return found;
    }
    Tid tidOf(const std::string& name) const
    {
        for (const ThreadNaming& naming : batch.names) {
            if (naming.name == name) {
                return naming.tid;
            }
        }
        ADD_FAILURE() << "no thread is named " << name;
        return 0;
    }
    std::vector<ObjectBirth> objects(ObjectKind kind) const
    {
        std::vector<ObjectBirth> found;
        std::copy_if(batch.objects.begin(), batch.objects.end(), std::back_inserter(found),
            [kind](const ObjectBirth& birth) { return birth.kind == kind; });
        return found;
    }
};

inline Recorded record(const std::string& text, bool selfStamp = false)
{
    const Channel channel = makeChannel();
    WorkloadOptions run = options(&channel);
    run.selfStamp = selfStamp;
    Recorded recorded;
    auto result = runWorkload(parse(text), run);
    if (!result) {
        ADD_FAILURE() << result.error().message;
        return recorded;
    }
    recorded.result = *std::move(result);
    ChannelReader(channel, selfStamp ? SchedulingSource::Workload : SchedulingSource::Kernel).drain(recorded.batch);
    std::stable_sort(recorded.batch.events.begin(), recorded.batch.events.end(),
        [](const Event& a, const Event& b) { return a.time < b.time; });
    EXPECT_EQ(recorded.batch.lost.total(), 0U);
    return recorded;
}

inline WorkloadResult run(const std::string& text)
{
    auto result = runWorkload(parse(text), options());
    if (!result) {
        ADD_FAILURE() << result.error().message;
        return {};
    }
    return *std::move(result);
}

/// Runs `body` in a child of its own; returns its wait status. The child's exit status is what `body` returns.
inline int statusOfChild(const std::function<int()>& body)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(body());
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

/// Holds of one lock in order: a release must come before the next acquisition.
inline void expectHoldsDoNotOverlap(std::vector<Event> events)
{
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return std::pair(a.time, a.kind != EventKind::LockRelease)
            < std::pair(b.time, b.kind != EventKind::LockRelease);
    });
    std::optional<Tid> holder;
    for (const Event& event : events) {
        if (event.kind == EventKind::LockAcquire) {
            ASSERT_FALSE(holder) << event.tid << " took it while " << *holder << " held it";
            holder = event.tid;
        } else if (event.kind == EventKind::LockRelease) {
            ASSERT_EQ(holder, event.tid);
            holder.reset();
        }
    }
    EXPECT_FALSE(holder);
}

} // namespace timeslice::workload_test
