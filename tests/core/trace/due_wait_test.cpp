// What a thread's track shows of a sleep whose end it has told, where the kernel tells nothing of wake-ups.
#include "tests/core/trace/built_timeline.h"

#include "core/trace/due_waits.h"
#include "core/trace/waker.h"

#include <gtest/gtest.h>

namespace timeslice::due_wait_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;

constexpr Nanos kMs = kMillisecond;
constexpr std::uint64_t kSleep = static_cast<std::uint64_t>(WaitKind::Sleep);
constexpr std::uint64_t kPreempted = static_cast<std::uint64_t>(SwitchOutReason::Preempted);
constexpr Tid kMain = 10;

Event in(Nanos time, Tid tid, CpuId cpu = 0)
{
    return at(time, tid, EventKind::SwitchIn, cpu);
}
Event out(Nanos time, Tid tid, CpuId cpu = 0, std::uint64_t why = 0)
{
    return at(time, tid, EventKind::SwitchOut, cpu, 0, why);
}

/// A runs on core 0, and sleeps from 2 ms on until `due`.
std::vector<Event> asleepUntil(Nanos due)
{
    return {in(kMs, kA), at(2 * kMs, kA, EventKind::WaitBegin, kNoCpu, 0, kSleep),
        at(2 * kMs, kA, EventKind::WaitUntil, kNoCpu, 0, static_cast<std::uint64_t>(due)), out(2 * kMs, kA)};
}
/// The same, and B takes the core when A leaves it.
std::vector<Event> asleepBesideAHog(Nanos due)
{
    std::vector<Event> events = asleepUntil(due);
    events.push_back(in(2 * kMs, kB));
    return events;
}

void expectReady(const Built& run, Nanos begin, Nanos end)
{
    const Slice before = run.threadAt(kA, begin - 1);
    EXPECT_EQ(before.value, SliceValue(SliceState::Blocked, Cause::Blocked, kSleep, 3));
    const Slice ready = run.threadAt(kA, begin);
    EXPECT_EQ(ready.value.state(), SliceState::Runnable);
    EXPECT_EQ(ready.value.cause(), Cause::Woken);
    EXPECT_EQ(ready.begin, begin);
    EXPECT_EQ(ready.end, end);
}
void expectAsleepUntil(const Built& run, Nanos end)
{
    const Slice asleep = run.threadAt(kA, end - 1);
    EXPECT_EQ(asleep.value.state(), SliceState::Blocked);
    EXPECT_EQ(asleep.begin, 2 * kMs);
    EXPECT_EQ(asleep.end, end);
}

TEST(DueWait, ASleeperIsReadyFromItsDeadlineUntilItHasACore)
{
    Built run;
    run.add(asleepBesideAHog(10 * kMs));
    run.add({out(13 * kMs, kB, 0, kPreempted), in(13 * kMs, kA)}, 14 * kMs);
    expectReady(run, 10 * kMs, 13 * kMs);
    EXPECT_EQ(Waker::of(run.threadAt(kA, 10 * kMs).value).kind, Waker::Kind::Interrupt) << "a timer";
    EXPECT_EQ(run.threadAt(kA, 13 * kMs).value.state(), SliceState::Running);
    EXPECT_EQ(run.timeline.lateEvents, 0U);
}

TEST(DueWait, WhileARunIsLiveItIsReadyOnceItIsLateAndNotBefore)
{
    Built run;
    run.add(asleepBesideAHog(10 * kMs), 9 * kMs);
    EXPECT_EQ(run.threadAt(kA, 9 * kMs - 1).value.state(), SliceState::Blocked);
    run.add({}, 10 * kMs + DueWaits::kIdleCores - 1);
    expectAsleepUntil(run, 10 * kMs + DueWaits::kIdleCores - 1);
    run.add({}, 10 * kMs + DueWaits::kIdleCores);
    expectReady(run, 10 * kMs, 10 * kMs + DueWaits::kIdleCores);
    run.add({}, 40 * kMs);
    run.builder.finish(50 * kMs);
    expectReady(run, 10 * kMs, 50 * kMs);
}

TEST(DueWait, WithoutADeadlineAThreadIsBlockedUntilItRuns)
{
    Built run;
    run.add({in(kMs, kA), at(2 * kMs, kA, EventKind::WaitBegin, kNoCpu, 0, kSleep), out(2 * kMs, kA), in(2 * kMs, kB)},
        12 * kMs);
    run.add({out(13 * kMs, kB, 0, kPreempted), in(13 * kMs, kA)}, 14 * kMs);
    expectAsleepUntil(run, 13 * kMs);
}

TEST(DueWait, ASleepThatEndsEarlyIsOver)
{
    Built run;
    run.add(asleepUntil(30 * kMs), 4 * kMs);
    run.add({in(5 * kMs, kA), at(5 * kMs, kA, EventKind::WaitEnd, kNoCpu, 0, kSleep), out(6 * kMs, kA)}, 80 * kMs);
    EXPECT_EQ(run.threadAt(kA, 79 * kMs).value, SliceValue(SliceState::Blocked, Cause::Blocked, 0, 3));
    EXPECT_EQ(run.threadAt(kA, 79 * kMs).begin, 6 * kMs);
}

TEST(DueWait, AWaitThatFollowsHasNothingOfTheOneWhoseEndWasLost)
{
    const auto condition = static_cast<std::uint64_t>(WaitKind::Condition);
    Built run;
    run.add(asleepUntil(30 * kMs), 4 * kMs);
    run.add({in(5 * kMs, kA), at(6 * kMs, kA, EventKind::WaitBegin, kNoCpu, 0, condition), out(6 * kMs, kA)}, 80 * kMs);
    EXPECT_EQ(run.threadAt(kA, 79 * kMs).value, SliceValue(SliceState::Blocked, Cause::Blocked, condition, 3));
}

TEST(DueWait, ASleepThatASignalInterruptsGoesOn)
{
    Built run;
    run.add(asleepUntil(10 * kMs));
    run.add({in(5 * kMs, kA), out(6 * kMs, kA), in(6 * kMs, kB)}, 7 * kMs);
    run.add({in(13 * kMs, kA)}, 14 * kMs);
    EXPECT_EQ(run.threadAt(kA, 5 * kMs).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 6 * kMs).value.state(), SliceState::Blocked);
    expectReady(run, 10 * kMs, 13 * kMs);
}

TEST(DueWait, OneThatHasNotGoneToSleepIsNotWoken)
{
    Built run;
    run.add({in(kMs, kA), at(2 * kMs, kA, EventKind::WaitBegin, kNoCpu, 0, kSleep),
        at(2 * kMs, kA, EventKind::WaitUntil, kNoCpu, 0, static_cast<std::uint64_t>(10 * kMs)),
        out(2 * kMs, kA, 0, kPreempted), in(2 * kMs, kB)});
    run.add({}, 20 * kMs);
    EXPECT_EQ(run.threadAt(kA, 19 * kMs).value, SliceValue(SliceState::Runnable, Cause::Preempted, 0, 2));
    EXPECT_EQ(run.threadAt(kA, 19 * kMs).begin, 2 * kMs);

    Built running;
    running.add({in(kMs, kA), at(2 * kMs, kA, EventKind::WaitUntil, kNoCpu, 0, static_cast<std::uint64_t>(10 * kMs))},
        20 * kMs);
    running.add({out(30 * kMs, kA)}, 50 * kMs);
    EXPECT_EQ(running.threadAt(kA, 29 * kMs).begin, kMs) << "the moment passed while it ran";
    EXPECT_EQ(running.threadAt(kA, 49 * kMs).value.state(), SliceState::Blocked) << "for something else";
}

TEST(DueWait, AMomentThatHasPassedWhenItIsToldIsNoWait)
{
    Built run;
    run.add(asleepUntil(2 * kMs), 40 * kMs);
    expectAsleepUntil(run, 40 * kMs);
}

TEST(DueWait, WhatATimerTakesIsNoWaitForACore)
{
    const Nanos comes = 10 * kMs + DueWaits::kTimersOwn - 1;
    Built run;
    run.add(asleepBesideAHog(10 * kMs));
    run.add({out(comes, kB, 0, kPreempted), in(comes, kA)}, 20 * kMs);
    expectAsleepUntil(run, comes);
}

TEST(DueWait, WhatAnIdleCoreTakesToWakeIsNoWaitForIt)
{
    const Nanos comes = 10 * kMs + DueWaits::kIdleCores - 1;
    Built idle;
    idle.add(asleepUntil(10 * kMs));
    idle.add({in(2 * kMs, kB, 1)});
    idle.add({in(comes, kA)}, 20 * kMs);
    expectAsleepUntil(idle, comes);

    Built busy;
    busy.add(asleepBesideAHog(10 * kMs));
    busy.add({out(comes, kB, 0, kPreempted), in(comes, kA)}, 20 * kMs);
    expectReady(busy, 10 * kMs, comes);

    Built late; // what had the core is not in the recording
    late.add(asleepUntil(10 * kMs));
    late.add({in(comes + 1, kA)}, 20 * kMs);
    expectReady(late, 10 * kMs, comes + 1);
}

TEST(DueWait, WhereTheKernelTellsOfWakeUpsItsWordCounts)
{
    Built run;
    Batch batch;
    batch.events = asleepBesideAHog(10 * kMs);
    batch.events.push_back(at(11 * kMs, kA, EventKind::Wakeup, 0, 0, WokenBy{WokenBy::Kind::Thread, kB}.bits()));
    batch.drainedAt = 12 * kMs;
    batch.wakeups = true;
    run.builder.append(batch);
    batch.events = {out(13 * kMs, kB, 0, kPreempted), in(13 * kMs, kA)};
    batch.drainedAt = 14 * kMs;
    run.builder.append(batch);
    expectReady(run, 11 * kMs, 13 * kMs);
    EXPECT_EQ(Waker::of(run.threadAt(kA, 12 * kMs).value), (Waker{Waker::Kind::Thread, *run.timeline.threadIndex(kB)}));
}

TEST(DueWait, AWakeUpThatIsStillToComeIsNotGuessedWhereTheKernelTells)
{
    Built run;
    Batch batch;
    batch.events = asleepBesideAHog(10 * kMs);
    batch.drainedAt = 15 * kMs;
    batch.wakeups = true;
    run.builder.append(batch);
    EXPECT_EQ(run.threadAt(kA, 14 * kMs).value.state(), SliceState::Blocked);
    run.add({at(12 * kMs, kA, EventKind::Wakeup)}, 16 * kMs);
    expectReady(run, 12 * kMs, 16 * kMs);
}

TEST(DueWait, OnceTheKernelTellsNoMoreDeadlinesCountAgain)
{
    Built run;
    Batch batch;
    batch.events = asleepBesideAHog(10 * kMs);
    batch.drainedAt = 5 * kMs;
    batch.wakeups = true;
    run.builder.append(batch);
    run.add({}, 20 * kMs);
    expectReady(run, 10 * kMs, 20 * kMs);
}

TEST(DueWait, AThreadThatIsKilledWhileItWaitsForACoreWaitedForItUntilThen)
{
    Built run;
    run.add(asleepBesideAHog(10 * kMs));
    run.add({at(15 * kMs, kA, EventKind::ThreadExit)}, 16 * kMs);
    expectReady(run, 10 * kMs, 15 * kMs);
    EXPECT_TRUE(run.thread(kA).track.closed());

    Built asleep;
    asleep.add(asleepBesideAHog(10 * kMs));
    asleep.add({at(5 * kMs, kA, EventKind::ThreadExit)}, 30 * kMs);
    expectAsleepUntil(asleep, 5 * kMs);
}

TEST(DueWait, AnEndOfTheSleepThatIsToldTooLateTakesTheReadinessBack)
{
    Built run;
    run.add(asleepBesideAHog(10 * kMs), 20 * kMs);
    expectReady(run, 10 * kMs, 20 * kMs);
    run.add({in(4 * kMs, kA, 1), at(4 * kMs, kA, EventKind::WaitEnd, kNoCpu, 0, kSleep)}, 21 * kMs);
    EXPECT_EQ(run.threadAt(kA, 20 * kMs).begin, 4 * kMs);
    EXPECT_EQ(run.threadAt(kA, 20 * kMs).value.state(), SliceState::Running);
}

TEST(DueWait, WhoWaitsForALockIsNotMadeReadyByAMoment)
{
    Built run;
    run.add({in(kMs, kA), at(2 * kMs, kA, EventKind::WaitUntil, kNoCpu, 0, static_cast<std::uint64_t>(10 * kMs)),
                at(3 * kMs, kA, EventKind::LockRequest, kNoCpu, testing::kLock), out(3 * kMs, kA)},
        30 * kMs);
    EXPECT_EQ(run.threadAt(kA, 29 * kMs).value.state(), SliceState::WaitingForLock);
}

/// Main opens a gate at 10 ms at which A stands, and B, which has core 0 first.
std::vector<Event> gate(std::uint64_t start)
{
    return {in(kMs, kA), in(kMs, kB, 1), out(2 * kMs, kA), out(2 * kMs, kB, 1), in(3 * kMs, kMain, 1),
        at(10 * kMs, kMain, EventKind::WorkBegin, kNoCpu, 0, start), in(10 * kMs, kB), out(14 * kMs, kB),
        in(14 * kMs, kA)};
}

TEST(DueWait, WhoStandsAtTheStartGateIsReadyFromTheMomentThatItOpens)
{
    Built run(BuilderOptions{{0, 1}, 10, true});
    run.add(gate(static_cast<std::uint64_t>(WorkStart::Gate)), 20 * kMs);
    const Slice ready = run.threadAt(kA, 12 * kMs);
    EXPECT_EQ(ready.value.state(), SliceState::Runnable);
    EXPECT_EQ(ready.begin, *run.timeline.workBegin);
    EXPECT_EQ(ready.end, 14 * kMs);
    EXPECT_EQ(Waker::of(ready.value), (Waker{Waker::Kind::Thread, *run.timeline.threadIndex(kMain)}));
    EXPECT_EQ(run.threadAt(kA, 10 * kMs - 1).value.state(), SliceState::Blocked);
    EXPECT_EQ(run.threadAt(kB, 10 * kMs - 1).end, 10 * kMs) << "it came at once";
}

TEST(DueWait, WhoComesLaterThanTheGateOpensIsReadyWhenItsDelayIsOver)
{
    Built run(BuilderOptions{{0, 1}, 10, true});
    std::vector<Event> events = gate(static_cast<std::uint64_t>(WorkStart::Gate));
    events.insert(events.begin() + 1, at(kMs, kA, EventKind::StartDelay, kNoCpu, 0, 3 * kMs));
    run.add(std::move(events), 20 * kMs);
    const Slice ready = run.threadAt(kA, 13 * kMs);
    EXPECT_EQ(ready.value.state(), SliceState::Runnable);
    EXPECT_EQ(ready.begin, *run.timeline.workBegin + 3 * kMs);
    EXPECT_EQ(ready.end, 14 * kMs);
    EXPECT_EQ(Waker::of(ready.value).kind, Waker::Kind::Interrupt);
    EXPECT_EQ(run.threadAt(kA, 13 * kMs - 1).value.state(), SliceState::Blocked);
}

TEST(DueWait, ABeginOfTheWorkThatOpensNoGateMakesNobodyReady)
{
    Built run(BuilderOptions{{0, 1}, 10, true});
    run.add(gate(static_cast<std::uint64_t>(WorkStart::Unsaid)), 20 * kMs);
    EXPECT_EQ(run.threadAt(kA, 12 * kMs).value.state(), SliceState::Blocked);
}

TEST(DueWait, WhoOnlyCoordinatesDoesNotStandAtTheGate)
{
    Built run(BuilderOptions{{0, 1}, 10, true});
    Batch batch;
    batch.names = {{kA, 10, "dispatcher", true, 0}};
    batch.events = gate(static_cast<std::uint64_t>(WorkStart::Gate));
    batch.drainedAt = 20 * kMs;
    run.builder.append(batch);
    EXPECT_EQ(run.threadAt(kA, 12 * kMs).value.state(), SliceState::Blocked);
}

} // namespace
} // namespace timeslice::due_wait_test
