#include "core/record/collector.h"
#include "core/record/event_writer.h"
#include "recorded_child.h"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <limits>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <utility>
#include <vector>

namespace timeslice::test::collector_test {
namespace {

Channel make(ChannelGeometry geometry)
{
    Result<Channel> channel = Channel::create(geometry);
    EXPECT_TRUE(channel) << channel.error().message;
    return std::move(*channel);
}

TEST(Collector, LosesNoneOfAMillionEventsASecond)
{
    Channel channel = make({.rings = 4, .ringCapacity = 1 << 16, .objects = 1});
    Nanos drainedAt = monotonicNow();
    Collector collector{{.channel = &channel}};
    constexpr int kThreads = 2;
    constexpr std::uint64_t kEach = 500'000;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            EventWriter& writer = EventWriter::attachThread(channel, "writer");
            Nanos next = monotonicNow();
            for (std::uint64_t i = 0; i < kEach; ++i) {
                if (i % 256 == 0) { // half a million a second from each, and no catching up when it was interrupted
                    while (monotonicNow() < next) { }
                    next = monotonicNow() + 256 * 2 * kMicrosecond;
                }
                writer.record(EventKind::Mark, 0, i);
            }
            EventWriter::detachThread();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    collector.stop();
    collector.stop();
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    Nanos longestGap = 0;
    for (const Batch& batch : collector.take()) {
        EXPECT_TRUE(std::is_sorted(
            batch.events.begin(), batch.events.end(), [](const Event& a, const Event& b) { return a.time < b.time; }));
        EXPECT_GE(batch.drainedAt, drainedAt);
        longestGap = std::max(longestGap, batch.drainedAt - drainedAt);
        drainedAt = batch.drainedAt;
        events += batch.events.size();
        lost = batch.lost.total();
    }
    EXPECT_EQ(events + lost, kThreads * kEach);
    EXPECT_TRUE(collector.take().empty());
    EXPECT_GT(collector.cpuTime(), 0);
    // A ring has room for the events of 131 ms.
    if (longestGap > 60 * kMillisecond) {
        GTEST_SKIP() << "this machine gave the collector no turn for " << longestGap / kMillisecond << " ms";
    }
    EXPECT_EQ(lost, 0U);
}

TEST(Collector, PassesOnALocksReleaseBeforeTheNextThreadTakesIt)
{
    // The rings are read one after another; what is written meanwhile must not come before what it follows.
    Channel channel = make({.rings = 4, .ringCapacity = 1 << 16, .objects = 1});
    Collector collector{{.channel = &channel}};
    constexpr int kThreads = 3;
    constexpr int kEach = 10'000; // fits into a ring
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            EventWriter& writer = EventWriter::attachThread(channel, "writer");
            for (int i = 0; i < kEach; ++i) {
                const std::lock_guard lock(mutex);
                writer.record(EventKind::LockAcquire, 0, 0); // stamped and written with the lock held, as the GIL's are
                writer.record(EventKind::LockRelease, 0, 0);
            }
            EventWriter::detachThread();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    collector.stop();
    int events = 0;
    int holders = 0;
    int most = 0;
    for (const Batch& batch : collector.take()) {
        EXPECT_EQ(batch.lost.total(), 0U);
        for (const Event& event : batch.events) {
            EXPECT_LE(event.time, batch.drainedAt);
            holders += event.kind == EventKind::LockAcquire ? 1 : -1;
            most = std::max(most, holders);
            ++events;
        }
    }
    EXPECT_EQ(events, 2 * kThreads * kEach);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(holders, 0);
}

TEST(Collector, TellsHowFarItHasComeWhileNothingHappens)
{
    Channel channel = make({.rings = 4, .ringCapacity = 16, .objects = 1});
    Collector collector{{.channel = &channel, .source = Source::Inferred}};
    const Nanos begin = monotonicNow();
    Nanos reached = 0;
    std::size_t most = 0;
    while (reached < begin + 10 * Collector::kPeriod) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        const std::vector<Batch> batches = collector.take();
        most = std::max(most, batches.size());
        for (const Batch& batch : batches) {
            EXPECT_TRUE(batch.empty());
            EXPECT_EQ(batch.source, Source::Inferred);
            reached = batch.drainedAt;
        }
        ASSERT_LT(monotonicNow(), begin + 60 * kSecond);
    }
    EXPECT_LE(most, 1U) << "batches in which nothing happened become one";
}

TEST(Collector, EndsTheRecordingAtItsBudgetAndCountsTheRest)
{
    constexpr std::uint64_t kMost = 100;
    constexpr std::uint64_t kWritten = 1000;
    Channel channel = make({.rings = 4, .ringCapacity = 1 << 12, .objects = 1});
    Collector collector{{.channel = &channel, .mostEvents = kMost}};
    EXPECT_FALSE(collector.cutAt());
    std::thread{[&] {
        EventWriter& writer = EventWriter::attachThread(channel, "writer");
        for (std::uint64_t i = 0; i < kWritten; ++i) {
            writer.record(EventKind::Mark, 0, i);
        }
    }}.join();
    collector.stop();
    std::uint64_t things = 0;
    std::uint64_t events = 0;
    LossCounts lost;
    Nanos last = 0;
    Nanos reached = 0;
    for (const Batch& batch : collector.take()) {
        things += batch.names.size() + batch.objects.size() + batch.events.size();
        events += batch.events.size();
        lost = batch.lost;
        last = batch.events.empty() ? last : batch.events.back().time;
        reached = std::max(reached, batch.drainedAt);
    }
    EXPECT_EQ(things, kMost);
    EXPECT_EQ(events + lost.overBudget, kWritten);
    ASSERT_TRUE(collector.cutAt());
    EXPECT_EQ(*collector.cutAt(), reached);
    EXPECT_GE(reached, last);
}

TEST(Collector, RefusesTimesThatNoClockOfThisMachineSays)
{
    Channel channel = make({.rings = 4, .ringCapacity = 64, .objects = 1});
    Collector collector{{.channel = &channel}};
    std::thread{[&] {
        EventWriter& writer = EventWriter::attachThread(channel, "writer");
        const auto latest = std::numeric_limits<Nanos>::max();
        writer.recordAt(latest, EventKind::Mark, 0, 1, kNoCpu);
        writer.recordAt(-latest, EventKind::Mark, 0, 2, kNoCpu);
        writer.recordAt(monotonicNow(), EventKind::Latency, 0, static_cast<std::uint64_t>(latest), kNoCpu);
        writer.recordAt(monotonicNow(), EventKind::Mark, 0, 3, kNoCpu);
    }}.join();
    collector.stop();
    std::vector<std::uint64_t> marks;
    std::uint64_t malformed = 0;
    for (const Batch& batch : collector.take()) {
        for (const Event& event : batch.events) {
            if (event.kind == EventKind::Mark || event.kind == EventKind::Latency) {
                marks.push_back(event.value);
            }
        }
        malformed = batch.lost.malformed;
    }
    EXPECT_EQ(marks, std::vector<std::uint64_t>{3});
    EXPECT_EQ(malformed, 3U);
}

TEST(Collector, MergesChannelAndSwitchesAndPrefersNamesThatThreadsChose)
{
    if (const Result<void> allowed = probeContextSwitches(); !allowed) {
        GTEST_SKIP() << allowed.error().message;
    }
    Channel channel = make({.rings = 4, .ringCapacity = 1 << 12, .objects = 4});
    const ObjectId lock = channel.addObject(ObjectKind::Mutex, "m", 0);
    std::unique_ptr<Collector> collector;
    const RecordedRun run = recordChildWith(
        [&](int reportFd) {
            std::thread{[&] {
                EventWriter& writer = EventWriter::attachThread(channel, "the name that it chose itself");
                pthread_setname_np(pthread_self(), "kernel's name");
                for (int i = 0; i < 50; ++i) {
                    writer.record(EventKind::LockAcquire, lock);
                    spinUntilCpuTime(threadCpuTime() + kMillisecond);
                    writer.record(EventKind::LockRelease, lock);
                }
                report(reportFd, 0);
            }}.join();
        },
        [&](Pid pid) -> Result<Drain> {
            Result<ContextSwitches> switches = ContextSwitches::open(pid, {});
            if (!switches) {
                return tl::unexpected(switches.error());
            }
            collector = std::make_unique<Collector>(
                CollectorSources{.channel = &channel, .switches = std::move(*switches), .usage = CpuUsage{{0}}});
            return Drain{[](Batch&) {}};
        });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.reports.size(), 1U);
    collector->stop();
    std::vector<Event> events;
    std::vector<UsageSample> usage;
    std::string name;
    const Tid tid = run.reports[0].tid;
    LossCounts lost;
    for (const Batch& batch : collector->take()) {
        EXPECT_TRUE(std::is_sorted(
            batch.events.begin(), batch.events.end(), [](const Event& a, const Event& b) { return a.time < b.time; }));
        events.insert(events.end(), batch.events.begin(), batch.events.end());
        usage.insert(usage.end(), batch.usage.begin(), batch.usage.end());
        for (const ThreadNaming& naming : batch.names) {
            name = naming.tid == tid ? naming.name : name;
        }
        lost = batch.lost;
    }
    EXPECT_EQ(name, "the name that it chose itself");
    EXPECT_EQ(lost.total(), 0U);
    EXPECT_FALSE(usage.empty());
    std::vector<Event> scratch;
    sortByTime(events, scratch);
    EXPECT_EQ(overlapError(events), "");
    // The kernel's clock and the writer's are one: a thread takes and gives its lock only while it is on a core.
    bool running = false;
    int holds = 0;
    for (const Event& event : events) {
        if (event.tid != tid) {
            continue;
        }
        switch (event.kind) {
        case EventKind::SwitchIn:
            running = true;
            break;
        case EventKind::SwitchOut:
        case EventKind::ThreadExit:
            running = false;
            break;
        case EventKind::LockAcquire:
        case EventKind::LockRelease:
            EXPECT_TRUE(running);
            ++holds;
            break;
        default:
            break;
        }
    }
    EXPECT_EQ(holds, 100);
}

TEST(Collector, SamplesWhereThereAreNoKernelRecords)
{
    std::unique_ptr<Collector> collector;
    std::vector<Event> events;
    const auto take = [&] {
        for (const Batch& batch : collector->take()) {
            EXPECT_EQ(batch.source, Source::Inferred);
            events.insert(events.end(), batch.events.begin(), batch.events.end());
        }
    };
    int seen[2]; // closed when enough of the child was seen, or nothing will be
    ASSERT_EQ(pipe2(seen, O_CLOEXEC), 0);
    const RecordedRun run = recordChildWith(
        [&](int reportFd) {
            close(seen[1]);
            spinUntilCpuTime(threadCpuTime() + 100 * kMillisecond);
            report(reportFd, 0);
            char none = 0;
            [[maybe_unused]] const ssize_t got = read(seen[0], &none, 1);
        },
        [&](Pid pid) -> Result<Drain> {
            collector = std::make_unique<Collector>(
                CollectorSources{.sampler = ThreadSampler{pid}, .source = Source::Inferred});
            return Drain{[&, pid, patience = monotonicNow() + 60 * kSecond](Batch&) {
                take();
                if (runningTime(events, pid) > 50 * kMillisecond || monotonicNow() > patience) {
                    close(std::exchange(seen[1], -1));
                }
            }};
        });
    close(seen[0]);
    ASSERT_EQ(run.reports.size(), 1U);
    collector->stop();
    take();
    EXPECT_EQ(overlapError(events), "");
    EXPECT_GT(runningTime(events, run.pid), 50 * kMillisecond);
}

TEST(Collector, WithoutSourcesStartsAndStops)
{
    Collector collector{{}};
    collector.stop();
    EXPECT_EQ(collector.stolen(), 0);
}

} // namespace
} // namespace timeslice::test::collector_test
