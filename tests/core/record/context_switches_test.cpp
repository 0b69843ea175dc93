// The kernel's records of real children, as root and as an ordinary user.
#include "core/record/context_switches.h"
#include "recorded_child.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <grp.h>
#include <gtest/gtest.h>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <thread>
#include <utility>
#include <vector>

namespace timeslice::test::context_switches_test {
namespace {

#define SKIP_UNLESS_ALLOWED()                                                                                          \
    if (const Result<void> allowed = probeContextSwitches(); !allowed) {                                               \
        GTEST_SKIP() << allowed.error().message;                                                                       \
    }

constexpr Nanos kWork = 300 * kMillisecond;

std::uint64_t countOf(const std::vector<Event>& events, Tid tid, EventKind kind, std::uint64_t value)
{
    return static_cast<std::uint64_t>(std::count_if(events.begin(), events.end(),
        [&](const Event& e) { return e.tid == tid && e.kind == kind && e.value == value; }));
}
std::uint64_t switchOuts(const RecordedRun& run, Tid tid, SwitchOutReason reason)
{
    return countOf(run.events, tid, EventKind::SwitchOut, static_cast<std::uint64_t>(reason));
}

void pinTo(std::size_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set);
}
std::size_t firstAllowedCore()
{
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    std::size_t core = 0;
    while (!CPU_ISSET(core, &set)) {
        ++core;
    }
    return core;
}

// Three threads that compute, the main thread waits for them.
void computeInThreads(int reportFd)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([=] {
            spinUntilCpuTime(kWork);
            report(reportFd, i);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

// Empty, or what is wrong with the recording of computeInThreads() whatever the machine did meanwhile.
std::string errorIn(const RecordedRun& run)
{
    if (!run.error.empty()) {
        return run.error;
    }
    if (run.reports.size() != 3) {
        return "the child did not finish";
    }
    if (run.lost.total() != 0) {
        return "lost " + std::to_string(run.lost.kernel) + ", malformed " + std::to_string(run.lost.malformed);
    }
    return overlapError(run.events);
}

// Empty, or which thread's running time is not its CPU time.
std::string cpuTimeErrorIn(const RecordedRun& run)
{
    for (const ThreadReport& thread : run.reports) {
        // Where the hypervisor takes the core away the kernel may or may not count that as the thread's time.
        const auto allowed = static_cast<Nanos>(static_cast<double>(thread.cpu) * 0.02) + run.stolen;
        const Nanos difference = std::abs(runningTime(run.events, thread.tid) - thread.cpu);
        if (difference > allowed) {
            return "thread " + std::to_string(thread.tid) + " has used " + std::to_string(thread.cpu)
                + " ns of CPU time, the switches say " + std::to_string(runningTime(run.events, thread.tid)) + " ns";
        }
    }
    return {};
}

// Empty, or what is wrong in every run. How long the hypervisor had the cores is known to a tick and at the next tick
// only, so that one run of several may seem to be off by more than the 2 %.
std::string errorOfComputingThreads()
{
    std::string error;
    for (int attempt = 0; attempt < 4 && (attempt == 0 || !error.empty()); ++attempt) {
        const RecordedRun run = recordChild(computeInThreads);
        if (std::string always = errorIn(run); !always.empty()) {
            return always;
        }
        error = cpuTimeErrorIn(run);
    }
    return error;
}

TEST(ContextSwitches, ShowOneThreadACoreAndEachThreadsCpuTime)
{
    SKIP_UNLESS_ALLOWED();
    EXPECT_EQ(errorOfComputingThreads(), "");
}

TEST(ContextSwitches, NeedNoRoot)
{
    SKIP_UNLESS_ALLOWED();
    if (geteuid() != 0) {
        GTEST_SKIP() << "already an ordinary user: the other tests are this one";
    }
    int answer[2];
    ASSERT_EQ(pipe(answer), 0);
    const pid_t ordinary = fork();
    ASSERT_GE(ordinary, 0);
    if (ordinary == 0) {
        constexpr uid_t kNobody = 65534;
        std::string error;
        const rlimit noLockedMemory{0, 0};
        if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) {
            error = "cannot become an ordinary user";
        } else if (setrlimit(RLIMIT_MEMLOCK, &noLockedMemory) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0) {
            // A process that has changed its user may not be looked into, not even by itself, until it says so.
            error = "cannot set up the process";
        } else if (const Result<void> allowed = probeContextSwitches(); !allowed) {
            error = "skip: " + allowed.error().message;
        } else {
            error = errorOfComputingThreads();
        }
        [[maybe_unused]] const ssize_t written = write(answer[1], error.data(), error.size());
        _exit(0);
    }
    close(answer[1]);
    std::string error(4096, '\0');
    const ssize_t got = read(answer[0], error.data(), error.size());
    error.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    close(answer[0]);
    int status = 0;
    waitpid(ordinary, &status, 0);
    EXPECT_EQ(status, 0);
    if (error.starts_with("skip: ")) {
        GTEST_SKIP() << error;
    }
    EXPECT_EQ(error, "");
}

TEST(ContextSwitches, TellPreemptedFromBlocked)
{
    SKIP_UNLESS_ALLOWED();
    enum Role { Spinner, Sleeper };
    constexpr int kSleeps = 25;
    const std::size_t core = firstAllowedCore();
    const RecordedRun run = recordChild([&](int reportFd) {
        pinTo(core);
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([=] {
                spinUntilCpuTime(kWork);
                report(reportFd, Spinner);
            });
        }
        threads.emplace_back([=] {
            for (int i = 0; i < kSleeps; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds{2});
            }
            report(reportFd, Sleeper);
        });
        for (std::thread& thread : threads) {
            thread.join();
        }
    });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.reports.size(), 3U);
    EXPECT_EQ(overlapError(run.events), "");
    for (const ThreadReport& thread : run.reports) {
        const std::uint64_t preempted = switchOuts(run, thread.tid, SwitchOutReason::Preempted);
        const std::uint64_t blocked = switchOuts(run, thread.tid, SwitchOutReason::Blocked);
        if (thread.role == Spinner) {
            EXPECT_GE(preempted, 5U) << "two spinners share a core for 600 ms";
            EXPECT_GT(preempted, blocked);
        } else {
            // A sleep that is over before the thread has left its core does not take it off.
            EXPECT_GE(blocked, static_cast<std::uint64_t>(kSleeps) / 2);
        }
        EXPECT_GE(blocked, static_cast<std::uint64_t>(thread.voluntary));
        EXPECT_GE(preempted, static_cast<std::uint64_t>(thread.involuntary));
    }
    for (const Event& event : run.events) {
        const bool isOurs = std::any_of(run.reports.begin(), run.reports.end(),
            [&](const ThreadReport& thread) { return thread.tid == event.tid; });
        if (isOurs && event.kind == EventKind::SwitchIn) {
            EXPECT_EQ(event.cpu, static_cast<CpuId>(core));
        }
    }
}

TEST(ContextSwitches, TellBirthsExitsAndNamesOfThreadsAndProcesses)
{
    SKIP_UNLESS_ALLOWED();
    enum Role { Named, Grandchild };
    const RecordedRun run = recordChild([](int reportFd) {
        std::thread{[=] {
            pthread_setname_np(pthread_self(), "named one");
            report(reportFd, Named);
        }}.join();
        const pid_t child = fork();
        if (child == 0) {
            pthread_setname_np(pthread_self(), "grandchild");
            report(reportFd, Grandchild);
            _exit(0);
        }
        waitpid(child, nullptr, 0);
    });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.reports.size(), 2U);
    for (const ThreadReport& thread : run.reports) {
        const auto nameOf = [&] {
            std::string last;
            for (const ThreadNaming& naming : run.names) {
                last = naming.tid == thread.tid ? naming.name : last;
            }
            return last;
        };
        EXPECT_EQ(countOf(run.events, thread.tid, EventKind::ThreadBorn, static_cast<std::uint64_t>(run.pid)), 1U);
        EXPECT_EQ(countOf(run.events, thread.tid, EventKind::ThreadExit, 0), 1U);
        EXPECT_EQ(nameOf(), thread.role == Named ? "named one" : "grandchild");
        for (const Event& event : run.events) {
            if (event.tid == thread.tid) {
                EXPECT_EQ(event.pid, thread.role == Named ? run.pid : thread.tid);
            }
        }
    }
    EXPECT_EQ(countOf(run.events, run.pid, EventKind::ThreadExit, 0), 1U);
    EXPECT_EQ(run.lost.total(), 0U);
}

TEST(ContextSwitches, TellTheNameOfTheProgramThatIsExecuted)
{
    SKIP_UNLESS_ALLOWED();
    const RecordedRun run = recordChild([](int) { execlp("sleep", "sleep", "0.01", nullptr); });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.status, 0);
    ASSERT_FALSE(run.names.empty());
    EXPECT_EQ(run.names.back().name, "sleep");
    EXPECT_EQ(run.names.back().tid, run.pid);
}

TEST(ContextSwitches, LoseNothingThroughManyLapsOfTheRing)
{
    SKIP_UNLESS_ALLOWED();
    Result<ContextSwitches> self = ContextSwitches::open(getpid(), {});
    ASSERT_TRUE(self) << self.error().message;
    // Two processes hand a byte to and fro: each hand-over is at least one switch. Enough for three laps of a core's
    // ring, at 32 bytes for going and as many for coming.
    const std::size_t rounds = 3 * self->ringBytes() / 64;
    const RecordedRun run = recordChild([&](int reportFd) {
        pinTo(firstAllowedCore());
        int there[2];
        int back[2];
        if (pipe(there) != 0 || pipe(back) != 0) {
            return;
        }
        char byte = 'x';
        if (fork() == 0) {
            close(there[1]);
            while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) { }
            _exit(0);
        }
        for (std::size_t i = 0; i < rounds; ++i) {
            if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) {
                return;
            }
        }
        report(reportFd, 0);
        close(there[1]);
        wait(nullptr);
    });
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.reports.size(), 1U);
    EXPECT_EQ(run.lost.malformed, 0U);
    if (run.lost.kernel > 0) {
        GTEST_SKIP() << "this machine was too busy to drain in time: the kernel lost " << run.lost.kernel
                     << " records, and said so";
    }
    // Before Linux 6.0 the kernel says so only in the next record that it has room for.
    if (countOf(run.events, run.pid, EventKind::ThreadExit, 0) == 0) {
        GTEST_SKIP() << "this machine was too busy to drain in time: the kernel lost the end";
    }
    EXPECT_EQ(overlapError(run.events), "");
    // On the one core the other end can only answer when this one is off it, whether it waited or was pushed off.
    EXPECT_GE(switchOuts(run, run.pid, SwitchOutReason::Blocked) + switchOuts(run, run.pid, SwitchOutReason::Preempted),
        rounds);
}

TEST(ContextSwitches, CountWhatTheKernelCouldNotStore)
{
    SKIP_UNLESS_ALLOWED();
    Result<ContextSwitches> self = ContextSwitches::open(getpid(), {});
    ASSERT_TRUE(self) << self.error().message;
    // Two threads pass a core to and fro until the ring has overflowed, while nobody reads it; then they rest, so that
    // the kernel has room to say how much it lost, and go on.
    const auto enough = static_cast<long>(2 * self->ringBytes() / 64); // 32 bytes for going and as many for coming
    std::uint64_t lostBeforeThat = 0;
    int overflown[2];
    int read_[2];
    ASSERT_EQ(pipe(overflown), 0);
    ASSERT_EQ(pipe(read_), 0);
    const RecordedRun run = recordChildWith(
        [&](int) {
            pinTo(firstAllowedCore());
            const auto passOn = [&] {
                rusage used{};
                while (used.ru_nvcsw + used.ru_nivcsw < enough) {
                    sched_yield();
                    getrusage(RUSAGE_SELF, &used);
                }
            };
            std::thread other{passOn};
            passOn();
            other.join();
            char byte = 'x';
            if (write(overflown[1], &byte, 1) == 1 && read(read_[0], &byte, 1) == 1) {
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
            }
        },
        [&](Pid pid) -> Result<Drain> {
            Result<ContextSwitches> opened = ContextSwitches::open(pid, {});
            if (!opened) {
                return tl::unexpected(opened.error());
            }
            auto switches = std::make_shared<ContextSwitches>(std::move(*opened));
            return Drain{[&, switches, waiting = true](Batch& batch) mutable {
                char byte = 0;
                if (waiting && read(overflown[0], &byte, 1) != 1) {
                    return;
                }
                switches->drain(batch, waiting); // else what was lost last is told by the next record that finds room
                if (std::exchange(waiting, false)) {
                    lostBeforeThat = batch.lost.kernel;
                    if (write(read_[1], &byte, 1) != 1) {
                        return;
                    }
                }
            }};
        });
    for (const int fd : {overflown[0], overflown[1], read_[0], read_[1]}) {
        close(fd);
    }
    ASSERT_EQ(run.error, "");
    EXPECT_GT(run.lost.kernel, 0U);
    EXPECT_EQ(run.lost.malformed, 0U);
    utsname kernel{};
    uname(&kernel);
    if (std::atoi(kernel.release) >= 6) { // it tells when asked (PERF_FORMAT_LOST)
        EXPECT_EQ(lostBeforeThat, run.lost.kernel);
    }
}

TEST(ContextSwitches, OfAProcessThatIsGoneSaySo)
{
    SKIP_UNLESS_ALLOWED();
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    const Result<ContextSwitches> opened = ContextSwitches::open(child, {});
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("gone"), std::string::npos) << opened.error().message;
}

TEST(ContextSwitches, WithoutDescriptorsLeftSayHowToAllowMore)
{
    SKIP_UNLESS_ALLOWED();
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const int next = dup(0);
    close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const Result<ContextSwitches> opened = ContextSwitches::open(getpid(), {});
    setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::Unsupported);
    EXPECT_NE(opened.error().message.find("ulimit -n"), std::string::npos) << opened.error().message;
}

TEST(ContextSwitches, AreOpenedOnTheCoresAskedFor)
{
    SKIP_UNLESS_ALLOWED();
    const auto core = static_cast<CpuId>(firstAllowedCore());
    const Result<ContextSwitches> one = ContextSwitches::open(getpid(), {core});
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->pollFds().size(), 1U);
    EXPECT_GE(one->ringBytes(), 4096U);
    EXPECT_FALSE(ContextSwitches::open(getpid(), {CpuId{32000}}));
}

} // namespace
} // namespace timeslice::test::context_switches_test
