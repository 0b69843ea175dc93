// Recorded locks against plain ones. Budget: a RecordedMutex costs at most 5 x std::mutex, the same with two threads
// on mutexes of their own.
#include "core/record/channel.h"
#include "core/record/event_writer.h"
#include "core/sync/gil.h"
#include "core/sync/recorded_mutex.h"
#include "tests/benchmarks/budget.h"
#include "tests/core/record/ring_view.h"

#include <algorithm>
#include <barrier>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace timeslice;

namespace {

Channel makeChannel()
{
    Result<Channel> channel = Channel::create({.rings = 64, .ringCapacity = 1U << 14, .objects = 16});
    if (!channel) {
        std::abort();
    }
    return std::move(*channel);
}

// Nanoseconds of a lock + unlock: the fastest of many short rounds.
template <class Lock, class MakeRoom> double bestNanos(Lock& lock, MakeRoom makeRoom)
{
    constexpr int kRounds = 200;
    constexpr int kCalls = 2048;
    Nanos best = INT64_MAX;
    for (int round = 0; round < kRounds; ++round) {
        makeRoom();
        const Nanos begin = monotonicNow();
        for (int i = 0; i < kCalls; ++i) {
            lock.lock();
            benchmark::ClobberMemory();
            lock.unlock();
        }
        best = std::min(best, monotonicNow() - begin);
    }
    return static_cast<double>(best) / kCalls;
}

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

double recordedNanos(const Channel& channel)
{
    EventWriter::attachThread(channel, "benchmark");
    const test::RingView ring{channel, test::ringOf(channel, gettid())};
    RecordedMutex mutex{1};
    const double nanos = bestNanos(mutex, [&] { ring.empty(); });
    EventWriter::detachThread();
    return nanos;
}

void recordedMutex(benchmark::State& state)
{
    const int threads = static_cast<int>(state.range(0));
    double plain = 1e9;
    double recorded = 1e9;
    for (auto _ : state) {
        Channel channel = makeChannel();
        plain = std::min(plain, onThreads(threads, [] {
            std::mutex mutex;
            return bestNanos(mutex, [] {});
        }));
        recorded = std::min(recorded, onThreads(threads, [&] { return recordedNanos(channel); }));
    }
    double clock = 1e9;
    for (int round = 0; round < 200; ++round) {
        const Nanos begin = monotonicNow();
        for (int i = 0; i < 1024; ++i) {
            benchmark::DoNotOptimize(monotonicNow());
        }
        clock = std::min(clock, static_cast<double>(monotonicNow() - begin) / 1024);
    }
    state.counters["std_mutex_ns"] = plain;
    state.counters["recorded_ns"] = recorded;
    state.counters["clock_read_ns"] = clock;
    Budgets().atMost("of std::mutex", recorded / plain, 5, " x").say(state);
}
BENCHMARK(recordedMutex)->Arg(1)->Arg(2)->Iterations(5)->Unit(benchmark::kMillisecond)->UseRealTime();

// What the interpreter's loop pays between two bytecodes when nobody asks for the lock.
void gilCheck(benchmark::State& state)
{
    Gil gil{1, {}};
    gil.acquire();
    for (auto _ : state) {
        gil.check();
        benchmark::ClobberMemory();
    }
    gil.release();
}
BENCHMARK(gilCheck);

} // namespace

BENCHMARK_MAIN();
