// Workloads that crash, hang, are killed or ask for too much.
#include "core/workload/task_scheduling.h"
#include "tests/core/workload/workload_support.h"

#include <cerrno>
#include <csignal>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/resource.h>
#include <thread>

namespace timeslice::workload_test::misbehaviour_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Forks `body`, hands what it records to `watch` until that returns true, then waits for it. Returns its wait status.
int watchChild(const std::function<int(const Channel&)>& body, const std::function<bool(const Batch&, Pid)>& watch)
{
    const Channel channel = makeChannel();
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(body(channel));
    }
    ChannelReader reader(channel);
    Batch seen;
    int status = 0;
    bool ended = false;
    do { // a last look after its end, so that nothing it did is missed
        ended = waitpid(pid, &status, WNOHANG) == pid;
        reader.drain(seen);
        if (watch(seen, pid)) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (!ended);
    if (!ended) {
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
    } else {
        ADD_FAILURE() << "it ended before what was waited for came";
    }
    return status;
}

std::ptrdiff_t count(const Batch& batch, EventKind kind)
{
    return std::count_if(
        batch.events.begin(), batch.events.end(), [kind](const Event& event) { return event.kind == kind; });
}

bool noChildIsLeft()
{
    return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

struct CrashCase {
    std::string how;
    std::string says;
    std::function<bool(int)> status; ///< of a process whose thread does it
};

class CrashTest : public testing::TestWithParam<CrashCase> { };

TEST_P(CrashTest, OfAProcessLeavesTheOthersRunningAndIsReported)
{
    const Recorded recorded = record(R"({"tasks": {"Good": {"as": "process", "do": [{"sleep": "5ms"}, {"run": "1ms"}]},
        "Bad": {"as": "process", "loop": 1000, "do": [{"run": 10}, {"crash": ")"
        + GetParam().how + R"("}]}, "Thread": {"do": [{"sleep": "5ms"}, {"run": "1ms"}]}}})");
    EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done);
    EXPECT_THAT(recorded.result.errors, IsEmpty());
    ASSERT_THAT(recorded.result.deaths, SizeIs(1));
    EXPECT_EQ(recorded.result.deaths[0].name, "Bad");
    EXPECT_EQ(recorded.result.deaths[0].pid, recorded.tidOf("Bad"));
    EXPECT_THAT(recorded.result.deaths[0].how, HasSubstr(GetParam().says));
    EXPECT_TRUE(recorded.result.deaths[0].intended);
    EXPECT_EQ(recorded.result.tasks[1].iterations, recorded.result.tasks[2].iterations); // "Good" and "Thread"
    EXPECT_GT(recorded.result.tasks[1].iterations, recorded.result.tasks[0].iterations);
    EXPECT_THAT(recorded.events(EventKind::WorkEnd), SizeIs(1));
    EXPECT_TRUE(noChildIsLeft());
}

TEST_P(CrashTest, OfAThreadTakesTheWholeProcessWithIt)
{
    const int status = statusOfChild([] {
        run(R"({"tasks": {"Good": {"do": [{"sleep": "10s"}]}, "Bad": {"do": [{"crash": ")" + GetParam().how
            + R"("}]}}})");
        return 77;
    });
    EXPECT_TRUE(GetParam().status(status)) << status;
}

INSTANTIATE_TEST_SUITE_P(Ways, CrashTest,
    testing::Values(
        CrashCase{"segv", "signal 11", [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV; }},
        CrashCase{"abort", "signal 6", [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT; }},
        CrashCase{"kill", "signal 9", [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }},
        CrashCase{
            "exit", "exited with status 1", [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 1; }}),
    [](const testing::TestParamInfo<CrashCase>& crash) { return crash.param.how; });

TEST(KilledProcessTest, IsAnErrorThatNamesItWhileTheOthersFinish)
{
    Pid victim = 0;
    const int status = watchChild(
        [](const Channel& channel) {
            const auto result = runWorkload(parse(R"({"resources": {"x": {"type": "counter"}}, "tasks": {
                "Other": {"do": [{"sleep": "300ms"}, {"increment": {"counter": "x", "times": 9}}]},
                "Victim": {"as": "process", "do": [{"increment": {"counter": "x", "times": 4}}, {"sleep": "1000s"}]}}})"),
                options(&channel));
            if (!result || result->end != WorkloadResult::End::Failed || result->errors.size() != 1) {
                return 1;
            }
            if (result->errors[0].find("Victim (process ") != 0
                || result->errors[0].find("killed by signal 9") == std::string::npos) {
                return 2;
            }
            const CounterOutcome& counter = result->counters.at(0);
            return counter.expected == 13 && counter.actual == 13 && noChildIsLeft() ? 42 : 3;
        },
        [&](const Batch& batch, Pid) {
            for (const ThreadNaming& naming : batch.names) {
                victim = naming.name == "Victim" ? naming.pid : victim;
            }
            // "Victim" sleeps, so its increments are done.
            const bool sleeps = std::any_of(batch.events.begin(), batch.events.end(),
                [&](const Event& event) { return event.kind == EventKind::WaitBegin && event.pid == victim; });
            if (victim != 0 && sleeps) {
                kill(victim, SIGKILL);
                return true;
            }
            return false;
        });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

/// For what must end when asked to, however loaded the machine is.
WorkloadOptions patient(const Channel& channel)
{
    WorkloadOptions patient = options(&channel);
    patient.stopGrace = 60 * kSecond;
    return patient;
}

constexpr const char* kDeadlock = R"({"resources": {"a": {"type": "mutex"}, "b": {"type": "mutex"},
    "both": {"type": "barrier"}}, "tasks": {
    "X": {"as": "AS", "do": [{"lock": "a"}, {"barrier": "both"}, {"lock": "b"}, {"unlock": "b"}, {"unlock": "a"}]},
    "Y": {"as": "AS", "do": [{"lock": "b"}, {"barrier": "both"}, {"lock": "a"}, {"unlock": "a"}, {"unlock": "b"}]}}})";

std::string deadlock(const std::string& as)
{
    std::string text = kDeadlock;
    for (std::size_t at = text.find("AS"); at != std::string::npos; at = text.find("AS")) {
        text.replace(at, 2, as);
    }
    return text;
}

TEST(DeadlockTest, HoldsTwoThreadsForEverAndEndsWithSigterm)
{
    const int status = watchChild(
        [](const Channel& channel) {
            const auto result = runWorkload(parse(deadlock("thread")), options(&channel));
            // Threads that had not been stuck would have ended when they were asked to.
            return result && result->end == WorkloadResult::End::Stopped && result->abandonedThreads ? 42 : 1;
        },
        [](const Batch& batch, Pid pid) {
            return count(batch, EventKind::LockRequest) == 2 && kill(pid, SIGTERM) == 0;
        });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(DeadlockTest, OfProcessesEndsWithSigtermAndLeavesNone)
{
    const int status = watchChild(
        [](const Channel& channel) {
            const auto result = runWorkload(parse(deadlock("process")), options(&channel));
            return result && result->end == WorkloadResult::End::Stopped && !result->abandonedThreads
                    && result->deaths.empty() && noChildIsLeft()
                ? 42
                : 1;
        },
        [](const Batch& batch, Pid pid) {
            return count(batch, EventKind::LockRequest) == 2 && kill(pid, SIGTERM) == 0;
        });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(StopTest, EndsWorkersSleepersReadersAndProcessesAndKeepsTheirResults)
{
    const int status = watchChild(
        [](const Channel& channel) {
            const auto result = runWorkload(parse(R"({"resources": {"p": {"type": "pipe"}, "x": {"type": "counter"},
                "g": {"type": "gil"}}, "tasks": {
                "Spin": {"instance": 2, "gil": "g", "do": [{"run": "1000s"}]},
                "Clock": {"do": [{"run": 10}, {"mark": "has run"}, {"runtime": "1000s"}]}, "Sleep": {"do": [{"sleep": "1000s"}]},
                "Count": {"do": [{"increment": {"counter": "x", "times": 1000000000000, "how": "atomic"}}]},
                "Late": {"delay": "1000s", "do": [{"run": 1}]}, "Timer": {"do": [{"timer": "1000s"}]},
                "Read": {"do": [{"receive": {"pipe": "p", "bytes": 10}}]},
                "Parent": {"do": [{"spawn": {"count": 3}}, {"spawn": {"as": "process", "count": 3}}, {"sleep": "1000s"}]},
                "Process": {"as": "process", "do": [{"sleep": "1000s"}]}}})"),
                patient(channel));
            if (!result || result->end != WorkloadResult::End::Stopped) {
                return 1;
            }
            if (result->abandonedThreads || !result->errors.empty() || !result->deaths.empty() || !noChildIsLeft()) {
                return 2;
            }
            if (result->tasks.at(0).name != "Clock" || result->tasks.at(0).iterations == 0) {
                return 3;
            }
            return result->counters.at(0).actual == result->counters.at(0).expected ? 42 : 4;
        },
        [](const Batch& batch, Pid pid) {
            return count(batch, EventKind::Mark) == 1 && count(batch, EventKind::LockAcquire) >= 2
                && kill(pid, SIGTERM) == 0;
        });
    ASSERT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(SpawnTest, UpToTheLimitMakesIdleOnesThatEndWithTheirTask)
{
    WorkloadOptions limited = options();
    limited.threadLimit = 12;
    for (const std::string as : {"thread", "process"}) {
        const auto result = runWorkload(
            parse(R"({"tasks": {"T": {"as": ")" + as + R"(", "do": [{"spawn": {"count": 5}}, {"spawn": {"as": "process",
                "count": 6}}]}}})"),
            limited);
        ASSERT_TRUE(result);
        EXPECT_EQ(result->end, WorkloadResult::End::Done);
        EXPECT_TRUE(noChildIsLeft());
    }
}

TEST(SpawnTest, OverTheLimitEndsTheRunWithAMessageThatNamesIt)
{
    for (const std::string as : {"thread", "process"}) {
        const WorkloadResult result = run(R"({"tasks": {"Bomb": {"do": [{"spawn": {"as": ")" + as
            + R"(", "count": 100000}}]}, "Other": {"instance": 3, "do": [{"sleep": "1000s"}]}}})");
        EXPECT_EQ(result.end, WorkloadResult::End::Failed);
        EXPECT_THAT(result.errors,
            ElementsAre(AllOf(HasSubstr("Bomb (tasks/Bomb/do/0): asked for 100000"), HasSubstr("given 60"),
                HasSubstr("64 threads and processes in all"))));
        EXPECT_TRUE(noChildIsLeft());
    }
}

TEST(AllocateTest, TakesMemoryThatIsThere)
{
    EXPECT_EQ(run(R"({"tasks": {"T": {"do": [{"allocate": {"megabytes": 8}}]}}})").end, WorkloadResult::End::Done);
}

#ifndef TIMESLICE_SANITIZED // a sanitizer's shadow memory alone is larger than any limit
TEST(AllocateTest, SaysWhichLimitItRanInto)
{
    const int status = statusOfChild([] {
        const rlimit limit{rlim_t{512} << 20, rlim_t{512} << 20};
        setrlimit(RLIMIT_AS, &limit);
        const WorkloadResult result =
            run(R"({"tasks": {"T": {"loop": 100, "do": [{"allocate": {"megabytes": 100}}]}}})");
        return result.end == WorkloadResult::End::Failed && result.errors.size() == 1
                && result.errors[0].find("asked for 100 MB of memory; each process of this run may have 512 MB")
                    != std::string::npos
            ? 42
            : 1;
    });
    EXPECT_EQ(WEXITSTATUS(status), 42);
}
#endif

/// As an ordinary user, whoever runs the test.
int asOrdinaryUser(const std::function<int()>& body)
{
    return statusOfChild([&] {
        const rlimit none{0, 0};
        setrlimit(RLIMIT_RTPRIO, &none);
        setrlimit(RLIMIT_NICE, &none);
        constexpr uid_t kNobody = 65534;
        if (getuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) {
            return 1;
        }
        return body();
    });
}

TEST(SchedulingTest, RefusedByTheSystemIsUnsupportedAndNamesThePrivilege)
{
    for (const std::string task : {R"("policy": "SCHED_FIFO")", R"("nice": -5)"}) {
        const int status = asOrdinaryUser([&] {
            const auto result = runWorkload(parse(R"({"tasks": {"Fast": {"do": [{"run": 1}], )" + task
                                                + R"(}, "Slow": {"as": "process", "do": [{"run": 1}]}}})"),
                options());
            if (!result || result->end != WorkloadResult::End::Failed || result->errors.size() != 1) {
                return 1;
            }
            return result->errorKind == ErrorKind::Unsupported && result->wall == 0
                    && result->errors[0].find("Fast: ") == 0
                    && result->errors[0].find("CAP_SYS_NICE") != std::string::npos
                ? 42
                : 2;
        });
        EXPECT_EQ(WEXITSTATUS(status), 42);
    }
}

TEST(SchedulingTest, AppliesToTheCallingThreadAlone)
{
    const std::vector<CpuId> cpus = allowedCpus();
    std::thread([&] {
        TaskSpec task;
        task.cpus = {cpus.back()};
        task.nice = getpriority(PRIO_PROCESS, 0) + 1;
        task.policy = SCHED_BATCH;
        const auto applied = applyScheduling(task);
        ASSERT_TRUE(applied) << applied.error().message;
        EXPECT_THAT(allowedCpus(), ElementsAre(cpus.back()));
        EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())), *task.nice);
        EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
    }).join();
    EXPECT_EQ(allowedCpus(), cpus);
    EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

} // namespace
} // namespace timeslice::workload_test::misbehaviour_test
