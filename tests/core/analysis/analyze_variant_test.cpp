#include "core/analysis/quantiles.h"
#include "core/analysis/report.h"
#include "core/trace/core_others.h"
#include "tests/core/analysis/made_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::analyze_variant_test {
namespace {

constexpr Nanos ms = kMillisecond;

VariantReport analyze(const Timeline& timeline, const RunFacts& facts = {})
{
    return analyzeVariant(timeline, facts, "v", "Variant", Engine::Native);
}

/// Two threads under a lock, handed over after a timeout, freely, and at a thread's end:
///   0  A takes it; B asks at 1 and waits
///   5  A lets go after a timeout, B takes it at 6 and holds it until 10; A waits from 7
///   11 A takes it, ends and so lets go at 14
///   15 B takes it until 16
struct LockStory {
    MadeTimeline made{20 * ms};
    std::uint32_t a = made.thread("A");
    std::uint32_t b = made.thread("B");
    std::uint32_t lock = made.lock("GIL", ObjectKind::Gil);

    LockStory()
    {
        made.running(a, 0);
        made.waits(a, 7 * ms, lock);
        made.running(a, 11 * ms);
        made.exits(a, 14 * ms);
        made.running(b, 0, 1);
        made.waits(b, 1 * ms, lock);
        made.running(b, 3 * ms, 1); // looks at the lock, stands still again: one wait
        made.waits(b, 4 * ms, lock);
        made.running(b, 6 * ms, 1);
        made.waits(b, 12 * ms, lock);
        made.running(b, 15 * ms, 1);
        made.held(lock, 0, a);
        made.free(lock, 5 * ms, Cause::ReleasedAfterTimeout);
        made.held(lock, 6 * ms, b);
        made.free(lock, 10 * ms);
        made.held(lock, 11 * ms, a);
        made.free(lock, 14 * ms, Cause::ReleasedAtExit);
        made.held(lock, 15 * ms, b);
        made.free(lock, 16 * ms);
    }
};

TEST(AnalyzeVariant, AddsUpWhatEachThreadDidWithinTheWork)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    made.timeline.workBegin = 2 * ms;
    made.timeline.workEnd = 9 * ms;
    made.running(a, 0);
    made.preempted(a, 4 * ms);
    made.running(a, 5 * ms, 1);
    made.blocked(a, 8 * ms);
    const ThreadReport thread = analyze(made.done()).threads.at(0);
    EXPECT_EQ(thread.running, 5 * ms);
    EXPECT_EQ(thread.runnable, 1 * ms);
    EXPECT_EQ(thread.blocked, 1 * ms);
    EXPECT_EQ(thread.lockWait, 0);
}

TEST(AnalyzeVariant, TellsPreemptionFromGivingUpTheCoreAndCountsMigrations)
{
    MadeTimeline made(20 * ms);
    const auto a = made.thread("A");
    const auto lock = made.lock("m");
    made.running(a, 0, 0);
    made.preempted(a, 2 * ms);
    made.running(a, 3 * ms, 1); // migrated
    made.blocked(a, 4 * ms);
    made.running(a, 5 * ms, 1); // came back to the same core
    made.waits(a, 6 * ms, lock);
    made.running(a, 7 * ms, 0); // migrated
    const VariantReport report = analyze(made.done());
    EXPECT_EQ(report.preempted, 1U);
    EXPECT_EQ(report.voluntary, 2U);
    EXPECT_EQ(report.migrations, 2U);
}

TEST(AnalyzeVariant, LeavesCoordinatingThreadsOutOfTheTotals)
{
    MadeTimeline made(10 * ms);
    const auto main = made.thread("main");
    made.timeline.threads[main].auxiliary = true;
    made.running(main, 0);
    made.preempted(main, 5 * ms);
    const auto a = made.thread("A");
    made.running(a, 0, 1);
    const VariantReport report = analyze(made.done());
    EXPECT_EQ(report.preempted, 0U);
    EXPECT_EQ(report.cpu, 10 * ms);
    EXPECT_DOUBLE_EQ(report.parallelism, 1.0);
    EXPECT_TRUE(report.threads.at(0).auxiliary);
}

TEST(AnalyzeVariant, TakesTheKernelsAccountOfTimeWhereThereIsOne)
{
    MadeTimeline made(10 * ms);
    made.running(made.thread("A"), 0);
    RunFacts facts;
    facts.wall = 8 * ms;
    facts.cpu = 12 * ms;
    const VariantReport report = analyze(made.done(), facts);
    EXPECT_EQ(report.wall, 8 * ms);
    EXPECT_EQ(report.cpu, 12 * ms);
    EXPECT_DOUBLE_EQ(report.parallelism, 1.5);
}

TEST(AnalyzeVariant, OfAnEmptyTimelineIsAllZero)
{
    const VariantReport report = analyze(Timeline{});
    EXPECT_EQ(report.wall, 0);
    EXPECT_EQ(report.parallelism, 0);
    EXPECT_TRUE(report.threads.empty());
    EXPECT_FALSE(report.latencyMillis.has_value());
}

TEST(AnalyzeVariant, CountsAHandOffOnlyWhenAnotherThreadTakesTheLock)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto lock = made.lock("m");
    made.held(lock, 0, a);
    made.free(lock, 1 * ms);
    made.held(lock, 2 * ms, a); // the same thread again: no hand-off
    made.free(lock, 3 * ms);
    made.held(lock, 4 * ms, b);
    made.free(lock, 5 * ms);
    const LockReport report = analyze(made.done()).locks.at(0);
    EXPECT_EQ(report.holds, 3U);
    EXPECT_EQ(report.handoffsVoluntary, 1U);
    EXPECT_EQ(report.handoffsTimeout + report.handoffsExit, 0U);
}

TEST(AnalyzeVariant, TellsTheReasonOfEachHandOff)
{
    LockStory story;
    const LockReport report = analyze(story.made.done()).locks.at(0);
    EXPECT_EQ(report.kind, "gil");
    EXPECT_EQ(report.handoffsTimeout, 1U);
    EXPECT_EQ(report.handoffsVoluntary, 1U);
    EXPECT_EQ(report.handoffsExit, 1U);
}

TEST(AnalyzeVariant, MeasuresAWaitFromTheFirstStandstillUntilTheLockIsTaken)
{
    LockStory story;
    const VariantReport report = analyze(story.made.done());
    // B: 1..6 (with a look at the lock in between) and 12..15; A: 7..11.
    EXPECT_EQ(report.locks.at(0).wait, 12 * ms);
    EXPECT_EQ(report.locks.at(0).longestWait, 5 * ms);
    // The threads' own accounts have only the standstills: the look ran on a core.
    EXPECT_EQ(report.threads.at(story.a).lockWait, 4 * ms);
    EXPECT_EQ(report.threads.at(story.b).lockWait, 7 * ms);
}

TEST(AnalyzeVariant, MeasuresHowLongTheLockWasHeld)
{
    LockStory story;
    const LockReport report = analyze(story.made.done()).locks.at(0);
    EXPECT_EQ(report.holds, 4U);
    EXPECT_EQ(report.hold, 13 * ms);
    EXPECT_DOUBLE_EQ(report.heldShare, 0.65);
    EXPECT_DOUBLE_EQ(report.holdMillis.p50, 3);
    EXPECT_DOUBLE_EQ(report.holdMillis.max, 5);
}

TEST(AnalyzeVariant, TellsTheWidthOfTheStripesApartFromOtherHolds)
{
    LockStory story;
    const LockReport report = analyze(story.made.done()).locks.at(0);
    EXPECT_EQ(report.timeoutHoldMillis.count, 1U);
    EXPECT_DOUBLE_EQ(report.timeoutHoldMillis.p50, 5);
}

TEST(AnalyzeVariant, CallsTheGilsLastVoluntaryReleaseOfAThreadThatEndedItsExit)
{
    MadeTimeline made(20 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto gil = made.lock("GIL", ObjectKind::Gil);
    made.running(a, 0);
    made.exits(a, 8 * ms + 50 * kMicrosecond);
    made.timeline.threads[a].exited = 8 * ms + 50 * kMicrosecond;
    made.held(gil, 0, a);
    made.free(gil, 1 * ms);
    made.held(gil, 2 * ms, b);
    made.free(gil, 3 * ms);
    made.held(gil, 4 * ms, a);
    made.free(gil, 8 * ms);
    made.held(gil, 9 * ms, b);
    const LockReport report = analyze(made.done()).locks.at(0);
    EXPECT_EQ(report.handoffsVoluntary, 2U);
    EXPECT_EQ(report.handoffsExit, 1U);
}

TEST(AnalyzeVariant, TellsThreadsAndLocksOfSeveralProcessesApart)
{
    MadeTimeline made(10 * ms);
    for (const Pid pid : {100, 200}) {
        for (const char* name : {"MainThread", "Thread 1"}) {
            const auto thread = made.thread(name);
            made.timeline.threads[thread].pid = pid;
            made.running(thread, 0);
        }
        made.timeline.locks[made.lock("GIL", ObjectKind::Gil)].pid = pid;
    }
    const VariantReport report = analyze(made.done());
    EXPECT_EQ(report.threads.at(0).name, "P1 MainThread");
    EXPECT_EQ(report.threads.at(3).name, "P2 Thread 1");
    EXPECT_EQ(report.locks.at(0).name, "GIL of Process 1");
    EXPECT_EQ(report.locks.at(1).name, "GIL of Process 2");
}

TEST(AnalyzeVariant, SaysWhichInterpreterItWasAndWhyThereIsNoGil)
{
    MadeTimeline made(10 * ms);
    made.timeline.gilNote = "known from the start";
    RunFacts facts;
    facts.interpreter = "CPython 3.11.2, /usr/bin/python3";
    EXPECT_EQ(analyze(made.done(), facts).interpreter, facts.interpreter);
    EXPECT_EQ(analyze(made.timeline, facts).gilNote, "known from the start");
    facts.gilNote = "known at the end";
    EXPECT_EQ(analyze(made.timeline, facts).gilNote, "known at the end");
}

TEST(AnalyzeVariant, GivesAnOpenHoldNoLength)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto lock = made.lock("m");
    made.held(lock, 0, a);
    made.free(lock, 2 * ms);
    made.held(lock, 3 * ms, a);
    const LockReport report = analyze(made.done(false)).locks.at(0);
    EXPECT_EQ(report.holds, 2U);
    EXPECT_EQ(report.holdMillis.count, 1U);
    EXPECT_EQ(report.hold, 9 * ms) << "what is held so far counts as held";
}

TEST(AnalyzeVariant, CountsAWaitThatNeverEndsUntilTheEndOfTheRecording)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto lock = made.lock("m");
    made.held(lock, 0, a);
    made.blocked(a, 0);
    made.running(b, 0);
    made.waits(b, 4 * ms, lock);
    EXPECT_EQ(analyze(made.done()).locks.at(0).wait, 6 * ms);
}

TEST(AnalyzeVariant, CountsWhoHadToWaitAndForHowLong)
{
    LockStory story;
    const LockReport report = analyze(story.made.done()).locks.at(0);
    EXPECT_EQ(report.holds, 4U);
    EXPECT_EQ(report.waits, 3U) << "1 to 6 with a look at the lock in between, 7 to 11, 12 to 15";
    EXPECT_EQ(report.waitsInVain, 0U);
    EXPECT_DOUBLE_EQ(report.contention(), 0.75);
    EXPECT_EQ(report.waitMillis.count, 3U);
    EXPECT_DOUBLE_EQ(report.waitMillis.p50, 4);
    EXPECT_DOUBLE_EQ(report.waitMillis.max, 5);
    EXPECT_EQ(report.longestWait, 5 * ms);
    EXPECT_EQ(report.handoffs(), 3U);
    // 3, 4 and 5 ms: 10^0.47, 10^0.60 and 10^0.69
    EXPECT_EQ(report.waitTimes.first(), 4);
    EXPECT_EQ(report.waitTimes.counts(), (std::vector<std::uint64_t>{1, 0, 2}));
    EXPECT_EQ(report.holdTimes.total(), report.holdMillis.count);
}

TEST(AnalyzeVariant, ThoseWhoNeverGotTheLockHaveWaitedToo)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto lock = made.lock("m");
    made.running(a, 0);
    made.held(lock, 0, a);
    made.waits(b, 4 * ms, lock);
    const VariantReport report = analyze(made.done());
    EXPECT_EQ(report.locks.at(0).waits, 1U);
    EXPECT_EQ(report.locks.at(0).waitsInVain, 1U);
    EXPECT_DOUBLE_EQ(report.locks.at(0).contention(), 0.5) << "one of the two who asked for it";
}

TEST(AnalyzeVariant, AddsUpAllLocksButTheGil)
{
    MadeTimeline made(20 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto gil = made.lock("GIL", ObjectKind::Gil);
    const auto first = made.lock("first");
    const auto second = made.lock("second");
    made.held(gil, 0, a);
    made.held(first, 0, a);
    made.free(first, 5 * ms);
    made.held(first, 6 * ms, b);
    made.free(first, 7 * ms);
    made.held(second, 2 * ms, a);
    made.free(second, 3 * ms);
    made.held(second, 4 * ms, a);
    made.free(second, 5 * ms);
    made.running(a, 0);
    made.waits(b, 1 * ms, first);
    made.running(b, 6 * ms, 1);
    const VariantReport report = analyze(made.done());
    ASSERT_TRUE(report.locking.has_value());
    EXPECT_EQ(report.locking->holds, 4U);
    EXPECT_EQ(report.locking->waits, 1U);
    EXPECT_DOUBLE_EQ(report.locking->contention(), 0.25);
    EXPECT_EQ(report.locking->wait, 5 * ms);
    EXPECT_DOUBLE_EQ(report.locks.at(second).contention(), 0);
    LockStory onlyGil;
    EXPECT_FALSE(analyze(onlyGil.made.done()).locking.has_value());
}

TEST(AnalyzeVariant, CountsFalseAlarmsByLockAndThreadWithinTheWork)
{
    LockStory story;
    const auto other = story.made.lock("Other GIL", ObjectKind::Gil);
    const auto mutex = story.made.lock("m");
    story.made.timeline.workBegin = 2 * ms;
    story.made.timeline.workEnd = 15 * ms;
    story.made.timeline.falseAlarms[story.a] = {{8 * ms, story.lock}};
    story.made.timeline.falseAlarms[story.b] = {
        {1 * ms, story.lock}, {2 * ms, story.lock}, {3 * ms, other}, {14 * ms, story.lock}, {15 * ms, story.lock}};
    const VariantReport report = analyze(story.made.done());
    EXPECT_EQ(report.locks.at(story.lock).falseAlarms, 3U);
    EXPECT_EQ(report.locks.at(other).falseAlarms, 1U);
    EXPECT_FALSE(report.locks.at(mutex).falseAlarms.has_value()) << "no mutex tells of them";
    EXPECT_EQ(report.threads.at(story.a).falseAlarms, 1U);
    EXPECT_EQ(report.threads.at(story.b).falseAlarms, 3U);
}

TEST(AnalyzeVariant, CountsDropRequestsButNotForcedWaits)
{
    LockStory story;
    story.made.timeline.locks[0].moments = {{4 * ms, story.b, EventKind::LockDropRequest},
        {5 * ms, story.a, EventKind::LockForcedWait}, {9 * ms, story.a, EventKind::LockDropRequest}};
    EXPECT_EQ(analyze(story.made.done()).locks.at(0).dropRequests, 2U);
}

TEST(AnalyzeVariant, SaysSoWhenALockHadTwoHoldersAtOnce)
{
    MadeTimeline made(10 * ms);
    made.lock("m");
    made.timeline.locks[0].maxConcurrentHolders = 2;
    EXPECT_THAT(analyze(made.done()).findings, testing::ElementsAre("2 threads held m at the same time."));
}

TEST(AnalyzeVariant, SaysWhichThreadsCouldNotWriteDownWhatTheyDidAndWhy)
{
    MadeTimeline made(10 * ms);
    made.timeline.lost.threadsWithoutMemory = 1;
    made.timeline.lost.threadsWithoutRing = 12;
    EXPECT_THAT(analyze(made.done()).findings,
        testing::ElementsAre(
            testing::AllOf(testing::StartsWith("1 thread has no locks"), testing::HasSubstr("ulimit -v")),
            testing::AllOf(testing::StartsWith("12 threads have no locks"), testing::HasSubstr("began at once"))));
}

TEST(AnalyzeVariant, SetsAsideWhatOtherProgramsAndTheHostTook)
{
    MadeTimeline made(100 * ms);
    const auto a = made.thread("A");
    const auto first = made.core(0);
    const auto second = made.core(1);
    made.running(a, 0);
    made.runs(first, 0, a); // this run keeps core 0 busy all the time
    made.timeline.cores[first].usage = {{0, 100 * ms, 0, 1.0F, 0.0F, 0.0F}};
    made.timeline.cores[second].usage = {{0, 50 * ms, 1, 0.5F, 0.25F, 0.25F}, {50 * ms, 150 * ms, 1, 0.5F, 0, 0.5F}};
    const VariantReport report = analyze(made.done());
    EXPECT_EQ(report.foreignCpu, 50 * ms) << "core 1, half of 100 ms; what lies behind the work does not count";
    EXPECT_DOUBLE_EQ(report.foreignShare, 0.25);
    EXPECT_DOUBLE_EQ(report.stolenShare, 12.5 / 200);
}

TEST(AnalyzeVariant, NamesTheProgramsThatWereMeasuredAlsoThoseThatAreGone)
{
    MadeTimeline made(100 * ms);
    const auto core = made.core(0);
    made.core(1);
    made.timeline.programs = {{500, "cc1plus", OtherProgram::Kind::Program},
        {501, "cc1plus", OtherProgram::Kind::Program}, {1, "timeslice", OtherProgram::Kind::Timeslice},
        {0, "", OtherProgram::Kind::Program}};
    Track& others = made.timeline.cores[core].others;
    Nanos at = 0;
    for (const std::uint32_t program : {0U, 1U, 2U, 3U}) {
        others.append(at, SliceValue(SliceState::Running, Cause::Unknown, program, kOtherPrograms));
        at += 20 * ms;
    }
    others.extendTo(at);
    others.close();
    RunFacts facts;
    facts.disturbance = Disturbance{0.4, 0, {{"ninja", 0.02}}};
    const VariantReport report = analyze(made.done(), facts);
    ASSERT_EQ(report.foreignPrograms.size(), 1U);
    EXPECT_EQ(report.foreignPrograms[0].name, "cc1plus");
    EXPECT_DOUBLE_EQ(report.foreignPrograms[0].share, 0.2) << "40 ms of 100 ms on two cores";
}

TEST(AnalyzeVariant, SplitsEachCoreIntoThisRunOthersTheHostAndIdle)
{
    MadeTimeline made(100 * ms);
    const auto a = made.thread("A");
    const auto core = made.core(3);
    made.runs(core, 0, a);
    made.idles(core, 40 * ms);
    made.timeline.cores[core].usage = {{0, 50 * ms, 3, 1.0F, 0, 0}, {50 * ms, 150 * ms, 3, 0.25F, 0.25F, 0.5F}};
    const VariantReport report = analyze(made.done());
    ASSERT_EQ(report.cores.size(), 1U);
    const CoreReport& split = report.cores[0];
    EXPECT_EQ(split.cpu, 3);
    EXPECT_EQ(split.own, 40 * ms);
    EXPECT_EQ(split.others, 10 * ms + 12'500'000);
    EXPECT_EQ(split.stolen, 12'500'000);
    EXPECT_EQ(split.idle, 25 * ms);
    EXPECT_EQ(split.sampled, 100 * ms);
}

TEST(AnalyzeVariant, NeverCountsForeignTimeBelowZero)
{
    MadeTimeline made(100 * ms);
    const auto a = made.thread("A");
    const auto core = made.core(0);
    made.runs(core, 0, a);
    made.timeline.cores[core].usage = {{0, 100 * ms, 0, 0.9F, 0.0F, 0.1F}}; // the ticks missed some of the run
    EXPECT_EQ(analyze(made.done()).foreignCpu, 0);
}

TEST(AnalyzeVariant, SummarizesMeasuredDelays)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    for (int i = 1; i <= 20; ++i) {
        made.timeline.latencies.push_back({i * kMicrosecond, a, i * ms});
    }
    const auto latency = analyze(made.done()).latencyMillis;
    ASSERT_TRUE(latency.has_value());
    EXPECT_DOUBLE_EQ(latency->p50, 10);
    EXPECT_DOUBLE_EQ(latency->p95, 19);
    EXPECT_DOUBLE_EQ(latency->max, 20);
    EXPECT_EQ(latency->count, 20U);
}

TEST(AnalyzeVariant, CountsTheThreadsOfADeadlock)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    const auto y = made.lock("Y");
    made.held(x, 0, a);
    made.held(y, 0, b);
    made.waits(a, 1 * ms, y);
    made.waits(b, 2 * ms, x);
    EXPECT_EQ(analyze(made.done()).deadlockedThreads, 2U);
}

TEST(Quantiles, AreValuesThatWereMeasured)
{
    EXPECT_DOUBLE_EQ(quantilesOf({3, 1, 2}).p50, 2);
    EXPECT_DOUBLE_EQ(quantilesOf({4, 1, 3, 2}).p50, 2);
    EXPECT_DOUBLE_EQ(quantilesOf({7}).p95, 7);
    EXPECT_EQ(quantilesOf({}).count, 0U);
}

/// Two threads that take turns on a core, each gap 2 us; then A is alone, with the core idle in between, and ends.
struct Turns {
    MadeTimeline made{20 * ms};
    std::uint32_t a = made.thread("A");
    std::uint32_t b = made.thread("B");
    std::uint32_t core = made.core(0);
    Nanos running = 0;
    std::int64_t switchIns = 0;

    Turns()
    {
        for (Nanos t = 0; t < 10 * ms; t += ms) {
            turn((t / ms) % 2 == 0 ? a : b, t, t + ms - 2 * kMicrosecond);
        }
        turn(a, 11 * ms, 12 * ms);
        turn(a, 13 * ms, 14 * ms);
        made.exits(a, 14 * ms);
        made.timeline.threads[a].exited = 14 * ms;
        turn(b, 15 * ms, 16 * ms); // after A's end: no gap of a mere switch
        made.timeline.source = Source::Measured;
    }
    void turn(std::uint32_t thread, Nanos from, Nanos to)
    {
        made.running(thread, from);
        made.runs(core, from, thread);
        made.blocked(thread, to);
        made.idles(core, to);
        running += to - from;
        ++switchIns;
    }
};

TEST(ChargedTime, IsSwitchesTimesTheGapBetweenTwoThreadsAndForTheRestTheEndingOfThem)
{
    Turns turns;
    RunFacts facts;
    facts.cpu = turns.running + 3 * ms;
    facts.cpuOfWholeLife = true;
    const VariantReport report = analyze(turns.made.done(), facts);
    // To a bin of the histogram.
    EXPECT_NEAR(static_cast<double>(report.starting), static_cast<double>(turns.switchIns * 2 * kMicrosecond),
        static_cast<double>(turns.switchIns * 20));
    EXPECT_EQ(turns.running + report.starting + report.ending, report.cpu);
}

TEST(ChargedTime, OfCpuTimeWithinTheWorkKnowsNoEnding)
{
    Turns turns;
    RunFacts facts;
    facts.cpu = turns.running + 3 * ms;
    const VariantReport report = analyze(turns.made.done(), facts);
    EXPECT_GT(report.starting, 0);
    EXPECT_EQ(report.ending, 0);
}

TEST(ChargedTime, IsNotNamedWhereTheDifferenceMayBeSomethingElse)
{
    RunFacts facts;
    facts.cpuOfWholeLife = true;
    Turns lossy;
    facts.cpu = lossy.running + 3 * ms;
    lossy.made.timeline.lost.kernel = 1;
    EXPECT_EQ(analyze(lossy.made.done(), facts).ending, 0);
    Turns guessed;
    guessed.made.timeline.source = Source::Inferred;
    EXPECT_EQ(analyze(guessed.made.done(), facts).ending, 0);
    Turns stolen; // more running than the kernel charged
    facts.cpu = stolen.running - ms;
    EXPECT_EQ(analyze(stolen.made.done(), facts).starting, 0);
}

} // namespace
} // namespace timeslice::analyze_variant_test
