#include "core/trace/false_alarms.h"
#include "tests/core/trace/built_timeline.h"

#include <gtest/gtest.h>

namespace timeslice::thread_track_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;
using testing::kLock;

TEST(ThreadTrack, TellsRunningPreemptedAndBlockedApart)
{
    Built run;
    run.add({at(10, kA, EventKind::ThreadBorn), at(20, kA, EventKind::SwitchIn, 1),
        at(30, kA, EventKind::SwitchOut, 1, 0, 1), at(40, kA, EventKind::SwitchIn, 0),
        at(50, kA, EventKind::SwitchOut, 0, 0, 0), at(55, kA, EventKind::Wakeup), at(60, kA, EventKind::SwitchIn, 0),
        at(70, kA, EventKind::ThreadExit, 0)});
    EXPECT_EQ(run.threadAt(kA, 10).value, SliceValue(SliceState::Runnable, Cause::Born, 0, 2));
    EXPECT_EQ(run.threadAt(kA, 20).value, SliceValue(SliceState::Running, Cause::SwitchedIn, 1, 1));
    EXPECT_EQ(run.threadAt(kA, 30).value, SliceValue(SliceState::Runnable, Cause::Preempted, 0, 2));
    EXPECT_EQ(run.threadAt(kA, 40).value, SliceValue(SliceState::Running, Cause::SwitchedIn, 0, 1));
    EXPECT_EQ(run.threadAt(kA, 50).value, SliceValue(SliceState::Blocked, Cause::Blocked, 0, 3));
    EXPECT_EQ(run.threadAt(kA, 55).value, SliceValue(SliceState::Runnable, Cause::Woken, 0, 2));
    const Track& track = run.thread(kA).track;
    EXPECT_TRUE(track.closed());
    EXPECT_EQ(track.end(), 70);
    EXPECT_EQ(track.value(track.size() - 1).cause(), Cause::Exited);
    EXPECT_EQ(run.thread(kA).born, 10);
    EXPECT_EQ(run.thread(kA).exited, 70);
}

TEST(ThreadTrack, ShowsWaitingForALockOnlyWhileOffItsCore)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, kLock),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kA, EventKind::SwitchIn, 0),
                at(50, kA, EventKind::SwitchOut, 0, 0, 1), at(60, kA, EventKind::SwitchIn, 0),
                at(70, kA, EventKind::LockAcquire, kNoCpu, kLock), at(80, kA, EventKind::SwitchOut, 0)},
        90);
    EXPECT_EQ(run.threadAt(kA, 20).value.state(), SliceState::Running) << "it has not left its core yet";
    EXPECT_EQ(run.threadAt(kA, 30).value, SliceValue(SliceState::WaitingForLock, Cause::Requested, 0, 4));
    EXPECT_EQ(run.threadAt(kA, 40).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 50).value.state(), SliceState::Runnable) << "preempted while it tried again";
    EXPECT_EQ(run.threadAt(kA, 80).value.state(), SliceState::Blocked) << "the wait ended with the acquisition";
}

TEST(ThreadTrack, WaitsOnAfterAFalseAlarmThatIsKeptInItsPlace)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, kLock),
        at(30, kA, EventKind::SwitchOut, 0), at(40, kA, EventKind::SwitchIn, 0),
        at(45, kA, EventKind::LockFalseAlarm, kNoCpu, kLock), at(50, kA, EventKind::SwitchOut, 0)});
    run.add(
        {at(60, kB, EventKind::LockFalseAlarm, kNoCpu, kLock), at(42, kA, EventKind::LockFalseAlarm, kNoCpu, kLock)},
        70); // which comes late
    EXPECT_EQ(run.threadAt(kA, 40).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 50).value, SliceValue(SliceState::WaitingForLock, Cause::Requested, 0, 4));
    const std::uint32_t a = run.timeline.threadIndex(kA).value();
    const std::deque<FalseAlarm>& alarms = falseAlarmsOf(run.timeline, a);
    ASSERT_EQ(alarms.size(), 2U);
    EXPECT_EQ(alarms[0].time, 42);
    EXPECT_EQ(alarms[1].time, 45);
    EXPECT_EQ(alarms[1].lock, run.timeline.lockIndex(kLock).value());
    EXPECT_EQ(falseAlarmsWithin(run.timeline, a, {42, 45}), 1U) << "half open";
    EXPECT_EQ(falseAlarmsWithin(run.timeline, a, {0, 100}), 2U);
    EXPECT_EQ(falseAlarmsWithin(run.timeline, 7, {0, 100}), 0U) << "there is no such thread";
    EXPECT_EQ(run.timeline.lateEvents, 0U);
}

TEST(ThreadTrack, OneThatADispatcherHoldsAtItsGateWaitsForACore)
{
    Built run;
    const auto gate = static_cast<std::uint64_t>(WaitKind::Gate);
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::WaitBegin, kNoCpu, 0, gate),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kA, EventKind::SwitchIn, 0),
                at(50, kA, EventKind::WaitEnd, kNoCpu, 0, gate), at(60, kA, EventKind::SwitchOut, 0)},
        70);
    EXPECT_EQ(run.threadAt(kA, 20).value.state(), SliceState::Running) << "it has not left its core yet";
    EXPECT_EQ(run.threadAt(kA, 30).value, SliceValue(SliceState::Runnable, Cause::Blocked, 0, 2));
    EXPECT_EQ(run.threadAt(kA, 60).value.state(), SliceState::Blocked);
}

TEST(ThreadTrack, SaysWhatABlockedThreadWaitsFor)
{
    Built run;
    const auto io = static_cast<std::uint64_t>(WaitKind::FileIo);
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::WaitBegin, kNoCpu, 0, io),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kA, EventKind::SwitchIn, 0), at(50, kA, EventKind::WaitEnd),
                at(60, kA, EventKind::SwitchOut, 0)},
        70);
    EXPECT_EQ(run.threadAt(kA, 30).value, SliceValue(SliceState::Blocked, Cause::Blocked, io, 3));
    EXPECT_EQ(run.threadAt(kA, 60).value.subject(), 0U);
}

TEST(ThreadTrack, DoesNotGuessAWakeUpFromTheReleaseOfALock)
{
    Built run;
    run.add({at(5, kB, EventKind::SwitchIn, 1), at(6, kB, EventKind::LockAcquire, kNoCpu, kLock),
                at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, kLock),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kB, EventKind::LockRelease, kNoCpu, kLock)},
        50);
    EXPECT_EQ(run.threadAt(kA, 45).value.state(), SliceState::WaitingForLock);
}

TEST(ThreadTrack, WaitsForTheLockThatItWasForcedToGiveUpUntilItRunsAgain)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockForcedWait, kNoCpu, kLock),
                at(30, kA, EventKind::SwitchOut, 0), at(40, kA, EventKind::SwitchIn, 0),
                at(50, kA, EventKind::SwitchOut, 0)},
        60);
    EXPECT_EQ(run.threadAt(kA, 35).value.state(), SliceState::WaitingForLock);
    EXPECT_EQ(run.threadAt(kA, 55).value.state(), SliceState::Blocked);
    ASSERT_EQ(run.timeline.locks[0].moments.size(), 1U);
    EXPECT_EQ(run.timeline.locks[0].moments[0].kind, EventKind::LockForcedWait);
}

TEST(ThreadTrack, WaitsForTheGilItWasForcedToGiveUpThoughItWasPreemptedFirst)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockForcedWait, kNoCpu, kLock),
                at(30, kA, EventKind::SwitchOut, 0, 0, 1), at(40, kA, EventKind::SwitchIn, 0),
                at(50, kA, EventKind::SwitchOut, 0)},
        60);
    EXPECT_EQ(run.threadAt(kA, 35).value.state(), SliceState::Runnable);
    EXPECT_EQ(run.threadAt(kA, 55).value.state(), SliceState::WaitingForLock) << "it had not come to wait before";
}

/// What the probe sees of one thread that waits for a GIL: it wakes up at each switch interval to ask for it.
TEST(ThreadTrack, OfAWaiterForTheGilRunsAtEachIntervalAndWaitsInBetween)
{
    Built run;
    Batch gil;
    gil.objects = {{kLock, ObjectKind::Gil, 10, "GIL"}};
    run.builder.append(gil);
    run.add({at(100, kA, EventKind::SwitchIn, 0), at(110, kA, EventKind::LockRequest, kNoCpu, kLock),
                at(120, kA, EventKind::SwitchOut, 0), at(5120, kA, EventKind::SwitchIn, 0),
                at(5125, kA, EventKind::LockDropRequest, kNoCpu, kLock), at(5130, kA, EventKind::SwitchOut, 0),
                at(5140, kB, EventKind::LockRelease, kNoCpu, kLock, 1), at(5150, kA, EventKind::SwitchIn, 0),
                at(5160, kA, EventKind::LockAcquire, kNoCpu, kLock)},
        6000);
    const Shares shares = run.thread(kA).track.shares({100, 6000});
    EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::WaitingForLock)], 5000 + 20);
    EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::Running)], 20 + 10 + 850);
    EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::Blocked)], 0);
    ASSERT_EQ(run.timeline.locks[0].moments.size(), 1U);
    EXPECT_EQ(run.timeline.locks[0].moments[0].time, 5125);
}

TEST(ThreadTrack, WaitsForAPythonLockAgainOnceItHasTheGilBack)
{
    constexpr ObjectId kGil = 6;
    Built run;
    Batch gil;
    gil.objects = {{kGil, ObjectKind::Gil, 10, "GIL"}, {kLock, ObjectKind::Mutex, 10, "A"}};
    run.builder.append(gil);
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, kLock),
                at(30, kA, EventKind::LockRequest, kNoCpu, kGil), at(40, kA, EventKind::SwitchOut, 0),
                at(50, kA, EventKind::SwitchIn, 0), at(60, kA, EventKind::LockAcquire, kNoCpu, kGil),
                at(70, kA, EventKind::LockRelease, kNoCpu, kGil), at(80, kA, EventKind::SwitchOut, 0),
                at(90, kA, EventKind::SwitchIn, 0), at(100, kA, EventKind::LockAcquire, kNoCpu, kLock),
                at(110, kA, EventKind::SwitchOut, 0)},
        120);
    const auto lockAt = [&](Nanos t) {
        const SliceValue value = run.threadAt(kA, t).value;
        return value.state() == SliceState::WaitingForLock ? run.timeline.locks[value.subject()].id : ObjectId{0};
    };
    EXPECT_EQ(lockAt(45), kGil);
    EXPECT_EQ(lockAt(85), kLock);
    EXPECT_EQ(run.threadAt(kA, 115).value.state(), SliceState::Blocked) << "the wait ended with the acquisition";
}

TEST(ThreadTrack, EndsItsWaitWhenTheThreadEnds)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::LockRequest, kNoCpu, kLock),
                at(30, kA, EventKind::SwitchOut, 0), at(50, kA, EventKind::SwitchIn, 0),
                at(51, kA, EventKind::ThreadExit, 0)},
        100);
    const Track& track = run.thread(kA).track;
    EXPECT_EQ(track.end(), 51);
    EXPECT_EQ(track.shares({0, 100})[static_cast<std::size_t>(SliceState::WaitingForLock)], 20);
}

TEST(ThreadTrack, SaysNothingBeforeARecordTellsWhereTheThreadIs)
{
    Built run;
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), at(20, kA, EventKind::SwitchIn, 0)}, 30);
    EXPECT_EQ(run.threadAt(kA, 15).value.state(), SliceState::Absent);
}

} // namespace
} // namespace timeslice::thread_track_test
