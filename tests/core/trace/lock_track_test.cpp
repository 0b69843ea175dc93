// What cores and locks show.
#include "tests/core/trace/built_timeline.h"

#include <gtest/gtest.h>

namespace timeslice::lock_track_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;
using testing::kLock;

TEST(CoreTrack, ShowsWhoRunsAndClosesWhenTheThreadExits)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::SwitchOut, 0, 0, 1),
                at(20, kB, EventKind::SwitchIn, 0), at(30, kB, EventKind::ThreadExit)},
        40);
    const Track& track = run.timeline.cores[0].track;
    ASSERT_EQ(track.size(), 3U);
    EXPECT_EQ(track.value(0), SliceValue(SliceState::Running, Cause::SwitchedIn, 0, 1));
    EXPECT_EQ(track.value(1), SliceValue(SliceState::Running, Cause::SwitchedIn, 1, 2));
    EXPECT_EQ(track.value(2).state(), SliceState::Absent);
    EXPECT_EQ(track.slice(2).begin, 30);
    EXPECT_EQ(track.end(), 40);
    EXPECT_TRUE(track.slice(2).open);
}

TEST(CoreTrack, AndItsThreadEndTogetherWhenARecordWasLost)
{
    Built run;
    // A's switch-out is missing: B runs where A was shown.
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(30, kB, EventKind::SwitchIn, 0)}, 50);
    EXPECT_EQ(run.threadAt(kA, 20).value.state(), SliceState::Running);
    EXPECT_EQ(run.threadAt(kA, 40).value, SliceValue(SliceState::Blocked, Cause::Unknown, 0, 3));
    // B's switch-out is missing: it runs on another core.
    run.add({at(60, kB, EventKind::SwitchIn, 1)}, 70);
    EXPECT_EQ(
        run.timeline.cores[0].track.slice(run.timeline.cores[0].track.indexAt(65)).value.state(), SliceState::Absent);
    // The record comes after all: what was concluded gives way.
    run.add({at(25, kA, EventKind::SwitchOut, 0, 0, 1)}, 80);
    EXPECT_EQ(run.threadAt(kA, 27).value.state(), SliceState::Runnable);
    EXPECT_EQ(run.threadAt(kA, 40).value.state(), SliceState::Runnable);
}

TEST(CoreTrack, OfACoreThatNobodyAnnouncedIsInsertedInOrder)
{
    Built run({{1, 3}, 10, false});
    run.add({at(10, kA, EventKind::SwitchIn, 3), at(20, kB, EventKind::SwitchIn, 2)}, 30);
    ASSERT_EQ(run.timeline.cores.size(), 3U);
    EXPECT_EQ(run.timeline.cores[1].cpu, 2);
    EXPECT_EQ(run.threadAt(kA, 15).value.subject(), 2U) << "cpu 3 is the third core now";
    EXPECT_EQ(run.threadAt(kB, 25).value.subject(), 1U);
    EXPECT_EQ(run.timeline.cores[2].track.size(), 1U);
    EXPECT_EQ(run.timeline.cores[0].track.size(), 0U);
}

TEST(LockTrack, SaysWhyEachHoldEnded)
{
    Built run;
    const auto release = [](Nanos t, ReleaseReason reason) {
        return at(t, kA, EventKind::LockRelease, kNoCpu, kLock, static_cast<std::uint64_t>(reason));
    };
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), release(20, ReleaseReason::Voluntary),
                at(30, kA, EventKind::LockAcquire, kNoCpu, kLock), release(40, ReleaseReason::Timeout),
                at(50, kA, EventKind::LockAcquire, kNoCpu, kLock), release(60, ReleaseReason::Exit),
                at(70, kA, EventKind::LockAcquire, kNoCpu, kLock), at(80, kA, EventKind::ThreadExit)},
        90);
    const Track& track = run.lock();
    ASSERT_EQ(track.size(), 8U);
    EXPECT_EQ(track.value(0), SliceValue(SliceState::Running, Cause::Acquired, 0, 1));
    EXPECT_EQ(track.value(1).cause(), Cause::ReleasedVoluntarily);
    EXPECT_EQ(track.value(3).cause(), Cause::ReleasedAfterTimeout);
    EXPECT_EQ(track.value(5).cause(), Cause::ReleasedAtExit);
    EXPECT_EQ(track.value(7).cause(), Cause::HolderKilled);
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 1U);
}

TEST(LockTrack, EndsTheHoldOfAThreadWhoseEndWasKnownFirst)
{
    Built run;
    run.add({at(80, kA, EventKind::ThreadExit)}, 85);
    run.add({at(70, kA, EventKind::LockAcquire, kNoCpu, kLock)}, 90);
    ASSERT_EQ(run.lock().size(), 2U);
    EXPECT_EQ(run.lock().slice(1).begin, 80);
    EXPECT_EQ(run.lock().value(1).cause(), Cause::HolderKilled);
}

TEST(LockTrack, EndsTheHoldOfALockThatAnotherThreadReleases)
{
    Built run;
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), at(20, kB, EventKind::LockRelease, kNoCpu, kLock),
        at(30, kB, EventKind::LockAcquire, kNoCpu, kLock), at(40, kB, EventKind::LockRelease, kNoCpu, kLock)});
    EXPECT_EQ(run.lock().slice(1).begin, 20);
    EXPECT_EQ(run.lock().slice(1).value.state(), SliceState::Absent);
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 1U);
}

TEST(LockTrack, CountsHoldersThatOverlapAndOnlyThose)
{
    Built run;
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), at(20, kB, EventKind::LockAcquire, kNoCpu, kLock)}, 25);
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 2U);
    run.add({at(15, kA, EventKind::LockRelease, kNoCpu, kLock)}, 30);
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 1U) << "the release was merely late";
    run.add({at(40, kA, EventKind::LockAcquire, kNoCpu, kLock), at(50, kB, EventKind::LockRelease, kNoCpu, kLock)}, 60);
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 2U);
    EXPECT_EQ(run.lock().value(run.lock().indexAt(55)).subject(), 0U) << "A holds it still";
}

TEST(LockTrack, OfAParentKnowsNothingOfWhatItsForkedChildDoesToItsCopy)
{
    Built run;
    Batch births;
    births.objects = {{kLock, ObjectKind::Mutex, 10, "A"}};
    run.builder.append(births);
    const auto inChild = [](Nanos time, EventKind kind) { return Event{time, 20, 20, kind, kNoCpu, kLock, 0}; };
    // The parent's thread holds the lock while it forks; the child, whose copy is held by nobody who lives, lets it go
    // and takes it.
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), inChild(20, EventKind::LockRelease),
                inChild(30, EventKind::LockAcquire), at(50, kA, EventKind::LockRelease, kNoCpu, kLock),
                inChild(70, EventKind::LockRelease)},
        100);
    ASSERT_EQ(run.timeline.locks.size(), 2U);
    const LockInfo& parents = run.timeline.locks[0];
    const LockInfo& childs = run.timeline.locks[1];
    EXPECT_EQ(childs.pid, 20);
    EXPECT_EQ(childs.name, "A");
    EXPECT_EQ(childs.id, kLock);
    EXPECT_EQ(run.timeline.lockIndex(kLock), 0U);
    for (const LockInfo* lock : {&parents, &childs}) {
        EXPECT_EQ(lock->maxConcurrentHolders, 1U);
        EXPECT_EQ(lock->track.shares({0, 100})[0] + 40, lock->track.end() - lock->track.begin());
    }
    EXPECT_EQ(parents.track.slice(0).length(), 40);
}

TEST(LockTrack, OfALockBetweenProcessesIsOneForAll)
{
    Built run;
    Batch births;
    births.objects = {{kLock, ObjectKind::Mutex, 0, "shared"}};
    run.builder.append(births);
    run.add({at(10, kA, EventKind::LockAcquire, kNoCpu, kLock), at(20, kA, EventKind::LockRelease, kNoCpu, kLock),
                {30, 20, 20, EventKind::LockAcquire, kNoCpu, kLock, 0}},
        100);
    EXPECT_EQ(run.timeline.locks.size(), 1U);
    EXPECT_EQ(run.lock().size(), 3U);
}

} // namespace
} // namespace timeslice::lock_track_test
