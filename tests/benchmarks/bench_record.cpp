// Recording and draining events. Budget: recording one event costs at most 1.25 x (clock read + 32-byte store), and no
// more with more threads.
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "core/record/event_writer.h"
#include "core/record/sort_by_time.h"
#include "tests/benchmarks/budget.h"
#include "tests/core/record/ring_view.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

using namespace timeslice;

namespace {

constexpr std::uint32_t kCapacity = 1U << 16;

Channel makeChannel()
{
    Result<Channel> channel = Channel::create({.rings = 64, .ringCapacity = kCapacity, .objects = 16});
    if (!channel) {
        std::abort();
    }
    return std::move(*channel);
}

// The least that any recorder must do: read the clock, store 32 bytes into memory of its own, of the ring's size.
class BareStore {
public:
    BareStore()
        : m_events(kCapacity)
    {
    }
    void record(EventKind kind, ObjectId object, std::uint64_t value)
    {
        m_events[m_head++ & (kCapacity - 1)] = Event{monotonicNow(), 1, 1, kind, kNoCpu, object, value};
        benchmark::ClobberMemory();
    }

private:
    std::vector<Event> m_events;
    std::uint64_t m_head = 0;
};

// Counts page faults, but not another process's turn on the core.
Nanos threadCpuTime()
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

// Nanoseconds a call: the fastest of many short rounds, since another process's turn on the core is not our cost.
// `makeRoom` runs between rounds, unmeasured.
template <class Call, class MakeRoom> double bestNanos(Call call, MakeRoom makeRoom, int rounds = 200, int calls = 4096)
{
    Nanos best = INT64_MAX;
    for (int round = 0; round < rounds; ++round) {
        makeRoom();
        const Nanos begin = monotonicNow();
        for (int i = 0; i < calls; ++i) {
            call(static_cast<std::uint64_t>(i));
        }
        best = std::min(best, monotonicNow() - begin);
    }
    return static_cast<double>(best) / calls;
}

double bareNanos()
{
    BareStore bare;
    return bestNanos([&](std::uint64_t i) { bare.record(EventKind::Mark, 1, i); }, [] {});
}

double recordNanos(const Channel& channel)
{
    EventWriter& writer = EventWriter::attachThread(channel, "benchmark");
    const test::RingView ring{channel, test::ringOf(channel, gettid())}; // what is measured is the writer
    // One lap first, so that its pages are there: the first lap of a ring costs a page fault every 128 events.
    bestNanos([&](std::uint64_t i) { writer.record(EventKind::Mark, 1, i); }, [&] { ring.empty(); });
    const double nanos =
        bestNanos([&](std::uint64_t i) { writer.record(EventKind::Mark, 1, i); }, [&] { ring.empty(); });
    EventWriter::detachThread();
    return nanos;
}

// Runs `measure` on as many threads at the same time and gives the mean.
template <class Measure> double onThreads(int threads, Measure measure)
{
    std::vector<double> nanos(static_cast<std::size_t>(threads));
    std::barrier start{threads};
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            start.arrive_and_wait();
            nanos[static_cast<std::size_t>(t)] = measure();
        });
    }
    double sum = 0;
    for (int t = 0; t < threads; ++t) {
        running[static_cast<std::size_t>(t)].join();
        sum += nanos[static_cast<std::size_t>(t)];
    }
    return sum / threads;
}

// One iteration is the whole comparison; the counters are its result.
void recordOneEvent(benchmark::State& state)
{
    const int threads = static_cast<int>(state.range(0));
    double bare = 1e9;
    double recorded = 1e9;
    for (auto _ : state) {
        Channel channel = makeChannel();
        bare = std::min(bare, onThreads(threads, [] { return bareNanos(); }));
        recorded = std::min(recorded, onThreads(threads, [&] { return recordNanos(channel); }));
    }
    state.counters["bare_ns"] = bare;
    state.counters["record_ns"] = recorded;
    Budgets().atMost("of a clock read and a store", recorded / bare, 1.25, " x").say(state);
}
BENCHMARK(recordOneEvent)->Arg(1)->Arg(2)->Iterations(5)->Unit(benchmark::kMillisecond)->UseRealTime();

// The same on fresh memory, where each 4 KiB page costs a page fault the first time round, with a reader that drains
// as the collector does and allocates ahead; at 1 million events a second, so that the reader is not outrun.
void recordFirstLap(benchmark::State& state)
{
    constexpr int kBurst = 256;
    Nanos spent = 0;
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    for (auto _ : state) {
        Channel channel = makeChannel();
        std::atomic<bool> done{false};
        std::barrier ready{2};
        std::thread collector{[&] {
            ChannelReader reader{channel};
            Batch first;
            reader.drain(first);
            ready.arrive_and_wait();
            while (!done.load()) {
                Batch batch;
                reader.drain(batch);
                lost = batch.lost.total();
                std::this_thread::sleep_for(std::chrono::milliseconds{4});
            }
        }};
        ready.arrive_and_wait();
        EventWriter& writer = EventWriter::attachThread(channel, "benchmark");
        Nanos next = monotonicNow();
        for (std::uint32_t i = 0; i < kCapacity; i += kBurst) {
            while (monotonicNow() < next) { }
            const Nanos begin = threadCpuTime();
            for (int k = 0; k < kBurst; ++k) {
                writer.record(EventKind::Mark, 0, i);
            }
            spent += threadCpuTime() - begin;
            next += kBurst * kMicrosecond;
        }
        events += kCapacity;
        done = true;
        collector.join();
        EventWriter::detachThread();
    }
    state.counters["record_ns"] = static_cast<double>(spent) / static_cast<double>(events);
    state.counters["lost"] = static_cast<double>(lost);
}
BENCHMARK(recordFirstLap)->Iterations(10)->Unit(benchmark::kMillisecond)->UseRealTime();

// What an unattached thread pays, and one whose ring is full.
void recordDropped(benchmark::State& state)
{
    Channel channel = makeChannel();
    EventWriter full{channel};
    const test::RingView ring{channel, 0};
    while (ring.header().dropped.load() == 0) {
        full.record(EventKind::Mark, 1);
    }
    for (auto _ : state) {
        full.record(EventKind::Mark, 1);
    }
    EventWriter unattached;
    state.counters["unattached_ns"] =
        bestNanos([&](std::uint64_t i) { unattached.record(EventKind::Mark, 1, i); }, [] {});
}
BENCHMARK(recordDropped);

// Events a second that the reader takes out of the rings and puts into order. Needed: 1 million.
void drain(benchmark::State& state)
{
    const auto rings = static_cast<std::uint32_t>(state.range(0));
    constexpr std::uint32_t kEach = 4096;
    Channel channel = makeChannel();
    const ObjectId lock = channel.addObject(ObjectKind::Mutex, "m", 0);
    std::vector<EventWriter> writers;
    for (std::uint32_t i = 0; i < rings; ++i) {
        writers.emplace_back(channel);
    }
    ChannelReader reader{channel};
    std::vector<Event> scratch;
    for (auto _ : state) {
        state.PauseTiming();
        for (std::uint32_t i = 0; i < kEach; ++i) {
            for (EventWriter& writer : writers) {
                writer.record(EventKind::LockAcquire, lock);
            }
        }
        state.ResumeTiming();
        Batch batch;
        reader.drain(batch);
        sortByTime(batch.events, scratch);
        if (batch.events.size() != std::size_t{rings} * kEach || batch.lost.total() != 0) {
            state.SkipWithError("events were lost");
        }
    }
    state.counters["events"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * rings * kEach, benchmark::Counter::kIsRate);
}
BENCHMARK(drain)->Arg(1)->Arg(4)->Arg(32)->UseRealTime();

// One drain that finds nothing new, with a Python program's number of rings: of threads that live and are quiet, or of
// threads that have ended. The ended ones must cost nothing; the collector drains every 4 ms.
void drainManyRings(benchmark::State& state)
{
    const bool ended = state.range(0) != 0;
    constexpr std::uint32_t kRings = 4096;
    Result<Channel> channel = Channel::create({.rings = kRings, .ringCapacity = 16384, .objects = 16});
    if (!channel) {
        state.SkipWithError("no memory for the channel");
        return;
    }
    ChannelReader reader{*channel};
    const auto emptyDrain = [&] {
        return bestNanos(
            [&](std::uint64_t) {
                Batch batch;
                reader.drain(batch);
            },
            [] {}, 20, 64);
    };
    EventWriter one{*channel};
    const double withOne = emptyDrain();
    for (std::uint32_t i = 1; i < kRings; ++i) {
        if (ended) {
            std::thread{[&] {
                EventWriter::attachThread(*channel, "ended").record(EventKind::Mark);
                EventWriter::detachThread();
            }}.join();
        } else {
            EventWriter{*channel, "quiet"}.record(EventKind::Mark);
        }
        if (i % 64 == 0) {
            Batch batch;
            reader.drain(batch);
        }
    }
    double withAll = 0;
    for (auto _ : state) {
        withAll = emptyDrain();
    }
    state.counters["one_ring_ns"] = withOne;
    state.counters["all_rings_ns"] = withAll;
    state.counters["ratio"] = withAll / withOne;
    state.counters["share_of_a_core"] = withAll / (4.0 * kMillisecond);
}
BENCHMARK(drainManyRings)->ArgName("ended")->Arg(0)->Arg(1)->Iterations(3)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
