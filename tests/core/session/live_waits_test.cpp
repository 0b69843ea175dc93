#include "core/session/live_waits.h"

#include <gtest/gtest.h>

namespace timeslice::live_waits_test {
namespace {

constexpr Tid kLeft = 101;
constexpr Tid kRight = 102;
constexpr Tid kThird = 103;
constexpr ObjectId kA = 1;
constexpr ObjectId kB = 2;
constexpr ObjectId kC = 3;
constexpr Nanos kQuiet = 300;

Event lockEvent(Nanos time, Tid tid, EventKind kind, ObjectId lock)
{
    Event event;
    event.time = time;
    event.tid = tid;
    event.kind = kind;
    event.object = lock;
    return event;
}

Event take(Nanos time, Tid tid, ObjectId lock)
{
    return lockEvent(time, tid, EventKind::LockAcquire, lock);
}
Event ask(Nanos time, Tid tid, ObjectId lock)
{
    return lockEvent(time, tid, EventKind::LockRequest, lock);
}
Event letGo(Nanos time, Tid tid, ObjectId lock)
{
    return lockEvent(time, tid, EventKind::LockRelease, lock);
}

Batch batchOf(std::vector<Event> events)
{
    Batch batch;
    batch.events = std::move(events);
    return batch;
}

LiveWaits namedWaits()
{
    Batch names;
    names.objects = {{kA, ObjectKind::Mutex, 0, "A"}, {kB, ObjectKind::Mutex, 0, "B"}, {kC, ObjectKind::Mutex, 0, "C"}};
    names.names = {{kLeft, 1, "Left", false}, {kRight, 1, "Right", false}, {kThird, 1, "Third", false}};
    LiveWaits waits;
    waits.apply(names);
    return waits;
}

std::vector<Event> crossed()
{
    return {take(10, kLeft, kA), take(11, kRight, kB), ask(20, kLeft, kB), ask(30, kRight, kA)};
}

TEST(LiveWaits, ForgetAHoldThatAnotherThreadEnded)
{
    LiveWaits waits = namedWaits();
    std::vector<Event> events = crossed();
    events.insert(events.begin() + 2, letGo(15, kThird, kA));
    waits.apply(batchOf(events));
    EXPECT_FALSE(waits.deadlock(30 + kQuiet, kQuiet).has_value()) << "Left does not hold A any more";
}

TEST(LiveWaits, TwoThreadsThatWaitForEachOtherAreNamedInOrder)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(crossed()));
    EXPECT_EQ(waits.deadlock(1000, kQuiet), "Left holds A and waits for B; Right holds B and waits for A");
}

TEST(LiveWaits, ACircleIsCalledADeadlockOnlyWhenAllInItHaveBeenQuiet)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(crossed()));
    EXPECT_EQ(waits.deadlock(30 + kQuiet - 1, kQuiet), std::nullopt);
    EXPECT_NE(waits.deadlock(30 + kQuiet, kQuiet), std::nullopt);
}

TEST(LiveWaits, TheOrderInWhichThreadsEventsArriveDoesNotMatter)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf({take(11, kRight, kB), ask(30, kRight, kA)}));
    waits.apply(batchOf({take(10, kLeft, kA), ask(20, kLeft, kB)}));
    EXPECT_NE(waits.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, AWaitForALockThatWasLetGoIsNoCircle)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(
        {take(10, kLeft, kA), take(11, kRight, kB), letGo(15, kRight, kB), ask(20, kLeft, kB), ask(30, kRight, kA)}));
    EXPECT_EQ(waits.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, AThreadThatGotItsLockOrGaveUpWaitsNoMore)
{
    LiveWaits got = namedWaits();
    got.apply(batchOf(crossed()));
    got.apply(batchOf({letGo(40, kLeft, kA), take(41, kRight, kA)}));
    EXPECT_EQ(got.deadlock(1000, kQuiet), std::nullopt);
    LiveWaits gaveUp = namedWaits();
    gaveUp.apply(batchOf(crossed()));
    gaveUp.apply(batchOf({lockEvent(40, kLeft, EventKind::LockAbandon, kB)}));
    EXPECT_EQ(gaveUp.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, ACircleOfThreeIsFoundFromAnyOfItsThreads)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf({take(1, kThird, kC), take(2, kRight, kB), take(3, kLeft, kA), ask(4, kThird, kA),
        ask(5, kRight, kC), ask(6, kLeft, kB)}));
    EXPECT_EQ(waits.deadlock(1000, kQuiet),
        "Left holds A and waits for B; Right holds B and waits for C; Third holds C and waits for A");
}

TEST(LiveWaits, AThreadThatMerelyWaitsForSomeoneInACircleIsNotPartOfIt)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(crossed()));
    waits.apply(batchOf({ask(40, kThird, kA)}));
    EXPECT_EQ(waits.deadlock(1000, kQuiet), "Left holds A and waits for B; Right holds B and waits for A");
}

TEST(LiveWaits, AThreadThatLocksAMutexAgainWaitsForItself)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf({take(10, kLeft, kA), ask(20, kLeft, kA)}));
    EXPECT_EQ(waits.deadlock(1000, kQuiet), "Left holds A and waits for A");
}

TEST(LiveWaits, AThreadThatEndedHoldsNothingAnyMore)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(crossed()));
    waits.apply(batchOf({lockEvent(50, kRight, EventKind::ThreadExit, 0)}));
    EXPECT_EQ(waits.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, WhereEventsWereLostNothingIsClaimed)
{
    LiveWaits waits = namedWaits();
    Batch batch = batchOf(crossed());
    batch.lost.channel = 1;
    waits.apply(batch);
    EXPECT_EQ(waits.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, TheSchedulersRecordsDoNotCountAsProgress)
{
    LiveWaits waits = namedWaits();
    waits.apply(batchOf(crossed()));
    waits.apply(
        batchOf({lockEvent(900, kLeft, EventKind::SwitchIn, 0), lockEvent(901, kLeft, EventKind::SwitchOut, 0)}));
    EXPECT_NE(waits.deadlock(1000, kQuiet), std::nullopt);
}

TEST(LiveWaits, SeeACycleOfPythonLocksThoughEachThreadTookTheGilAfterItAsked)
{
    constexpr ObjectId kGil = 9;
    LiveWaits waits = namedWaits();
    Batch gil;
    gil.objects = {{kGil, ObjectKind::Gil, 1, "GIL"}};
    waits.apply(gil);
    waits.apply(batchOf(
        {take(1, kLeft, kGil), take(2, kLeft, kA), letGo(3, kLeft, kGil), take(4, kRight, kGil), take(5, kRight, kB),
            ask(6, kRight, kA), letGo(7, kRight, kGil), ask(7, kLeft, kGil), take(8, kLeft, kGil), ask(9, kLeft, kB),
            // Left's switch interval runs out between asking for B and standing still for it.
            letGo(10, kLeft, kGil), ask(11, kLeft, kGil)}));
    EXPECT_FALSE(waits.deadlock(10'000, kQuiet).has_value()) << "Left waits for a GIL that nobody holds";
    waits.apply(batchOf({take(12, kLeft, kGil), letGo(13, kLeft, kGil)}));
    EXPECT_EQ(waits.deadlock(10'000, kQuiet), "Left holds A and waits for B; Right holds B and waits for A");
}

TEST(LiveWaits, DoNotTakeWaitingForTheGilWithALockInHandForADeadlock)
{
    constexpr ObjectId kGil = 9;
    LiveWaits waits = namedWaits();
    Batch gil;
    gil.objects = {{kGil, ObjectKind::Gil, 1, "GIL"}};
    waits.apply(gil);
    // Left holds A and waits for the GIL, which Third holds in long C code; Right waits for it too.
    waits.apply(batchOf({take(1, kLeft, kGil), take(2, kLeft, kA), letGo(3, kLeft, kGil), take(4, kThird, kGil),
        ask(5, kLeft, kGil), ask(5, kRight, kGil)}));
    EXPECT_FALSE(waits.deadlock(10'000, kQuiet).has_value()) << "Third holds the GIL and runs";
}

} // namespace
} // namespace timeslice::live_waits_test
