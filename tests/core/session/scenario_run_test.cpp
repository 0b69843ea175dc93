// Real workers, run to every kind of end. After each, nothing is left and the recording can be used.
#include "core/session/scenario_run.h"

#include "core/record/context_switches.h"
#include "tests/core/session/invariants.h"

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>

namespace timeslice::scenario_run_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTwoSpinners =
    R"({"tasks": {"Thread": {"instance": 2, "do": [{"run": "40ms"}, {"sleep": "5ms"}, {"run": "10ms"}]}}})";
constexpr const char* kLongSleep = R"({"tasks": {"Sleeper": {"do": [{"sleep": "1000s"}]}}})";
constexpr const char* kLongRun = R"({"tasks": {"Hog": {"instance": 2, "do": [{"runtime": "1000s"}]}}})";
constexpr const char* kCrossedLocks = R"({
    "resources": {"A": {"type": "mutex"}, "B": {"type": "mutex"}, "both": {"type": "barrier"}},
    "tasks": {"Left": {"do": [{"lock": "A"}, {"barrier": "both"}, {"lock": "B"}, {"unlock": "B"}, {"unlock": "A"}]},
              "Right": {"do": [{"lock": "B"}, {"barrier": "both"}, {"lock": "A"}, {"unlock": "A"}, {"unlock": "B"}]}}})";
constexpr const char* kSharedLock = R"({"resources": {"m": {"type": "mutex"}},
    "tasks": {"Thread": {"instance": 3, "loop": 40, "do": [{"lock": "m"}, {"run": "300us"}, {"unlock": "m"}, {"run": "100us"}]}}})";

class ScenarioRunTest : public testing::Test {
protected:
    void TearDown() override
    {
        // The last of a run is its guard, which has nothing left to do and is reaped as the run is destroyed.
        EXPECT_THAT(descendants(getpid()), IsEmpty());
    }
};

Limits limitedTo(Nanos time)
{
    Limits limits;
    limits.time = time;
    return limits;
}

TEST_F(ScenarioRunTest, AWorkloadThatFinishesIsRecordedWhole)
{
    const FollowedRun run = runToEnd(scenarioOf(kTwoSpinners));
    EXPECT_FALSE(run.model->error());
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    EXPECT_EQ(run.exit().text, "finished");
    expectSoundRecording(run);
    ASSERT_TRUE(run.timeline().workBegin && run.timeline().workEnd);
    EXPECT_EQ(run.variant().facts.wall, *run.timeline().workEnd - *run.timeline().workBegin);
    EXPECT_GT(run.variant().facts.cpu, 20 * kMillisecond);
    EXPECT_GT(run.variant().facts.recordingCost, 0);
    EXPECT_TRUE(run.model->report().verdict.has_value());
}

/// A thread's start may take long under a sanitizer, and what the hypervisor took is known to a tick and at the next
/// tick only: so one run of some has to be right. Each has to be sound.
void expectRunningTimeIsTheKernelsCpuTime(const char* workload)
{
    std::string error;
    for (int attempt = 0; attempt < 4 && (attempt == 0 || !error.empty()); ++attempt) {
        const FollowedRun run = runToEnd(scenarioOf(workload));
        ASSERT_EQ(run.timeline().source, Source::Measured);
        expectSoundRecording(run);
        error = runningTimeError(run);
    }
    EXPECT_EQ(error, "");
}

TEST_F(ScenarioRunTest, RunningTimeOnTheTimelineIsTheKernelsCpuTime)
{
    if (!probeContextSwitches()) {
        GTEST_SKIP() << "the kernel's records are refused here";
    }
    expectRunningTimeIsTheKernelsCpuTime(R"({"tasks": {"Thread": {"instance": 3, "do": [{"run": "150ms"}]}}})");
}

TEST_F(ScenarioRunTest, RunningTimeOfForkedProcessesIsTheKernelsCpuTime)
{
    if (!probeContextSwitches()) {
        GTEST_SKIP() << "the kernel's records are refused here";
    }
    expectRunningTimeIsTheKernelsCpuTime(
        R"({"tasks": {"Process": {"instance": 3, "as": "process", "do": [{"run": "150ms"}]}}})");
}

TEST_F(ScenarioRunTest, RunningStartingAndEndingTogetherAreTheCpuTimeOfManyShortProcesses)
{
    if (!probeContextSwitches()) {
        GTEST_SKIP() << "the kernel's records are refused here";
    }
    const FollowedRun run = recordCommand({"sh", "-c", "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"});
    ASSERT_TRUE(run.exit().ok()) << run.exit().text;
    const VariantReport& report = run.variant().report;
    ASSERT_EQ(report.lostEvents, 0U);
    Nanos running = 0;
    for (const ThreadReport& thread : report.threads) {
        running += thread.running;
    }
    // What the host stole counts as running alone.
    EXPECT_NEAR(static_cast<double>(running + report.starting + report.ending), static_cast<double>(report.cpu),
        0.005 * static_cast<double>(report.cpu) + static_cast<double>(report.stolen));
    EXPECT_GT(report.starting, 0);
    EXPECT_LT(report.starting, report.cpu / 10);
}

TEST_F(ScenarioRunTest, LocksUnderContentionAreRecordedSoundly)
{
    const FollowedRun run = runToEnd(scenarioOf(kSharedLock));
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    expectSoundRecording(run);
    ASSERT_EQ(run.timeline().locks.size(), 1U);
    EXPECT_EQ(run.variant().report.locks.at(0).holds, 3U * 40U);
}

TEST_F(ScenarioRunTest, ACalculationIsShownAsOneAndLeavesTheOthersMeasured)
{
    const char* const jobs = R"("jobs": [{"name": "A", "length": "20ms"}, {"name": "B", "length": "10ms"}])";
    const std::string calculated =
        std::string(R"({"dispatch": {"policy": "round-robin", "quantum": "5ms", "by": "calculation", )") + jobs + "}}";
    const std::string real = std::string(R"({"dispatch": {"policy": "round-robin", "quantum": "5ms", )") + jobs + "}}";
    const FollowedRun run = runToEnd(scenarioOf(
        std::vector<VariantSpec>{variantOf("calculated", calculated.c_str()), variantOf("real", real.c_str())}));
    EXPECT_TRUE(run.exit(0).ok()) << run.exit(0).text;
    EXPECT_TRUE(run.exit(1).ok()) << run.exit(1).text;
    EXPECT_EQ(run.timeline(0).source, Source::Calculated);
    EXPECT_NE(run.timeline(1).source, Source::Calculated);
    EXPECT_EQ(run.model->report().source, run.timeline(1).source);
    EXPECT_EQ(run.variant(0).report.wall, 30 * kMillisecond);
    for (const ThreadReport& thread : run.variant(0).report.threads) {
        if (thread.name == "A" || thread.name == "B") {
            EXPECT_EQ(thread.running, (thread.name == "A" ? 20 : 10) * kMillisecond);
            EXPECT_EQ(thread.runnable, 10 * kMillisecond) << thread.name << " waits twice for 5 ms";
        }
    }
    const nlohmann::json& figures = run.variant(1).report.extra.at("dispatch");
    EXPECT_EQ(figures.at("order"), "A B A B A");
    EXPECT_EQ(figures.at("same_order"), 1);
    EXPECT_EQ(figures.at("mean").at("closed_form").at("turnaround_ms"), 25);
}

TEST_F(ScenarioRunTest, ForcedInferenceSaysInferredAndStillShowsWhoRan)
{
    RunOptions options;
    options.forceInferred = true;
    const FollowedRun run = runToEnd(scenarioOf(kTwoSpinners), options);
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    EXPECT_EQ(run.timeline().source, Source::Inferred);
    EXPECT_EQ(run.model->report().source, Source::Inferred);
    expectSoundRecording(run);
    Nanos running = 0;
    for (const ThreadReport& thread : run.variant().report.threads) {
        running += thread.running;
    }
    EXPECT_GT(running, 20 * kMillisecond);
}

TEST_F(ScenarioRunTest, VariantsRunOneAfterAnotherWithTheirOwnTimelines)
{
    const FollowedRun run = runToEnd(scenarioOf({variantOf("one", kTwoSpinners), variantOf("two", kSharedLock)}));
    EXPECT_TRUE(run.exit(0).ok());
    EXPECT_TRUE(run.exit(1).ok());
    EXPECT_LE(run.timeline(0).end, run.timeline(1).begin);
    EXPECT_TRUE(run.timeline(0).locks.empty());
    EXPECT_EQ(run.timeline(1).locks.size(), 1U);
    expectSoundRecording(run, 0);
    expectSoundRecording(run, 1);
}

TEST_F(ScenarioRunTest, OnlyTheVariantsAskedForRun)
{
    RunOptions options;
    options.variants = {"two"};
    const FollowedRun run =
        runToEnd(scenarioOf({variantOf("one", kTwoSpinners), variantOf("two", kTwoSpinners)}), options);
    EXPECT_EQ(run.variant(0).phase, VariantModel::Phase::Waiting);
    EXPECT_EQ(run.variant(1).phase, VariantModel::Phase::Ended);
    EXPECT_EQ(run.model->report().variants.size(), 1U);
}

TEST_F(ScenarioRunTest, AnUnknownVariantIsRefusedWithTheNearestName)
{
    RunOptions options;
    options.variants = {"tow"};
    const auto run =
        ScenarioRun::start(scenarioOf({variantOf("one", kTwoSpinners), variantOf("two", kTwoSpinners)}), options);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::Usage);
    EXPECT_THAT(run.error().message, HasSubstr("did you mean 'two'"));
}

TEST_F(ScenarioRunTest, AWorkloadThatMakesNoSenseIsRefusedBeforeAnythingStarts)
{
    const auto run = ScenarioRun::start(scenarioOf(R"({"tasks": {"Thread": {"do": [{"lokc": "m"}]}}})"), {});
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().kind, ErrorKind::Usage);
    EXPECT_THAT(run.error().message, HasSubstr("tasks/Thread"));
}

TEST_F(ScenarioRunTest, UnrecordedRunsHaveResultsButNoEvents)
{
    RunOptions options;
    options.record = false;
    const FollowedRun run = runToEnd(scenarioOf(kTwoSpinners), options);
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    EXPECT_TRUE(run.events.empty());
    EXPECT_GT(run.variant().facts.wall, 0);
    EXPECT_GT(run.variant().facts.cpu, 20 * kMillisecond);
    EXPECT_FALSE(run.variant().facts.threadCpu.empty());
}

TEST_F(ScenarioRunTest, StoppedByTheUserItEndsAtOnceAndLaterVariantsAreNotTried)
{
    const FollowedRun run = runToEnd(scenarioOf({variantOf("one", kLongRun), variantOf("two", kTwoSpinners)}), {},
        [](ScenarioRun& live, const FollowedRun& soFar) {
            if (workHasBegun(soFar)) {
                live.stop();
                live.stop(); // once more does no harm
            }
        });
    EXPECT_TRUE(run.model->stopped());
    EXPECT_EQ(run.exit().kind, Exit::Kind::StoppedByUser);
    EXPECT_EQ(run.variant(1).phase, VariantModel::Phase::Waiting);
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, ARunThatIsDestroyedTakesItsWorkloadWithIt)
{
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenarioOf(kLongSleep), {});
    ASSERT_TRUE(run);
    const Nanos deadline = monotonicNow() + kPatience;
    while (runningWorker() == 0 && monotonicNow() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const Pid worker = runningWorker();
    ASSERT_NE(worker, 0);
    run->reset();
    EXPECT_TRUE(comesToAnEnd(worker));
}

TEST_F(ScenarioRunTest, AKilledWorkerIsReportedAsKilled)
{
    bool killed = false;
    const FollowedRun run = runToEnd(scenarioOf(kLongRun), {}, [&](ScenarioRun&, const FollowedRun& soFar) {
        if (!killed && workHasBegun(soFar)) {
            killed = signalWorker(SIGKILL);
        }
    });
    EXPECT_EQ(run.exit().kind, Exit::Kind::Signalled);
    EXPECT_EQ(run.exit().code, SIGKILL);
    EXPECT_THAT(run.exit().text, HasSubstr("killed by signal 9"));
    EXPECT_EQ(run.variant().recording->failure, run.exit().text);
    expectSoundRecording(run);
}

constexpr const char* kLongJobs = R"({"dispatch": {"policy": "fcfs", "jobs": "A 0 1000s; B 0 1000s"}})";

/// The job's thread, once it is known.
std::optional<Tid> threadOf(const FollowedRun& run, const std::string& job)
{
    for (const ThreadInfo& thread : run.timeline().threads) {
        if (thread.name == job) {
            return thread.tid;
        }
    }
    return std::nullopt;
}

TEST_F(ScenarioRunTest, AThreadThatIsKilledAtItsGateEndsTheRunAndWhatWasRecordedStays)
{
    bool killed = false;
    const FollowedRun run = runToEnd(scenarioOf(kLongJobs), {}, [&](ScenarioRun&, const FollowedRun& soFar) {
        const std::optional<Tid> waiting = workHasBegun(soFar) ? threadOf(soFar, "B") : std::nullopt;
        if (!killed && waiting) {
            killed = ::kill(*waiting, SIGKILL) == 0; // which Linux carries out on all of its process
        }
    });
    EXPECT_TRUE(killed);
    EXPECT_EQ(run.exit().kind, Exit::Kind::Signalled);
    EXPECT_THAT(run.exit().text, HasSubstr("killed by signal 9"));
    EXPECT_TRUE(threadOf(run, "A"));
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, StoppingJobsAtTheirGatesIsNoStarvation)
{
    const FollowedRun run = runToEnd(scenarioOf(kLongJobs), {}, [&](ScenarioRun& running, const FollowedRun& soFar) {
        if (workHasBegun(soFar) && threadOf(soFar, "B")) {
            running.stop();
        }
    });
    EXPECT_EQ(run.exit().kind, Exit::Kind::StoppedByUser);
    EXPECT_TRUE(run.variant().report.findings.empty()) << run.variant().report.findings.front();
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, ASegmentationFaultIsReportedAndWhatCameBeforeIsKept)
{
    const FollowedRun run = runToEnd(scenarioOf(
        R"({"tasks": {"Thread": {"do": [{"run": "20ms"}, {"crash": "segv"}]}, "Other": {"do": [{"runtime": "100s"}]}}})"));
    EXPECT_EQ(run.exit().kind, Exit::Kind::Signalled);
    EXPECT_EQ(run.exit().code, SIGSEGV);
    EXPECT_THAT(run.exit().text, HasSubstr("segmentation fault"));
    expectSoundRecording(run);
    EXPECT_GE(run.timeline().threads.size(), 3U);
}

TEST_F(ScenarioRunTest, AtTheTimeLimitItIsEnded)
{
    const FollowedRun run = runToEnd(scenarioOf(kLongRun, limitedTo(200 * kMillisecond)));
    EXPECT_EQ(run.exit().kind, Exit::Kind::TimeLimit);
    EXPECT_THAT(run.exit().text, HasSubstr("200 ms"));
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, AStoppedWorkerDoesNotOutliveItsTimeLimit)
{
    // On a busy machine the work may not have begun before a short limit is over.
    bool stopped = false;
    for (Nanos limit = 400 * kMillisecond; !stopped && limit < kPatience; limit *= 4) {
        const FollowedRun run =
            runToEnd(scenarioOf(kLongRun, limitedTo(limit)), {}, [&](ScenarioRun&, const FollowedRun& soFar) {
                if (!stopped && workHasBegun(soFar)) {
                    stopped = signalWorker(SIGSTOP);
                }
            });
        EXPECT_EQ(run.exit().kind, Exit::Kind::TimeLimit);
        expectSoundRecording(run);
    }
    EXPECT_TRUE(stopped);
}

TEST_F(ScenarioRunTest, ADeadlockIsFoundWhileTheRunIsLiveAndToldThreadByThread)
{
    bool seenLive = false;
    const FollowedRun run = runToEnd(scenarioOf(kCrossedLocks), {}, [&](ScenarioRun&, const FollowedRun& soFar) {
        soFar.model->refreshLive();
        seenLive =
            seenLive || (soFar.variant().phase == VariantModel::Phase::Running && soFar.variant().deadlock.has_value());
    });
    EXPECT_TRUE(seenLive);
    EXPECT_EQ(run.exit().kind, Exit::Kind::Deadlocked);
    EXPECT_EQ(run.exit().text, "deadlock: Left holds A and waits for B; Right holds B and waits for A");
    ASSERT_TRUE(run.variant().deadlock);
    EXPECT_EQ(run.variant().deadlock->edges.size(), 2U);
    EXPECT_THAT(run.variant().report.findings, testing::Not(IsEmpty()));
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, ALongWaitThatIsNoCircleIsNoDeadlock)
{
    const FollowedRun run = runToEnd(scenarioOf(R"({"resources": {"A": {"type": "mutex"}},
        "tasks": {"Holder": {"do": [{"lock": "A"}, {"sleep": "700ms"}, {"unlock": "A"}]},
                  "Waiter": {"delay": "20ms", "do": [{"lock": "A"}, {"unlock": "A"}]}}})"));
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    EXPECT_FALSE(run.variant().deadlock);
}

TEST_F(ScenarioRunTest, MoreThreadsThanTheLimitAreRefusedNotStarted)
{
    Limits limits;
    limits.threads = 8;
    const FollowedRun run =
        runToEnd(scenarioOf(R"({"tasks": {"Thread": {"do": [{"spawn": {"as": "thread", "count": 1000}}]}}})", limits));
    EXPECT_FALSE(run.exit().ok());
    EXPECT_THAT(run.exit().text, ContainsRegex("limit|8"));
    expectSoundRecording(run);
    EXPECT_LE(run.timeline().threads.size(), 20U);
}

TEST_F(ScenarioRunTest, MoreProcessesThanTheLimitAreRefusedNotStarted)
{
    Limits limits;
    limits.threads = 8;
    const FollowedRun run =
        runToEnd(scenarioOf(R"({"tasks": {"Thread": {"do": [{"spawn": {"as": "process", "count": 1000}}]}}})", limits));
    EXPECT_FALSE(run.exit().ok());
    EXPECT_THAT(run.exit().text, ContainsRegex("limit|8"));
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, MemoryBeyondTheLimitIsRefusedAndSaid)
{
#ifdef TIMESLICE_SANITIZED
    GTEST_SKIP() << "a sanitizer needs more address space than any limit";
#endif
    Limits limits;
    limits.memoryBytes = std::int64_t{256} << 20;
    const FollowedRun run =
        runToEnd(scenarioOf(R"({"tasks": {"Eater": {"loop": 50, "do": [{"allocate": {"megabytes": 20}}]}}})", limits));
    EXPECT_FALSE(run.exit().ok());
    EXPECT_THAT(run.exit().text, HasSubstr("memory"));
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, NothingIsLeftWhenTheWholeProgramIsKilled)
{
    int report[2];
    ASSERT_EQ(pipe2(report, O_CLOEXEC), 0);
    const UniqueFd reportRead(report[0]);
    UniqueFd reportWrite(report[1]);
    const pid_t owner = fork();
    if (owner == 0) {
        const Scenario scenario =
            scenarioOf(R"({"tasks": {"Process": {"instance": 3, "as": "process", "do": [{"runtime": "1000s"}]}}})");
        Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, {});
        follow(**run, std::make_unique<RunModel>(scenario), [&](ScenarioRun&, const FollowedRun& soFar) {
            if (reportWrite && workHasBegun(soFar)) {
                [[maybe_unused]] const ssize_t n = ::write(reportWrite.get(), "w", 1);
                reportWrite.reset();
            }
        });
        _exit(1);
    }
    reportWrite.reset();
    char begun = 0;
    ASSERT_EQ(::read(reportRead.get(), &begun, 1), 1);
    const std::vector<Pid> all = descendants(owner);
    ASSERT_GE(all.size(), 5U); // guard, worker, three processes
    ASSERT_EQ(::kill(owner, SIGKILL), 0);
    ASSERT_EQ(::waitpid(owner, nullptr, 0), owner);
    for (const Pid pid : all) {
        EXPECT_TRUE(comesToAnEnd(pid)) << commandLine(pid);
    }
}

TEST_F(ScenarioRunTest, ACommandsExitStatusIsPassedOn)
{
    const FollowedRun run = recordCommand({"sh", "-c", "exit 7"});
    EXPECT_EQ(run.exit().kind, Exit::Kind::Exited);
    EXPECT_EQ(run.exit().code, 7);
    expectSoundRecording(run);
}

TEST_F(ScenarioRunTest, ACommandThatIsKilledIsReportedWithItsSignal)
{
    const FollowedRun run = recordCommand({"sh", "-c", "kill -TERM $$"});
    EXPECT_EQ(run.exit().kind, Exit::Kind::Signalled);
    EXPECT_EQ(run.exit().code, SIGTERM);
}

TEST_F(ScenarioRunTest, ACommandThatIsNotThereFailsToStart)
{
    const FollowedRun run = recordCommand({"/no/such/command"});
    EXPECT_EQ(run.exit().kind, Exit::Kind::FailedToStart);
    EXPECT_EQ(run.exit().code, 127);
    ASSERT_TRUE(run.model->error());
    EXPECT_THAT(run.model->error()->message, HasSubstr("/no/such/command"));
}

TEST_F(ScenarioRunTest, ACommandsChildrenAreRecordedToo)
{
    const FollowedRun run = recordCommand({"sh", "-c", "sleep 0.01; sleep 0.01; true"});
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    expectSoundRecording(run);
    if (run.timeline().source == Source::Measured) {
        int sleeps = 0;
        for (const ThreadInfo& thread : run.timeline().threads) {
            sleeps += thread.name == "sleep";
        }
        EXPECT_EQ(sleeps, 2);
    }
}

TEST_F(ScenarioRunTest, WithoutKernelRecordsACommandIsSampled)
{
    RunOptions options;
    options.forceInferred = true;
    const FollowedRun run = recordCommand({"sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"}, options);
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    EXPECT_EQ(run.timeline().source, Source::Inferred);
    EXPECT_FALSE(run.timeline().threads.empty());
    EXPECT_GT(run.variant().facts.cpu, 0);
}

TEST_F(ScenarioRunTest, ACommandThatIgnoresSigtermIsKilledAfterItsGrace)
{
    // On a busy machine a shell may not have come as far as to ignore it before a short limit is over.
    int code = 128 + SIGTERM;
    for (Nanos limit = 200 * kMillisecond; code == 128 + SIGTERM && limit < kPatience; limit *= 4) {
        const FollowedRun run =
            recordCommand({"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}, {}, Limits{limit, 64, 0, 0});
        EXPECT_EQ(run.exit().kind, Exit::Kind::TimeLimit);
        code = run.exit().code;
    }
    EXPECT_EQ(code, 128 + SIGKILL);
}

} // namespace
} // namespace timeslice::scenario_run_test
