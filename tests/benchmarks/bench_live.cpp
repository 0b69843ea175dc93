// A live run against its budgets: a million events a second for ten seconds, none lost, each in the consumer's timeline
// soon enough to be on the screen 33 ms after it happened (the window's frames come on top: bench_ui_frame).
#include "core/record/channel.h"
#include "core/record/collector.h"
#include "core/record/event_writer.h"
#include "core/trace/timeline_builder.h"
#include "tests/benchmarks/budget.h"

#include <algorithm>
#include <atomic>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

using namespace timeslice;

namespace {

constexpr Nanos kDuration = 10 * kSecond;
constexpr std::uint64_t kPerSecond = 1'000'000; ///< all writers together
constexpr int kWriters = 2;
constexpr int kBurst = 200; ///< events that a writer records before it looks at the clock
constexpr auto kConsumerPeriod = std::chrono::milliseconds{4};

/// Takes and gives back a lock of its own, at its share of the rate, and yields the core in between: the writers must
/// not be what keeps the collector from running.
void write(const Channel& channel, ObjectId lock, Nanos until)
{
    EventWriter& writer = EventWriter::attachThread(channel, "writer");
    Nanos next = monotonicNow();
    while (next < until) {
        for (int i = 0; i < kBurst; i += 2) {
            writer.record(EventKind::LockAcquire, lock);
            writer.record(EventKind::LockRelease, lock);
        }
        next += Nanos{kBurst} * kWriters * kSecond / static_cast<Nanos>(kPerSecond);
        const Nanos early = next - monotonicNow();
        if (early > 0) {
            std::this_thread::sleep_for(std::chrono::nanoseconds{early});
        }
    }
    EventWriter::detachThread();
}

Nanos atRank(std::vector<Nanos>& delays, std::size_t perMille)
{
    if (delays.empty()) {
        return 0;
    }
    const auto rank = static_cast<std::ptrdiff_t>((delays.size() * perMille + 999) / 1000 - 1);
    std::nth_element(delays.begin(), delays.begin() + rank, delays.end());
    return delays[static_cast<std::size_t>(rank)];
}

/// One iteration is the whole run. Delays are from an event's time stamp until the batch that holds it is in the
/// consumer's timeline; the consumer looks as often as the collector drains.
void liveRun(benchmark::State& state)
{
    std::vector<Nanos> delays;
    Timeline timeline;
    Nanos collecting = 0;
    Nanos consuming = 0;
    Nanos wall = 0;
    for (auto _ : state) {
        Result<Channel> channel = Channel::create({.rings = 16, .ringCapacity = 1U << 16, .objects = 16});
        if (!channel) {
            std::abort();
        }
        std::vector<ObjectId> locks;
        for (int i = 0; i < kWriters; ++i) {
            locks.push_back(channel->addObject(ObjectKind::Mutex, std::to_string(i), 0));
        }
        TimelineBuilder builder(timeline, {{}, 0, false});
        Collector collector(CollectorSources{.channel = &*channel});
        const Nanos begin = monotonicNow();
        std::vector<std::thread> writers;
        std::atomic<int> writing{kWriters};
        for (const ObjectId lock : locks) {
            writers.emplace_back([&channel, &writing, lock, begin] {
                write(*channel, lock, begin + kDuration);
                --writing;
            });
        }
        const auto consume = [&] {
            for (const Batch& batch : collector.take()) {
                const Nanos before = monotonicNow();
                builder.append(batch);
                const Nanos now = monotonicNow();
                consuming += now - before;
                for (std::size_t i = 0; i < batch.events.size(); i += 16) {
                    delays.push_back(now - batch.events[i].time);
                }
            }
        };
        while (writing.load() > 0) {
            consume();
            std::this_thread::sleep_for(kConsumerPeriod);
        }
        for (std::thread& writer : writers) {
            writer.join();
        }
        wall = monotonicNow() - begin;
        collector.stop();
        consume();
        collecting = collector.cpuTime();
        builder.finish(monotonicNow());
    }
    state.counters["events_per_s"] = static_cast<double>(timeline.events) / toSeconds(wall);
    state.counters["lost"] = static_cast<double>(timeline.lost.total());
    state.counters["late"] = static_cast<double>(timeline.lateEvents);
    state.counters["delay_p50_ms"] = toMillis(atRank(delays, 500));
    state.counters["delay_p99_ms"] = toMillis(atRank(delays, 990));
    state.counters["collector_share"] = static_cast<double>(collecting) / static_cast<double>(wall);
    state.counters["timeline_share"] = static_cast<double>(consuming) / static_cast<double>(wall);
    Budgets()
        .atMost("lost", static_cast<double>(timeline.lost.total()), 0, " events")
        .atMost("event to timeline, p99", toMillis(atRank(delays, 990)), 33, " ms")
        .say(state);
}
BENCHMARK(liveRun)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
