#include "core/trace/timeline_builder.h"

#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace timeslice {
namespace {

using testing::kFirstTid;

constexpr Tid kA = 11;
constexpr Tid kB = 12;
constexpr ObjectId kLock = 5;

Event at(Nanos time, Tid tid, EventKind kind, CpuId cpu = kNoCpu, ObjectId object = 0, std::uint64_t value = 0)
{
    return {time, tid, 10, kind, cpu, object, value};
}

struct Built {
    Timeline timeline;
    TimelineBuilder builder;

    explicit Built(BuilderOptions options = {{0, 1}, 10, false})
        : builder(timeline, options)
    {
    }
    void add(std::vector<Event> events, Nanos drainedAt = 0)
    {
        Batch batch;
        batch.events = std::move(events);
        batch.drainedAt = drainedAt;
        builder.append(batch);
    }
    const ThreadInfo& thread(Tid tid) const { return timeline.threads[timeline.threadIndex(tid).value()]; }
    const Track& lock(ObjectId id = kLock) const { return timeline.locks[timeline.lockIndex(id).value()].track; }
    Slice threadAt(Tid tid, Nanos t) const
    {
        const Track& track = thread(tid).track;
        const std::size_t index = track.indexAt(t);
        return index < track.size() ? track.slice(index) : Slice{};
    }
};

// --- What a thread does

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

// --- What a core and a lock do

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

TEST(Builder, TellsWhyThereIsNoGilToSee)
{
    const Built run({{0}, 10, false, "PyPy's GIL cannot be observed"});
    EXPECT_EQ(run.timeline.gilNote, "PyPy's GIL cannot be observed");
}

// --- Who is who

TEST(Builder, GivesColoursInOrderOfAppearanceAndNoneToAuxiliaryThreads)
{
    Built run({{0}, 10, true});
    run.add({at(1, 10, EventKind::SwitchIn, 0), at(2, 11, EventKind::SwitchIn, 0), at(3, 12, EventKind::SwitchIn, 0)});
    EXPECT_EQ(run.thread(10).colorSlot, kOtherSlot);
    EXPECT_TRUE(run.thread(10).auxiliary);
    EXPECT_EQ(run.thread(11).colorSlot, 1);
    EXPECT_EQ(run.thread(12).colorSlot, 2);
    for (Tid tid = 13; tid < 13 + kColorSlots; ++tid) {
        run.add({at(tid, tid, EventKind::SwitchIn, 0)});
    }
    EXPECT_EQ(run.thread(13 + kColorSlots - 3).colorSlot, kColorSlots);
    EXPECT_EQ(run.thread(13 + kColorSlots - 2).colorSlot, 1) << "then again from the first";
}

TEST(Builder, RecolorsEveryTrackWhenAThreadTurnsOutToBeAuxiliary)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(11, kA, EventKind::LockAcquire, kNoCpu, kLock),
                at(20, kB, EventKind::SwitchIn, 1)},
        30);
    EXPECT_EQ(run.timeline.cores[1].track.value(0).category(), 2);
    Batch batch;
    batch.names.push_back({kA, 10, "coordinator", true});
    batch.drainedAt = 40;
    run.builder.append(batch);
    EXPECT_EQ(run.thread(kA).name, "coordinator");
    EXPECT_EQ(run.thread(kA).colorSlot, kOtherSlot);
    EXPECT_EQ(run.thread(kB).colorSlot, 1);
    EXPECT_EQ(run.timeline.cores[0].track.value(0).category(), kOtherSlot);
    EXPECT_EQ(run.timeline.cores[1].track.value(0).category(), 1);
    EXPECT_EQ(run.lock().value(0).category(), kOtherSlot);
    EXPECT_EQ(run.timeline.cores[1].track.shares({20, 40})[1], 20);
}

TEST(Builder, KeepsANameThatCameBeforeTheThread)
{
    Built run;
    Batch batch;
    batch.names.push_back({kA, 10, "Thread 1", false});
    run.builder.append(batch);
    EXPECT_TRUE(run.timeline.threads.empty());
    run.add({at(10, kA, EventKind::SwitchIn, 0)});
    EXPECT_EQ(run.thread(kA).name, "Thread 1");
    run.add({at(20, kB, EventKind::ThreadBorn, kNoCpu, 0, kA)});
    EXPECT_EQ(run.thread(kB).name, "Thread 1") << "the kernel copies the creator's name";
    EXPECT_EQ(run.thread(kB).parent, kA);
}

TEST(Builder, TellsTwoThreadsWithOneIdApart)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::ThreadBorn), at(20, kA, EventKind::SwitchIn, 0), at(40, kA, EventKind::ThreadExit, 0),
            at(100, kA, EventKind::ThreadBorn), at(120, kA, EventKind::SwitchIn, 1),
            at(30, kA, EventKind::SwitchOut, 0, 0, 0)}, // late, and of the first one
        130);
    ASSERT_EQ(run.timeline.threads.size(), 2U);
    EXPECT_EQ(run.timeline.threadIndex(kA), 1U);
    EXPECT_EQ(run.timeline.threads[0].exited, 40);
    EXPECT_TRUE(run.timeline.threads[0].track.closed());
    EXPECT_EQ(run.timeline.threads[0].track.slice(run.timeline.threads[0].track.indexAt(35)).value.state(),
        SliceState::Blocked);
    EXPECT_EQ(run.timeline.threads[1].born, 100);
    EXPECT_FALSE(run.timeline.threads[1].track.closed());
}

TEST(Builder, IgnoresTheIdleThreadAndIdsThatNameNothing)
{
    Built run;
    run.add({at(10, 0, EventKind::SwitchIn, 0), at(20, -1, EventKind::SwitchIn, 0), at(30, kA, EventKind::LockAcquire),
        at(40, kA, EventKind::SwitchIn, kNoCpu), at(50, kA, EventKind::CounterLoad),
        {60, kA, 10, static_cast<EventKind>(999), 0, 0, 0}});
    EXPECT_EQ(run.timeline.threads.size(), 1U);
    EXPECT_TRUE(run.timeline.locks.empty());
    EXPECT_TRUE(run.timeline.counters.empty());
    EXPECT_EQ(run.timeline.lost.malformed, 3U);
    EXPECT_EQ(run.timeline.events, 6U);
}

TEST(Builder, RefusesTimesThatNoClockShows)
{
    Built run;
    run.add({at(-1, kA, EventKind::SwitchIn, 0), at(INT64_MAX, kA, EventKind::SwitchIn, 0),
        at(INT64_MIN, kA, EventKind::ThreadExit)});
    EXPECT_TRUE(run.timeline.threads.empty());
    EXPECT_EQ(run.timeline.lost.malformed, 3U);
}

TEST(Builder, StretchesOpenSlicesAsFarAsTheRecordingHasCome)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::SwitchIn, 0), at(11, kB, EventKind::SwitchIn, 1), at(12, kB, EventKind::ThreadExit, 1)},
        100);
    EXPECT_EQ(run.thread(kA).track.end(), 100);
    EXPECT_TRUE(run.thread(kA).track.slice(0).open);
    EXPECT_EQ(run.thread(kB).track.end(), 12) << "it is gone";
    run.builder.finish(150);
    EXPECT_EQ(run.thread(kA).track.end(), 150);
    EXPECT_FALSE(run.thread(kA).track.slice(0).open);
    EXPECT_TRUE(run.timeline.finished);
    EXPECT_EQ(run.timeline.end, 150);
    EXPECT_EQ(run.timeline.workRange(), (TimeRange{10, 150}));
}

TEST(Builder, TakesTheWorkProperForTheRangeToShow)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::WorkBegin), at(25, kB, EventKind::WorkBegin),
                at(80, kA, EventKind::WorkEnd)},
        100);
    EXPECT_EQ(run.timeline.workRange(), (TimeRange{20, 80}));
}

TEST(Builder, ReportsLossesAndThatSomethingWasInferred)
{
    Built run;
    Batch batch;
    batch.lost = {3, 2, 1};
    batch.source = Source::Inferred;
    run.builder.append(batch);
    run.builder.append(Batch{});
    EXPECT_EQ(run.timeline.lost.total(), 6U);
    EXPECT_EQ(run.timeline.source, Source::Inferred);
}

TEST(Builder, KeepsUsageSamplesOfTheCoresOfTheRun)
{
    Built run;
    Batch batch;
    batch.usage = {{10, 20, 1, 0.5F, 0.1F, 0.4F}, {10, 20, 7, 1, 0, 0}};
    run.builder.append(batch);
    EXPECT_TRUE(run.timeline.cores[0].usage.empty());
    ASSERT_EQ(run.timeline.cores[1].usage.size(), 1U);
    EXPECT_EQ(run.timeline.cores[1].usage[0].busy, 0.5F);
}

// --- Events that come late

std::vector<std::string> buildFrom(
    const testing::SimulationOptions& options, const std::vector<Event>& events, std::size_t perBatch, Nanos lastTime)
{
    Timeline timeline;
    TimelineBuilder builder(timeline, testing::builderOptionsOf(options));
    builder.append(testing::birthsOf(options));
    for (std::size_t first = 0; first < events.size(); first += perBatch) {
        Batch batch;
        const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
        batch.events.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(perBatch, events.size() - first)));
        batch.drainedAt = options.start;
        for (const Event& event : batch.events) {
            batch.drainedAt = std::max(batch.drainedAt, event.time);
        }
        builder.append(batch);
    }
    builder.finish(lastTime);
    EXPECT_EQ(timeline.lateEvents, 0U);
    return testing::describe(timeline);
}

TEST(Builder, MakesTheSameTimelineOfEventsInAnyOrderWithinTheReplayWindow)
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        testing::SimulationOptions options;
        options.seed = seed;
        options.loss = seed % 2 == 0 ? 0.1 : 0;
        options.cores = seed % 3 == 0 ? 1 : 3;
        std::vector<Event> events = testing::simulate(options);
        const Nanos end = events.back().time + 1000;
        const std::vector<std::string> ordered = buildFrom(options, events, events.size(), end);

        // Births first, or threads appear in another order; then each event up to 100 places from its own.
        std::mt19937_64 random(seed);
        std::vector<std::pair<std::size_t, Event>> placed;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const bool fixed = i < static_cast<std::size_t>(options.threads);
            placed.emplace_back(fixed ? 0 : i + std::uniform_int_distribution<std::size_t>(0, 100)(random), events[i]);
        }
        std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<Event> shuffled;
        for (const auto& entry : placed) {
            shuffled.push_back(entry.second);
        }
        ASSERT_EQ(buildFrom(options, shuffled, 1 + seed * 3, end), ordered);
    }
}

TEST(Builder, CountsAnEventThatIsTooLateAndAppliesItAtTheOldestMomentItKept)
{
    Built run;
    std::vector<Event> events;
    for (Nanos i = 0; i < 2000; ++i) {
        const bool in = i % 2 == 0;
        events.push_back(at(1000 + i * 10, kA, in ? EventKind::SwitchIn : EventKind::SwitchOut, 0));
    }
    run.add(events);
    EXPECT_EQ(run.timeline.lateEvents, 0U);
    const std::size_t slices = run.thread(kA).track.size();
    run.add({at(500, kA, EventKind::WaitBegin, kNoCpu, 0, static_cast<std::uint64_t>(WaitKind::Sleep))});
    EXPECT_EQ(run.timeline.lateEvents, 1U);
    EXPECT_EQ(run.thread(kA).track.size(), slices);
    const Track& track = run.thread(kA).track;
    EXPECT_EQ(track.value(1).subject(), 0U) << "what was long settled stays";
    EXPECT_EQ(track.value(track.size() - 1).subject(), static_cast<std::uint32_t>(WaitKind::Sleep));
}

TEST(Builder, KeepsACoreToOneThreadAndAThreadToOneCoreWhateverIsLost)
{
    for (std::uint64_t seed = 100; seed < 110; ++seed) {
        testing::SimulationOptions options;
        options.seed = seed;
        options.loss = 0.3;
        const std::vector<Event> events = testing::simulate(options);
        Timeline timeline;
        TimelineBuilder builder(timeline, testing::builderOptionsOf(options));
        Batch batch;
        batch.events = events;
        builder.append(batch);
        builder.finish(events.back().time);
        // Each stretch that a core shows of a thread is one that the thread shows on that core, and the other way.
        Nanos onCores = 0;
        Nanos onThreads = 0;
        for (std::uint32_t c = 0; c < timeline.cores.size(); ++c) {
            const Track& track = timeline.cores[c].track;
            for (std::size_t i = 0; i < track.size(); ++i) {
                const Slice slice = track.slice(i);
                if (slice.value.state() != SliceState::Running || slice.length() == 0) {
                    continue;
                }
                onCores += slice.length();
                const Track& thread = timeline.threads[slice.value.subject()].track;
                const Slice there = thread.slice(thread.indexAt(slice.begin));
                ASSERT_EQ(there.value.state(), SliceState::Running) << seed << " at " << slice.begin;
                ASSERT_EQ(there.value.subject(), c);
                ASSERT_GE(there.end, slice.end);
            }
        }
        for (const ThreadInfo& thread : timeline.threads) {
            onThreads += thread.track.shares({timeline.begin, timeline.end})[1];
        }
        ASSERT_EQ(onCores, onThreads) << seed;
    }
}

} // namespace
} // namespace timeslice
