#include "core/trace/process_lives.h"

#include "core/trace/process_end.h"
#include "tests/core/trace/built_timeline.h"

#include <csignal>
#include <gtest/gtest.h>

namespace timeslice::process_lives_test {
namespace {

using testing::Built;

constexpr Pid kParent = 10;
constexpr Pid kChild = 20;
constexpr int kCore = 0x80; // of a wait status: it left a core dump

Event of(Pid pid, Nanos time, Tid tid, EventKind kind, std::uint64_t value = 0)
{
    return {time, tid, pid, kind, kNoCpu, 0, value};
}

Event reaped(Nanos time, Pid pid, int status, Tid by = kParent)
{
    return of(kParent, time, by, EventKind::ProcessReaped, Reaping{pid, status}.bits());
}

TEST(Reaping, GoesThroughAnEventsValueUnchanged)
{
    for (const int status : {0, 3 << 8, 255 << 8, SIGKILL, SIGSEGV | kCore}) {
        const Reaping back = Reaping::fromBits(Reaping{4'194'304, status}.bits());
        EXPECT_EQ(back.pid, 4'194'304);
        EXPECT_EQ(back.status, status);
        EXPECT_TRUE(back.isEnd());
    }
    EXPECT_FALSE((Reaping{20, SIGSTOP << 8 | 0x7F}.isEnd())) << "stopped";
    EXPECT_FALSE((Reaping{20, 0xFFFF}.isEnd())) << "goes on";
    EXPECT_FALSE((Reaping{0, 0}.isEnd()));
    EXPECT_FALSE((Reaping{20, -1}.isEnd()));
}

TEST(ProcessEnd, IsToldByItsSignalOrItsCode)
{
    EXPECT_EQ(endSign(0), "");
    EXPECT_EQ(endSign(3 << 8), "exit 3");
    EXPECT_EQ(endSign(SIGKILL), "SIGKILL");
    EXPECT_EQ(endSign(SIGSEGV | kCore), "SIGSEGV");
    EXPECT_EQ(endText(0), "exited with 0");
    EXPECT_EQ(endText(SIGTERM), "killed by SIGTERM");
    EXPECT_EQ(endSign(35), "signal 35") << "a real-time signal has no name";
}

TEST(ProcessLives, TellWhoseChildEachIsAndWhatBecameOfIt)
{
    Built run;
    run.add({of(kParent, 5, kParent, EventKind::SwitchIn), of(kChild, 10, kChild, EventKind::ThreadBorn, kParent),
                of(kParent, 12, 11, EventKind::ThreadBorn, kParent), of(kChild, 15, 21, EventKind::ThreadBorn, kChild),
                of(kChild, 20, kChild, EventKind::ProcessExec, static_cast<std::uint64_t>(ExecNews::Certain)),
                of(30, 25, 30, EventKind::ThreadBorn, 21), of(kChild, 40, kChild, EventKind::ThreadExit),
                reaped(50, kChild, SIGSEGV)},
        60);
    const std::vector<ProcessLife> lives = processLives(run.timeline);
    ASSERT_EQ(lives.size(), 3U);
    EXPECT_EQ(lives[0].pid, kParent);
    EXPECT_EQ(lives[0].parent, std::nullopt);
    EXPECT_EQ(lives[0].threads.size(), 2U);
    EXPECT_EQ(lives[0].exited, 0) << "nobody saw it end";
    EXPECT_EQ(lives[0].status, std::nullopt);
    EXPECT_EQ(lives[1].pid, kChild);
    EXPECT_EQ(lives[1].parent, 0U);
    EXPECT_EQ(lives[1].threads.size(), 2U);
    EXPECT_EQ(lives[1].born, 10);
    EXPECT_EQ(lives[1].execs, std::vector<Nanos>{20});
    EXPECT_EQ(lives[1].exited, 40);
    EXPECT_EQ(lives[1].reaped, 50);
    EXPECT_EQ(lives[1].status, SIGSEGV);
    EXPECT_EQ(lives[2].parent, 1U) << "a thread of the child made it";
}

TEST(ProcessLives, TellApartTwoProcessesOfOneNumber)
{
    Built run;
    run.add({of(kParent, 5, kParent, EventKind::SwitchIn), of(kChild, 10, kChild, EventKind::ThreadBorn, kParent),
                of(kChild, 20, kChild, EventKind::ThreadExit), reaped(25, kChild, 3 << 8),
                of(kChild, 30, kChild, EventKind::ThreadBorn, kParent), of(kChild, 40, kChild, EventKind::ThreadExit),
                reaped(45, kChild, SIGKILL)},
        60);
    const std::vector<ProcessLife> lives = processLives(run.timeline);
    ASSERT_EQ(lives.size(), 3U);
    EXPECT_EQ(lives[1].status, 3 << 8);
    EXPECT_EQ(lives[1].exited, 20);
    EXPECT_EQ(lives[2].status, SIGKILL);
    EXPECT_EQ(lives[2].exited, 40);
}

TEST(ProcessLives, KnowTheEndThatTheGuardSaw)
{
    Built run;
    run.add({of(kParent, 5, kParent, EventKind::SwitchIn), of(kParent, 9, kParent, EventKind::ThreadExit)}, 20);
    run.add({reaped(10, kParent, SIGTERM, 0)}, 20);
    EXPECT_EQ(processLives(run.timeline)[0].status, SIGTERM);
    EXPECT_EQ(run.timeline.threads.size(), 1U) << "the guard is no thread of the run";
}

TEST(ProcessLives, RefuseAnEndThatIsNone)
{
    Built run;
    run.add({of(kParent, 5, kParent, EventKind::ThreadBorn), reaped(10, kChild, 0x7F)}, 20);
    EXPECT_TRUE(run.timeline.reaps.empty());
    EXPECT_EQ(run.timeline.lost.malformed, 1U);
}

TEST(ProcessLives, HaveTheMemoryOfTheirTime)
{
    Built run;
    Batch batch;
    batch.events = {of(kParent, 5, kParent, EventKind::SwitchIn),
        of(kChild, 10, kChild, EventKind::ThreadBorn, kParent), of(kChild, 20, kChild, EventKind::ThreadExit),
        of(kChild, 30, kChild, EventKind::ThreadBorn, kParent)};
    batch.memory = {{8, kParent, 1, 1, 1}, {15, kParent, 2, 2, 2}, {15, kChild, 3, 3, 3}, {35, kChild, 4, 4, 4}};
    batch.drainedAt = 40;
    run.builder.append(batch);
    const std::vector<ProcessLife> lives = processLives(run.timeline);
    ASSERT_EQ(lives.size(), 3U);
    EXPECT_EQ(memoryOf(run.timeline, lives[0]).size(), 2U);
    ASSERT_EQ(memoryOf(run.timeline, lives[1]).size(), 1U);
    EXPECT_EQ(memoryOf(run.timeline, lives[1])[0].rss, 3U);
    ASSERT_EQ(memoryOf(run.timeline, lives[2]).size(), 1U);
    EXPECT_EQ(memoryOf(run.timeline, lives[2])[0].rss, 4U);
}

} // namespace
} // namespace timeslice::process_lives_test
