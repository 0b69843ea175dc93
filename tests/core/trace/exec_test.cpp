// What a process held and waited for before it began to run another program.
#include "core/trace/timeline_builder.h"

#include "tests/core/trace/built_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace timeslice::exec_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;
using testing::kLock;

constexpr Pid kPid = 10; // of at(); its first thread has the same number
constexpr ObjectId kGil = 7;

Event exec(Nanos time, Tid tid, ExecNews news, CpuId cpu = kNoCpu)
{
    return at(time, tid, EventKind::ProcessExec, cpu, 0, static_cast<std::uint64_t>(news));
}

Batch inferred(std::vector<Event> events)
{
    Batch batch;
    batch.source = Source::Inferred;
    batch.events = std::move(events);
    return batch;
}

Nanos heldFor(const Track& track)
{
    return track.shares({0, 1000})[1] + track.shares({0, 1000})[2] + track.shares({0, 1000})[3];
}

TEST(Exec, EndsEveryHoldAndWaitOfTheProcess)
{
    Built run;
    run.add({at(10, kPid, EventKind::SwitchIn, 0), at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil),
                at(12, kA, EventKind::LockRequest, kNoCpu, kGil), at(12, kB, EventKind::LockAcquire, kNoCpu, kLock),
                exec(50, kPid, ExecNews::Certain, 0)},
        1000);
    EXPECT_EQ(heldFor(run.lock(kGil)), 50 - 11);
    EXPECT_EQ(heldFor(run.lock(kLock)), 50 - 12);
    EXPECT_EQ(run.lock(kGil).value(run.lock(kGil).size() - 1).cause(), Cause::Exec);
    EXPECT_EQ(run.thread(kA).exited, 50) << "it went with the program";
    EXPECT_EQ(run.thread(kB).exited, 50);
    EXPECT_EQ(run.thread(kPid).exited, 0);
    EXPECT_EQ(run.threadAt(kPid, 60).value.state(), SliceState::Running) << "it runs on in the new program";
    ASSERT_EQ(run.timeline.execs.size(), 1U);
    EXPECT_EQ(run.timeline.execs[0].time, 50);
}

TEST(Exec, LeavesOtherProcessesAlone)
{
    Built run;
    Event other = at(11, 99, EventKind::LockAcquire, kNoCpu, kLock);
    other.pid = 99;
    run.add({at(10, kPid, EventKind::SwitchIn, 0), other, exec(50, kPid, ExecNews::Certain, 0)}, 1000);
    EXPECT_EQ(heldFor(run.lock(kLock)), 1000 - 11);
}

TEST(Exec, TakesWhatComesLateForTheOldProgramButNotTheNewOnesLocks)
{
    Built run;
    run.add({at(10, kPid, EventKind::SwitchIn, 0), exec(50, kPid, ExecNews::Certain, 0)}, 60);
    run.add({at(20, kPid, EventKind::LockAcquire, kNoCpu, kGil), at(70, kPid, EventKind::LockAcquire, kNoCpu, kLock),
                at(30, kA, EventKind::LockAcquire, kNoCpu, 9)},
        1000);
    EXPECT_EQ(heldFor(run.lock(kGil)), 50 - 20);
    EXPECT_EQ(heldFor(run.lock(9)), 50 - 30);
    EXPECT_EQ(run.thread(kA).exited, 50) << "nobody heard of it before";
    EXPECT_EQ(heldFor(run.lock(kLock)), 1000 - 70);
}

TEST(Exec, FromAnotherThreadGoesOnUnderTheProcesssNumber)
{
    // The first thread has ended in the exec, its record may come before or after; then the other one takes its number.
    for (const bool exitIsLate : {false, true}) {
        Built run;
        Batch batch;
        batch.names = {{kPid, kPid, "python", false}, {kA, kPid, "worker", false}};
        batch.events = {at(1, kPid, EventKind::ThreadBorn), at(5, kPid, EventKind::SwitchIn, 1),
            at(10, kA, EventKind::SwitchIn, 0), at(11, kA, EventKind::LockAcquire, kNoCpu, kGil)};
        const Event exit = at(40, kPid, EventKind::ThreadExit, 1);
        run.builder.append(batch);
        if (!exitIsLate) {
            run.add({exit});
        }
        Batch news;
        news.names = {{kPid, kPid, "sleep", false}};
        news.events = {exec(50, kPid, ExecNews::Certain, 0), at(60, kPid, EventKind::SwitchOut, 0)};
        run.builder.append(news);
        if (exitIsLate) {
            run.add({exit});
        }
        run.add({at(80, kPid, EventKind::SwitchIn, 1)}, 1000);
        SCOPED_TRACE(exitIsLate);
        ASSERT_EQ(run.timeline.threads.size(), 3U);
        EXPECT_EQ(run.timeline.threads[0].name, "python");
        EXPECT_EQ(run.timeline.threads[0].exited, 40);
        EXPECT_EQ(run.thread(kA).exited, 50);
        EXPECT_EQ(run.thread(kPid).name, "sleep");
        EXPECT_EQ(run.thread(kPid).exited, 0);
        EXPECT_EQ(run.threadAt(kPid, 55).value.state(), SliceState::Running);
        EXPECT_EQ(run.threadAt(kPid, 70).value.state(), SliceState::Blocked);
        EXPECT_EQ(run.threadAt(kPid, 90).value.state(), SliceState::Running);
        EXPECT_EQ(heldFor(run.lock(kGil)), 50 - 11);
        const Track& core = run.timeline.cores[0].track;
        EXPECT_EQ(core.value(core.indexAt(65)).state(), SliceState::Absent) << "the core saw it leave";
    }
}

TEST(Exec, ThatIsOnlyAnnouncedCountsWhereTheKernelDoesNotTell)
{
    Built measured;
    measured.add({at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil), exec(50, kPid, ExecNews::Announced)}, 1000);
    EXPECT_EQ(heldFor(measured.lock(kGil)), 1000 - 11) << "it may fail, and the kernel has not said that it began";

    Built run;
    run.builder.append(inferred({at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil),
        at(12, kA, EventKind::LockRequest, kNoCpu, kGil), exec(50, kPid, ExecNews::Announced)}));
    run.add({}, 1000);
    EXPECT_EQ(heldFor(run.lock(kGil)), 50 - 11);
    EXPECT_EQ(run.thread(kA).exited, 0) << "that is for the sampler to see";
}

TEST(Exec, ThatFailedGivesTheLockBack)
{
    Built run;
    run.builder.append(
        inferred({at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil), exec(50, kPid, ExecNews::Announced),
            at(55, kPid, EventKind::LockAcquire, kNoCpu, kGil), at(80, kPid, EventKind::LockRelease, kNoCpu, kGil)}));
    run.add({}, 1000);
    EXPECT_EQ(heldFor(run.lock(kGil)), (50 - 11) + (80 - 55));
    EXPECT_EQ(run.timeline.locks[0].maxConcurrentHolders, 1U);
}

TEST(Exec, ThatASampleFindsIsTheOneThatWasAnnouncedSinceTheSampleBefore)
{
    const auto sampled = [](Nanos time, Nanos since) {
        return at(time, kPid, EventKind::ProcessExec, kNoCpu, 0, static_cast<std::uint64_t>(since));
    };
    Built run;
    run.builder.append(inferred({at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil),
        exec(50, kPid, ExecNews::Announced), at(55, kPid, EventKind::LockAcquire, kNoCpu, kLock), sampled(60, 40)}));
    run.add({}, 1000);
    EXPECT_EQ(heldFor(run.lock(kGil)), 50 - 11);
    EXPECT_EQ(heldFor(run.lock(kLock)), 1000 - 55) << "it is the new program's";

    Built alone;
    alone.builder.append(inferred({at(11, kPid, EventKind::LockAcquire, kNoCpu, kGil), sampled(60, 40)}));
    alone.add({}, 1000);
    EXPECT_EQ(heldFor(alone.lock(kGil)), 60 - 11);
}

TEST(Exec, AmountsToTheSameInWhateverOrderTheNewsArrives)
{
    std::vector<Event> events{at(1, kPid, EventKind::ThreadBorn), at(2, kPid, EventKind::SwitchIn, 0),
        at(3, kPid, EventKind::LockAcquire, kNoCpu, kGil), at(4, kA, EventKind::ThreadBorn),
        at(5, kA, EventKind::SwitchIn, 1), at(6, kA, EventKind::LockRequest, kNoCpu, kGil),
        at(7, kA, EventKind::SwitchOut, 1), at(20, kA, EventKind::ThreadExit, 1), exec(21, kPid, ExecNews::Certain, 0),
        at(30, kPid, EventKind::SwitchOut, 0), at(40, kPid, EventKind::SwitchIn, 1)};
    std::mt19937 random{42};
    for (int round = 0; round < 200; ++round) {
        std::shuffle(events.begin(), events.end(), random);
        Built run;
        for (const Event& event : events) {
            run.add({event});
        }
        run.add({}, 1000);
        EXPECT_EQ(heldFor(run.lock(kGil)), 21 - 3);
        EXPECT_EQ(run.thread(kA).exited, 20);
        EXPECT_EQ(run.threadAt(kPid, 25).value.state(), SliceState::Running);
        EXPECT_EQ(run.threadAt(kPid, 35).value.state(), SliceState::Blocked);
        EXPECT_EQ(run.threadAt(kPid, 50).value.state(), SliceState::Running);
        EXPECT_EQ(run.timeline.threads.size(), 2U);
    }
}

// --- GILs that are not recorded

UnobservedProcess unobserved(Nanos begin, Nanos end = 0)
{
    return {kPid, "python3.11", "statically linked", true, begin, end};
}

TEST(UnseenGil, MakesNoStandstillOfItsThreadsABlockedOne)
{
    Built run;
    run.add({at(10, kPid, EventKind::SwitchIn, 0), at(20, kPid, EventKind::SwitchOut, 0),
        at(30, kPid, EventKind::SwitchIn, 0), at(40, kPid, EventKind::SwitchOut, 0)});
    Batch batch;
    batch.unobserved = {unobserved(25)};
    batch.events = {at(50, kPid, EventKind::SwitchIn, 0), at(60, kPid, EventKind::SwitchOut, 0)};
    run.builder.append(batch);
    run.add({}, 100);
    EXPECT_EQ(run.threadAt(kPid, 22).value.state(), SliceState::Blocked) << "another program ran then";
    EXPECT_EQ(run.threadAt(kPid, 45).value, SliceValue(SliceState::OffCore, Cause::Blocked, 0, 5));
    EXPECT_EQ(run.threadAt(kPid, 65).value.state(), SliceState::OffCore);
    const Shares shares = run.thread(kPid).track.shares({0, 100});
    EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::OffCore)], 10 + 40);
    ASSERT_EQ(run.timeline.unobserved.size(), 1U);
}

TEST(UnseenGil, EndsWithItsProgram)
{
    Built run;
    Batch batch;
    batch.events = {at(10, kPid, EventKind::SwitchIn, 0)};
    batch.unobserved = {unobserved(5)};
    run.builder.append(batch);
    run.add({exec(50, kPid, ExecNews::Certain, 0), at(60, kPid, EventKind::SwitchOut, 0)}, 100);
    EXPECT_EQ(run.threadAt(kPid, 70).value.state(), SliceState::Blocked);
    EXPECT_EQ(run.timeline.unobserved[0].end, 50);
}

TEST(UnseenGil, IsTakenBackWhenItIsSeenAfterAll)
{
    Built run;
    Batch batch;
    batch.events = {at(10, kPid, EventKind::SwitchIn, 0), at(20, kPid, EventKind::SwitchOut, 0)};
    batch.unobserved = {unobserved(5)};
    batch.drainedAt = 30;
    run.builder.append(batch);
    EXPECT_EQ(run.threadAt(kPid, 20).value.state(), SliceState::OffCore);
    Batch birth;
    birth.objects = {{kGil, ObjectKind::Gil, kPid, "GIL"}};
    birth.drainedAt = 100;
    run.builder.append(birth);
    EXPECT_TRUE(run.timeline.unobserved.empty());
    EXPECT_EQ(run.threadAt(kPid, 50).value, SliceValue(SliceState::Blocked, Cause::Blocked, 0, 3));
}

} // namespace
} // namespace timeslice::exec_test
