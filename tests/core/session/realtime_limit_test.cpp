// The limit on what a workload may compute at real-time priority, where it comes before everything else on its core.
#include "core/session/worker_process.h"
#include "tests/core/session/invariants.h"
#include "tests/core/session/run_support.h"

#include <csignal>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/wait.h>

namespace timeslice::realtime_limit_test {
namespace {

class RealtimeLimit : public testing::Test {
protected:
    void SetUp() override
    {
        // In a child: this process shall not compute at such a priority for a moment.
        const pid_t child = fork();
        if (child == 0) {
            const sched_param parameters{1};
            _exit(sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        if (status != 0) {
            GTEST_SKIP() << "the system refuses real-time priorities";
        }
    }

    /// The wait status of a shell at real-time priority.
    static int endOf(const std::string& script)
    {
        ProcessSpec spec;
        spec.argv = {"chrt", "--fifo", "1", "sh", "-c", script};
        spec.realtimeCpu = 100 * kMillisecond;
        Result<WorkerProcess> process = WorkerProcess::spawnHeld(guardProgram(), spec);
        if (!process) {
            throw std::runtime_error(process.error().message);
        }
        process->release();
        const Nanos deadline = monotonicNow() + kPatience;
        while (monotonicNow() < deadline) {
            const std::optional<ProcessEvent> event = process->waitEvent(deadline);
            if (event && event->kind == ProcessEvent::Kind::Ended) {
                return event->value;
            }
        }
        ADD_FAILURE() << "it is not ended";
        return 0;
    }
};

TEST_F(RealtimeLimit, EndsAProcessThatComputesOn)
{
    const int status = endOf("while :; do :; done");
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), SIGXCPU);
}

TEST_F(RealtimeLimit, KillsAProcessThatIgnoresIt)
{
    const int status = endOf("trap '' XCPU; while :; do :; done");
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST_F(RealtimeLimit, LeavesAloneWhatComputesAtTheUsualPriority)
{
    EXPECT_EQ(endOf("exec chrt --other 0 sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; exit 3'"), 3 << 8);
}

TEST_F(RealtimeLimit, OfARunIsSaidInItsEnd)
{
    Limits limits;
    limits.realtimeCpu = 100 * kMillisecond;
    const FollowedRun run = runToEnd(scenarioOf(
        R"({"tasks": {"Hog": {"policy": "SCHED_FIFO", "priority": 1, "do": [{"runtime": "15s"}]}}})", limits));
    EXPECT_EQ(run.exit().kind, Exit::Kind::Signalled);
    EXPECT_EQ(run.exit().code, SIGXCPU);
    EXPECT_THAT(run.exit().text, testing::HasSubstr("used a core at real-time priority for longer than its limit"));
    expectSoundRecording(run);
}

} // namespace
} // namespace timeslice::realtime_limit_test
