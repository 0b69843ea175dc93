// What the GIL probe costs. Budget (design, section 9): a CPU-bound CPython script with two threads runs within 1 % of
// untraced; and what a program that has no GIL pays for each lock and unlock of a mutex.
//
// The script is run with the probe and without, in turns, and which comes first changes with each pair: so whatever
// else the machine does meets both alike. The ratio is the median over the pairs; its confidence interval is the
// distribution-free one of a median (the order statistics of the binomial distribution, 95 %).
#include "core/record/channel.h"
#include "core/record/channel_reader.h"
#include "tests/benchmarks/budget.h"
#include "tests/benchmarks/median.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace timeslice;

namespace {

constexpr double kBudget = 1.01;
constexpr int kPairs = 40;

std::filesystem::path probeLibrary()
{
    std::error_code none;
    return std::filesystem::read_symlink("/proc/self/exe", none).parent_path() / "libtimeslice-gil-probe.so";
}

const char* interpreter()
{
    const char* named = std::getenv("TIMESLICE_BENCH_PYTHON");
    return named != nullptr ? named : "/usr/bin/python3";
}

// A fixed amount of work for each of two threads; says how long the threads took, without the interpreter's start.
constexpr const char* kScript = R"(
import threading, time
def work():
    x = 0
    for i in range(3_000_000): x += i & 7
threads = [threading.Thread(target=work) for _ in range(2)]
cpu, wall = time.process_time(), time.perf_counter()
for t in threads: t.start()
for t in threads: t.join()
print(time.process_time() - cpu, time.perf_counter() - wall)
)";

struct Cost {
    double cpu = 0; ///< seconds
    double wall = 0;
};

// What the script printed; aborts when it could not be run.
Cost run(bool traced)
{
    // As a session has it: a channel, and a reader that drains it while the script runs.
    Result<Channel> channel = Channel::create({});
    int output[2];
    if (!channel || pipe(output) != 0) {
        std::abort();
    }
    const std::string path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(channel->fd());
    const std::string library = probeLibrary();
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(output[1], 1);
        if (traced) {
            setenv("LD_PRELOAD", library.c_str(), 1);
            setenv(channel::kEnvironmentPath, path.c_str(), 1);
        }
        execl(interpreter(), interpreter(), "-S", "-c", kScript, nullptr);
        _exit(127);
    }
    close(output[1]);
    ChannelReader reader{*channel};
    std::uint64_t events = 0;
    while (waitpid(pid, nullptr, WNOHANG) == 0) {
        Batch batch;
        reader.drain(batch);
        events += batch.events.size();
        poll(nullptr, 0, 16);
    }
    Cost cost;
    FILE* said = fdopen(output[0], "r");
    if (std::fscanf(said, "%lf %lf", &cost.cpu, &cost.wall) != 2 || traced != (events > 0)) {
        std::fprintf(stderr, "%s did not run%s\n", interpreter(), traced ? " under the probe" : "");
        std::abort();
    }
    std::fclose(said);
    return cost;
}

void twoBusyThreads(benchmark::State& state)
{
    std::vector<double> cpu;
    std::vector<double> wall;
    for (auto _ : state) {
        run(false); // warms the caches of files and memory
        for (int pair = 0; pair < kPairs; ++pair) {
            const bool tracedFirst = pair % 2 == 0;
            const Cost first = run(tracedFirst);
            const Cost second = run(!tracedFirst);
            const Cost& traced = tracedFirst ? first : second;
            const Cost& plain = tracedFirst ? second : first;
            cpu.push_back(traced.cpu / plain.cpu);
            wall.push_back(traced.wall / plain.wall);
        }
    }
    const Median cpuRatio = medianOf(cpu);
    const Median wallRatio = medianOf(wall);
    state.counters["cpu_ratio"] = cpuRatio.value;
    state.counters["cpu_low"] = cpuRatio.low;
    state.counters["cpu_high"] = cpuRatio.high;
    state.counters["wall_ratio"] = wallRatio.value;
    state.counters["wall_low"] = wallRatio.low;
    state.counters["wall_high"] = wallRatio.high;
    Budgets().atMost("CPU time of the untraced script's", cpuRatio.value, kBudget, " x").say(state);
}
BENCHMARK(twoBusyThreads)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

// Nanoseconds of a lock and an unlock, and of a signal that nobody waits for: the fastest of many short rounds. It
// measures in the process that it is called in, through the dynamic linker as any program does.
void printMutexCost()
{
    constexpr int kRounds = 2000;
    constexpr int kCalls = 1000;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    Nanos locks = INT64_MAX;
    Nanos signals = INT64_MAX;
    for (int round = 0; round < kRounds; ++round) {
        const Nanos begin = monotonicNow();
        for (int i = 0; i < kCalls; ++i) {
            pthread_mutex_lock(&mutex);
            pthread_mutex_unlock(&mutex);
        }
        const Nanos middle = monotonicNow();
        for (int i = 0; i < kCalls; ++i) {
            pthread_cond_signal(&condition);
        }
        locks = std::min(locks, middle - begin);
        signals = std::min(signals, monotonicNow() - middle);
    }
    std::printf("%f %f\n", static_cast<double>(locks) / kCalls, static_cast<double>(signals) / kCalls);
}

struct CallCost {
    double lockUnlock = 0; ///< nanoseconds
    double signal = 0;
};

CallCost callCost(bool preloaded)
{
    const std::string command = (preloaded ? "LD_PRELOAD='" + probeLibrary().string() + "' " : std::string()) + "/proc/"
        + std::to_string(getpid()) + "/exe --measure-mutex";
    FILE* said = popen(command.c_str(), "r");
    CallCost cost;
    if (said == nullptr || std::fscanf(said, "%lf %lf", &cost.lockUnlock, &cost.signal) != 2) {
        std::abort();
    }
    pclose(said);
    return cost;
}

void uninvolvedMutex(benchmark::State& state)
{
    CallCost plain{1e9, 1e9};
    CallCost preloaded{1e9, 1e9};
    const auto keepBest = [](CallCost& best, const CallCost& cost) {
        best.lockUnlock = std::min(best.lockUnlock, cost.lockUnlock);
        best.signal = std::min(best.signal, cost.signal);
    };
    for (auto _ : state) {
        keepBest(plain, callCost(false));
        keepBest(preloaded, callCost(true));
    }
    state.counters["plain_ns"] = plain.lockUnlock;
    state.counters["preloaded_ns"] = preloaded.lockUnlock;
    state.counters["ratio"] = preloaded.lockUnlock / plain.lockUnlock;
    state.counters["signal_plain_ns"] = plain.signal;
    state.counters["signal_preloaded_ns"] = preloaded.signal;
}
BENCHMARK(uninvolvedMutex)->Iterations(10)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace

int main(int argc, char** argv)
{
    if (argc == 2 && std::string(argv[1]) == "--measure-mutex") {
        printMutexCost();
        return 0;
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
