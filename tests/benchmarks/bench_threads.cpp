// What recording costs with few threads and with many. Budget: the recorder's CPU time for an event is the same, within
// 1.5 x, whether 2 threads bring the events or 4000.
//
// The program recorded is this one, started anew: its threads sleep in turns, so that all together wake up equally
// often however many they are. Measured is a second of it when all threads are there: what their start costs is no
// matter here. Few and many are recorded in turns, first the one, then the other; the ratio is the median over the
// rounds.
#include "core/record/context_switches.h"
#include "core/session/scenario_run.h"
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/course.h"
#include "tests/benchmarks/median.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

using namespace timeslice;

namespace {

constexpr const char* kSleepers = "--sleepers"; ///< THREADS WAKE-UPS-A-SECOND
constexpr int kFew = 2;
constexpr int kMany = 4000;
constexpr double kBudget = 1.5;
constexpr int kRounds = 9;
constexpr Nanos kSettle = kSecond; ///< from the last thread's birth to the measurement: more than kBeforeFirst
constexpr Nanos kMeasured = kSecond;

// --- The program that is recorded ---

constexpr Nanos kBeforeFirst = 300 * kMillisecond; ///< from the last thread's creation to the first wake-up

struct Sleepers {
    Nanos period = 0; ///< of each thread
    Nanos step = 0; ///< from one thread's wake-up to the next one's
    std::atomic<Nanos> first{0}; ///< wake-up of the first thread; 0 = not all threads are there
    std::atomic<int> numbered{0};
};

void* sleepInTurns(void* argument)
{
    auto& sleepers = *static_cast<Sleepers*>(argument);
    const int number = sleepers.numbered.fetch_add(1);
    sleepers.first.wait(0);
    Nanos next = sleepers.first + number * sleepers.step;
    for (;;) {
        const timespec until{.tv_sec = next / kSecond, .tv_nsec = next % kSecond};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
        // Who comes late leaves turns out: there must not be more events afterwards than at any other time.
        const Nanos late = std::max(monotonicNow() - next, Nanos{0});
        next += (late / sleepers.period + 1) * sleepers.period;
    }
}

/// Until it is killed.
[[noreturn]] void runSleepers(int threads, int wakeUpsPerSecond)
{
    constexpr std::size_t kStackBytes = std::size_t{64} << 10;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // the threads inherit it: the default of 50 us would be felt
    static Sleepers sleepers;
    sleepers.step = kSecond / wakeUpsPerSecond;
    sleepers.period = sleepers.step * threads;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    for (int i = 0; i < threads; ++i) {
        pthread_t thread{};
        if (pthread_create(&thread, &attributes, sleepInTurns, &sleepers) != 0) {
            giveUp("no more than " + std::to_string(i) + " threads are allowed here");
        }
    }
    sleepers.first = monotonicNow() + kBeforeFirst;
    sleepers.first.notify_all();
    for (;;) {
        pause();
    }
}

// --- Its recorder ---

Nanos clockNow(clockid_t clock)
{
    timespec ts{};
    clock_gettime(clock, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

/// What the recorder's threads have used: all of this process but this thread, which only takes what they bring.
Nanos recorderCpuTime()
{
    return clockNow(CLOCK_PROCESS_CPUTIME_ID) - clockNow(CLOCK_THREAD_CPUTIME_ID);
}

/// What has come of a run.
class Received {
public:
    explicit Received(ScenarioRun& run)
        : m_run(run)
    {
    }

    /// Waits until something comes, or so long.
    void wait(Nanos atMost)
    {
        pollfd updates{m_run.updateFd(), POLLIN, 0};
        const timespec timeout{.tv_sec = atMost / kSecond, .tv_nsec = atMost % kSecond};
        ppoll(&updates, 1, &timeout, nullptr);
        for (const RunUpdate& update : m_run.poll()) {
            if (const auto* some = std::get_if<VariantBatches>(&update)) {
                count(*some);
            } else if (const auto* ended = std::get_if<VariantEnded>(&update)) {
                m_exit = ended->facts.exit.text;
            } else if (const auto* over = std::get_if<RunEnded>(&update)) {
                m_over = true;
                m_exit = over->error ? over->error->message : m_exit;
            }
        }
    }
    void waitFor(Nanos duration)
    {
        const Nanos until = monotonicNow() + duration;
        for (Nanos now = monotonicNow(); now < until && !m_over; now = monotonicNow()) {
            wait(until - now);
        }
    }

    int born() const noexcept { return m_born; }
    std::uint64_t events() const noexcept { return m_events; }
    std::uint64_t lost() const noexcept { return m_lost; }
    bool over() const noexcept { return m_over; }
    const std::string& exit() const noexcept { return m_exit; }

private:
    void count(const VariantBatches& some)
    {
        for (const Batch& batch : some.batches) {
            m_events += batch.events.size();
            m_born += static_cast<int>(std::count_if(batch.events.begin(), batch.events.end(),
                [](const Event& event) { return event.kind == EventKind::ThreadBorn; }));
            m_lost = batch.lost.total();
        }
    }

    ScenarioRun& m_run;
    int m_born = 0;
    std::uint64_t m_events = 0;
    std::uint64_t m_lost = 0;
    bool m_over = false;
    std::string m_exit;
};

struct Cost {
    double nanosPerEvent = 0;
    double eventsPerSecond = 0;
};

Cost record(int threads, int wakeUpsPerSecond)
{
    std::error_code none;
    const std::string self = std::filesystem::read_symlink("/proc/self/exe", none).string();
    auto run = ScenarioRun::start(
        CommandSpec{{self, kSleepers, std::to_string(threads), std::to_string(wakeUpsPerSecond)}, {}, true}, {});
    if (!run) {
        giveUp(run.error().message);
    }
    Received received(**run);
    while (received.born() < threads && received.lost() == 0 && !received.over()) {
        received.wait(kSecond);
    }
    received.waitFor(kSettle);
    const Nanos begin = monotonicNow();
    const Nanos cpuBefore = recorderCpuTime();
    const std::uint64_t eventsBefore = received.events();
    received.waitFor(kMeasured);
    const Nanos cpu = recorderCpuTime() - cpuBefore;
    const Nanos wall = monotonicNow() - begin;
    const std::uint64_t events = received.events() - eventsBefore;
    if (received.over()) {
        giveUp("the program that is recorded has ended: " + received.exit());
    }
    if (received.lost() > 0 || events == 0) {
        giveUp(std::to_string(received.lost()) + " events were lost of " + std::to_string(received.events()));
    }
    (*run)->stop();
    while (!received.over()) {
        received.wait(kSecond);
    }
    return {static_cast<double>(cpu) / static_cast<double>(events), static_cast<double>(events) / toSeconds(wall)};
}

/// Argument: wake-ups a second, all threads together. With few of them it shows what a drain costs, with many what an
/// event does.
void costOfAnEvent(benchmark::State& state)
{
    if (const Result<void> allowed = probeContextSwitches(); !allowed) {
        state.SkipWithError(allowed.error().message.c_str());
        return;
    }
    const int wakeUps = static_cast<int>(state.range(0));
    std::array<std::vector<double>, 2> nanos;
    std::array<std::vector<double>, 2> rates;
    std::vector<double> ratios;
    for (auto _ : state) {
        for (int round = 0; round < kRounds; ++round) {
            std::array<Cost, 2> costs; // of few, of many
            for (int turn = 0; turn < 2; ++turn) {
                const auto which = static_cast<std::size_t>((round + turn) % 2);
                costs[which] = record(which == 0 ? kFew : kMany, wakeUps);
                nanos[which].push_back(costs[which].nanosPerEvent);
                rates[which].push_back(costs[which].eventsPerSecond);
            }
            ratios.push_back(costs[1].nanosPerEvent / costs[0].nanosPerEvent);
        }
    }
    const Median ratio = medianOf(ratios);
    state.counters["few_ns"] = medianOf(nanos[0]).value;
    state.counters["many_ns"] = medianOf(nanos[1]).value;
    state.counters["few_events_per_s"] = medianOf(rates[0]).value;
    state.counters["many_events_per_s"] = medianOf(rates[1]).value;
    state.counters["low"] = ratio.low;
    state.counters["high"] = ratio.high;
    Budgets().atMost("an event of 4000 threads, of one of 2", ratio.value, kBudget, " x").say(state);
}
BENCHMARK(costOfAnEvent)->Arg(2'000)->Arg(20'000)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

} // namespace

int main(int argc, char** argv)
{
    if (argc == 4 && std::string(argv[1]) == kSleepers) {
        runSleepers(std::atoi(argv[2]), std::atoi(argv[3]));
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
