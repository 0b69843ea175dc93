// What a thread's track shows of its wake-ups, whatever order they come in.
#include "tests/core/trace/built_timeline.h"

#include "core/trace/labels.h"
#include "core/trace/wake_ups.h"
#include "core/trace/waker.h"

#include <gtest/gtest.h>

namespace timeslice::wakeup_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;

constexpr Tid kStranger = 99;

Event wakeup(Nanos time, Tid tid, WokenBy by = {})
{
    return at(time, tid, EventKind::Wakeup, 0, 0, by.bits());
}
WokenBy byThread(Tid tid)
{
    return {WokenBy::Kind::Thread, tid};
}
constexpr WokenBy kByTimer{WokenBy::Kind::Interrupt, 0};

/// A runs, and then blocks at 30; B runs on the other core.
std::vector<Event> sleeping()
{
    return {
        at(10, kA, EventKind::SwitchIn, 0), at(10, kB, EventKind::SwitchIn, 1), at(30, kA, EventKind::SwitchOut, 0)};
}

TEST(Wakeup, TheTimeUntilTheThreadRunsIsWaitingForACore)
{
    Built run;
    run.add(sleeping());
    run.add({wakeup(50, kA, byThread(kB)), at(70, kA, EventKind::SwitchIn, 0)}, 90);
    EXPECT_EQ(run.threadAt(kA, 40).value.state(), SliceState::Blocked);
    const Slice ready = run.threadAt(kA, 60);
    EXPECT_EQ(ready.value.state(), SliceState::Runnable);
    EXPECT_EQ(ready.value.cause(), Cause::Woken);
    EXPECT_EQ(ready.begin, 50);
    EXPECT_EQ(ready.end, 70);
    EXPECT_EQ(Waker::of(ready.value), (Waker{Waker::Kind::Thread, *run.timeline.threadIndex(kB)}));
    EXPECT_EQ(Waker::of(run.threadAt(kA, 80).value), Waker{}) << "who woke it is of the waiting alone";
}

TEST(Wakeup, AThreadThatNeverRunsAgainWaitsForACoreUntilTheEnd)
{
    Built run;
    run.add(sleeping());
    run.add({wakeup(50, kA, kByTimer)}, 200);
    run.builder.finish(300);
    const Slice ready = run.threadAt(kA, 299);
    EXPECT_EQ(ready.value.state(), SliceState::Runnable);
    EXPECT_EQ(ready.begin, 50);
    EXPECT_EQ(ready.end, 300);
    EXPECT_EQ(Waker::of(ready.value).kind, Waker::Kind::Interrupt);
}

TEST(Wakeup, OfAThreadThatRunsChangesNothing)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::SwitchIn, 0), wakeup(20, kA, byThread(kB)), at(30, kA, EventKind::SwitchOut, 0)}, 40);
    EXPECT_EQ(run.threadAt(kA, 25).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 35).value.state(), SliceState::Blocked) << "it was on its way to another sleep";
}

TEST(Wakeup, OfAThreadThatIsReadyAlreadyTellsNobodyNew)
{
    Built run;
    run.add(sleeping());
    run.add({wakeup(50, kA, kByTimer), wakeup(55, kA, byThread(kB))}, 60);
    const Slice ready = run.threadAt(kA, 57);
    EXPECT_EQ(ready.begin, 50);
    EXPECT_EQ(Waker::of(ready.value).kind, Waker::Kind::Interrupt);

    Built preempted;
    preempted.add(
        {at(10, kA, EventKind::SwitchIn, 0), at(30, kA, EventKind::SwitchOut, 0, 0, 1), wakeup(40, kA, byThread(kB))},
        50);
    EXPECT_EQ(preempted.threadAt(kA, 45).value, SliceValue(SliceState::Runnable, Cause::Preempted, 0, 2));
    EXPECT_EQ(preempted.threadAt(kA, 45).begin, 30);
}

TEST(Wakeup, WhichWasLostLeavesTheThreadBlockedUntilItRuns)
{
    Built run;
    run.add(sleeping());
    run.add({at(70, kA, EventKind::SwitchIn, 0)}, 90);
    EXPECT_EQ(run.threadAt(kA, 69).value.state(), SliceState::Blocked);
}

TEST(Wakeup, ThatComesLateIsPutInItsPlace)
{
    Built run;
    run.add(sleeping());
    run.add({at(70, kA, EventKind::SwitchIn, 0), at(80, kA, EventKind::SwitchOut, 0)}, 90);
    run.add({wakeup(50, kA, byThread(kB))}, 100);
    EXPECT_EQ(run.timeline.lateEvents, 0U);
    EXPECT_EQ(run.threadAt(kA, 49).value.state(), SliceState::Blocked);
    EXPECT_EQ(run.threadAt(kA, 50).value.state(), SliceState::Runnable);
    EXPECT_EQ(run.threadAt(kA, 70).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 85).value.state(), SliceState::Blocked) << "the wake-up was of the time before";
}

TEST(Wakeup, ByWhoeverIsNoThreadOfTheRunComesFromOutside)
{
    Built run;
    run.add(sleeping());
    run.add({wakeup(50, kA, byThread(kStranger))}, 60);
    EXPECT_EQ(Waker::of(run.threadAt(kA, 55).value).kind, Waker::Kind::Outsider);
    EXPECT_FALSE(run.timeline.threadIndex(kStranger)) << "and has no row";
}

TEST(Wakeup, ByAThreadThatEndsIsItsOwnThoughItsEndIsRecordedBefore)
{
    Built run;
    run.add(sleeping());
    run.add({at(40, kB, EventKind::ThreadExit, 1), wakeup(50, kA, byThread(kB))}, 60);
    EXPECT_EQ(Waker::of(run.threadAt(kA, 55).value), (Waker{Waker::Kind::Thread, *run.timeline.threadIndex(kB)}));
}

TEST(Wakeup, ByANumberThatIsSomebodyElsesByThenComesFromOutside)
{
    Built run;
    run.add(sleeping());
    const Nanos later = 2 * kSecond;
    run.add({at(40, kB, EventKind::ThreadExit, 1), wakeup(later, kA, byThread(kB))}, later + 10);
    EXPECT_EQ(Waker::of(run.threadAt(kA, later + 5).value).kind, Waker::Kind::Outsider);
}

TEST(Wakeup, OfAWaiterForALockEndsWhatIsDrawnAsWaitingForIt)
{
    Built run;
    run.add({at(5, kB, EventKind::SwitchIn, 1), at(6, kB, EventKind::LockAcquire, kNoCpu, testing::kLock),
                at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, testing::kLock),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kB, EventKind::LockRelease, kNoCpu, testing::kLock),
                wakeup(41, kA, byThread(kB)), at(50, kA, EventKind::SwitchIn, 0)},
        60);
    EXPECT_EQ(run.threadAt(kA, 40).value.state(), SliceState::WaitingForLock);
    EXPECT_EQ(run.threadAt(kA, 45).value.state(), SliceState::Runnable);
}

TEST(Wakeup, TheTimelineKnowsHowFarTheyAreRecorded)
{
    Built run;
    run.add(sleeping(), 40);
    EXPECT_FALSE(run.timeline.wakeupsUntil);
    Batch batch;
    batch.wakeups = true;
    batch.drainedAt = 70;
    run.builder.append(batch);
    batch.wakeups = false;
    batch.drainedAt = 90;
    run.builder.append(batch);
    EXPECT_EQ(run.timeline.wakeupsUntil, 70);
}

class WakeUps : public ::testing::Test {
protected:
    WakeUps()
    {
        Batch batch;
        batch.events = sleeping();
        for (Nanos t = 100; t < 600; t += 100) { // A sleeps, and B wakes it
            batch.events.push_back(wakeup(t, kA, byThread(kB)));
            batch.events.push_back(at(t + 10, kA, EventKind::SwitchIn, 0));
            batch.events.push_back(at(t + 50, kA, EventKind::SwitchOut, 0));
        }
        batch.wakeups = true;
        batch.drainedAt = 700;
        run.builder.append(batch);
    }
    Built run;
};

TEST_F(WakeUps, AreThoseThatHappenWithinTheRange)
{
    const auto found = wakeUpsIn(run.timeline, {200, 400}, 10);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].time, 200);
    EXPECT_EQ(found[1].time, 300);
    EXPECT_EQ(found[0].from, *run.timeline.threadIndex(kB));
    EXPECT_EQ(found[0].to, *run.timeline.threadIndex(kA));
    EXPECT_TRUE(wakeUpsIn(run.timeline, {205, 290}, 10).empty()) << "while it waits for its core nobody wakes it";
}

TEST_F(WakeUps, AreNotToldWhereThereAreTooMany)
{
    EXPECT_EQ(wakeUpsIn(run.timeline, {0, 700}, 5).size(), 5U);
    EXPECT_TRUE(wakeUpsIn(run.timeline, {0, 700}, 4).empty());
}

TEST_F(WakeUps, OfAuxiliaryThreadsAreNoneOfTheWork)
{
    run.timeline.threads[*run.timeline.threadIndex(kB)].auxiliary = true;
    EXPECT_TRUE(wakeUpsIn(run.timeline, {0, 700}, 10).empty());
}

TEST_F(WakeUps, BelongToTheWaitingForACoreAndToTheRunThatFollows)
{
    const Track& track = run.thread(kA).track;
    const auto waiting = wokenBefore(track, track.indexAt(305));
    const auto running = wokenBefore(track, track.indexAt(330));
    ASSERT_TRUE(waiting && running);
    EXPECT_EQ(waiting->begin, 300);
    EXPECT_EQ(running->begin, 300);
    EXPECT_FALSE(wokenBefore(track, track.indexAt(370))) << "asleep again";
    EXPECT_FALSE(wokenBefore(track, track.indexAt(15))) << "it ran from the beginning";
    EXPECT_FALSE(wokenBefore(track, track.size()));
}

TEST(Waker, GoesThroughASliceAndBack)
{
    using Kind = Waker::Kind;
    for (const Waker waker : {Waker{}, Waker{Kind::Interrupt, 0}, Waker{Kind::Outsider, 0}, Waker{Kind::Thread, 0},
             Waker{Kind::Thread, 123'456}}) {
        EXPECT_EQ(Waker::of(SliceValue(SliceState::Runnable, Cause::Woken, waker.subject(), 2)), waker);
    }
    const Waker tooMany{Kind::Thread, SliceValue::kMaxSubject};
    EXPECT_EQ(Waker::of(SliceValue(SliceState::Runnable, Cause::Woken, tooMany.subject(), 2)), Waker{});
    EXPECT_EQ(Waker::of(SliceValue(SliceState::Running, Cause::SwitchedIn, 5, 1)), Waker{});
}

TEST(Waker, IsCalledAsItsRowIs)
{
    Built run;
    Batch names;
    names.names = {{kB, 10, "Producer", false}};
    run.builder.append(names);
    run.add(sleeping());
    run.add({wakeup(50, kA, byThread(kB))}, 60);
    const RowLabels labels(run.timeline);
    EXPECT_EQ(labels.subject(TrackKind::Thread, run.threadAt(kA, 55).value), "Producer");
    EXPECT_EQ(labels.wakerText({Waker::Kind::Interrupt, 0}), "an interrupt");
    EXPECT_EQ(labels.wakerText({Waker::Kind::Outsider, 0}), "not this run");
    EXPECT_EQ(labels.wakerText({}), "");
}

TEST(WokenBy, OfBitsThatNobodyWroteIsNobody)
{
    EXPECT_EQ(WokenBy::fromBits(byThread(kB).bits()).tid, kB);
    EXPECT_EQ(WokenBy::fromBits(kByTimer.bits()).kind, WokenBy::Kind::Interrupt);
    EXPECT_EQ(WokenBy::fromBits(0).kind, WokenBy::Kind::Unknown);
    EXPECT_EQ(WokenBy::fromBits(std::uint64_t{1} << 32).kind, WokenBy::Kind::Unknown) << "a thread without a number";
    EXPECT_EQ(WokenBy::fromBits(~std::uint64_t{0}).kind, WokenBy::Kind::Unknown);
}

} // namespace
} // namespace timeslice::wakeup_test
