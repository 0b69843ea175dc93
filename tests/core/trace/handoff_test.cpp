#include "core/trace/handoff.h"

#include "core/trace/timeline_builder.h"

#include <gtest/gtest.h>

namespace timeslice::handoff_test {
namespace {

constexpr Tid kA = 11;
constexpr Tid kB = 12;
constexpr ObjectId kGil = 5;
constexpr Nanos us = kMicrosecond;
constexpr Nanos ms = kMillisecond;

Event at(Nanos time, Tid tid, EventKind kind, CpuId cpu = kNoCpu, ObjectId object = 0, std::uint64_t value = 0)
{
    return {time, tid, 10, kind, cpu, object, value};
}
Event acquire(Nanos time, Tid tid)
{
    return at(time, tid, EventKind::LockAcquire, kNoCpu, kGil);
}
Event release(Nanos time, Tid tid, ReleaseReason reason = ReleaseReason::Voluntary)
{
    return at(time, tid, EventKind::LockRelease, kNoCpu, kGil, static_cast<std::uint64_t>(reason));
}

/// A and B run on cores of their own from 0 on, and share a lock.
struct Told {
    Timeline timeline;
    TimelineBuilder builder{timeline, {{0, 1}, 10, false}};

    explicit Told(std::vector<Event> events, ObjectKind kind = ObjectKind::Gil, Nanos end = kSecond)
    {
        Batch batch;
        batch.objects.push_back({kGil, kind, 10, "GIL"});
        batch.events = {at(0, kA, EventKind::SwitchIn, 0), at(0, kB, EventKind::SwitchIn, 1)};
        batch.events.insert(batch.events.end(), events.begin(), events.end());
        batch.drainedAt = end;
        builder.append(batch);
    }
    std::optional<ReleaseReason> reasonAt(Nanos t) const
    {
        return releaseReason(timeline, 0, timeline.locks[0].track.indexAt(t));
    }
    std::optional<Handoff> after(Nanos t) const
    {
        return handoffAfter(timeline, 0, timeline.locks[0].track.indexAt(t));
    }
};

TEST(ReleaseReason, IsWhatTheHolderRecordedWhileItLives)
{
    const Told told({acquire(1 * ms, kA), release(6 * ms, kA, ReleaseReason::Timeout), acquire(7 * ms, kB),
        release(8 * ms, kB), acquire(9 * ms, kA)});
    EXPECT_EQ(told.reasonAt(1 * ms), ReleaseReason::Timeout);
    EXPECT_EQ(told.reasonAt(7 * ms), ReleaseReason::Voluntary);
    EXPECT_EQ(told.reasonAt(9 * ms), std::nullopt) << "it holds it still";
    EXPECT_EQ(told.reasonAt(6 * ms), std::nullopt) << "nobody holds it then";
}

TEST(ReleaseReason, OfTheLastVoluntaryReleaseOfAThreadThatThenEndsIsItsExit)
{
    const Told told({acquire(1 * ms, kA), release(2 * ms, kA), acquire(3 * ms, kA), release(4 * ms, kA),
        at(4 * ms + 80 * us, kA, EventKind::ThreadExit, 0), acquire(5 * ms, kB)});
    EXPECT_EQ(told.reasonAt(1 * ms), ReleaseReason::Voluntary) << "it came back";
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Exit);
    const auto handoff = told.after(3 * ms);
    ASSERT_TRUE(handoff.has_value());
    EXPECT_EQ(handoff->reason, ReleaseReason::Exit);
    EXPECT_EQ(toldCause(told.timeline, 0, 1), Cause::ReleasedVoluntarily);
    EXPECT_EQ(toldCause(told.timeline, 0, 3), Cause::ReleasedAtExit);
}

TEST(ReleaseReason, BecomesExitWhenTheNewsOfTheEndComes)
{
    Told told({acquire(3 * ms, kA), release(4 * ms, kA)}, ObjectKind::Gil, 4 * ms + 10 * us);
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Voluntary);
    Batch later;
    later.events = {at(4 * ms + 80 * us, kA, EventKind::ThreadExit, 0)};
    later.drainedAt = 5 * ms;
    told.builder.append(later);
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Exit);
}

TEST(ReleaseReason, OfAThreadThatDiedInItsSleepIsTheSleep)
{
    const Told told({acquire(3 * ms, kA), release(4 * ms, kA), at(4 * ms + 20 * us, kA, EventKind::SwitchOut, 0),
        at(90 * ms, kA, EventKind::SwitchIn, 0), at(90 * ms + 30 * us, kA, EventKind::ThreadExit, 0)});
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Voluntary);
}

TEST(ReleaseReason, OfAThreadThatDiedInALongComputationWithoutTheGilIsVoluntary)
{
    const Told told({acquire(3 * ms, kA), release(4 * ms, kA), at(90 * ms, kA, EventKind::ThreadExit, 0)});
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Voluntary);
}

TEST(ReleaseReason, IsExitThoughTheLeavingThreadHadToWaitForACore)
{
    const Told told({acquire(3 * ms, kA), release(4 * ms, kA), at(4 * ms + 20 * us, kA, EventKind::SwitchOut, 0, 0, 1),
        at(90 * ms, kA, EventKind::SwitchIn, 0), at(90 * ms + 30 * us, kA, EventKind::ThreadExit, 0)});
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Exit);
}

TEST(ReleaseReason, AfterATimeoutIsTheTimeoutThoughTheThreadEnds)
{
    const Told told({acquire(3 * ms, kA), release(4 * ms, kA, ReleaseReason::Timeout),
        at(4 * ms + 20 * us, kA, EventKind::ThreadExit, 0)});
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Timeout);
}

TEST(ReleaseReason, OfAMutexIsNeverGuessed)
{
    const Told told({acquire(3 * ms, kA), release(4 * ms, kA), at(4 * ms + 20 * us, kA, EventKind::ThreadExit, 0)},
        ObjectKind::Mutex);
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Voluntary);
}

TEST(ReleaseReason, OfAHolderThatDiedHoldingItIsKilled)
{
    const Told told({acquire(3 * ms, kA), at(4 * ms, kA, EventKind::ThreadExit, 0), acquire(5 * ms, kB)});
    EXPECT_EQ(told.reasonAt(3 * ms), ReleaseReason::Killed);
    EXPECT_EQ(told.after(3 * ms)->to, told.timeline.threadIndex(kB).value());
}

TEST(HandOff, NamesBothThreadsAndBothMomentsFromTheHoldAndFromTheFreeTime)
{
    const Told told({acquire(1 * ms, kA), release(6 * ms, kA, ReleaseReason::Timeout), acquire(7 * ms, kB)});
    for (const Nanos t : {1 * ms, 6 * ms}) {
        const auto handoff = told.after(t);
        ASSERT_TRUE(handoff.has_value()) << t;
        EXPECT_EQ(handoff->released, 6 * ms);
        EXPECT_EQ(handoff->acquired, 7 * ms);
        EXPECT_EQ(told.timeline.threads[handoff->from].tid, kA);
        EXPECT_EQ(told.timeline.threads[handoff->to].tid, kB);
        EXPECT_EQ(handoff->reason, ReleaseReason::Timeout);
    }
    const auto before = handoffBefore(told.timeline, 0, told.timeline.locks[0].track.indexAt(8 * ms));
    ASSERT_TRUE(before.has_value());
    EXPECT_EQ(before->released, 6 * ms);
    EXPECT_FALSE(told.after(8 * ms).has_value()) << "B holds it still";
    EXPECT_FALSE(handoffBefore(told.timeline, 0, 0).has_value());
    EXPECT_FALSE(handoffAfter(told.timeline, 7, 0).has_value()) << "no such lock";
}

TEST(HandOff, IsNoneWhenTheSameThreadTakesTheLockAgain)
{
    const Told told({acquire(1 * ms, kA), release(2 * ms, kA), acquire(3 * ms, kA), release(4 * ms, kA)});
    EXPECT_FALSE(told.after(1 * ms).has_value());
    EXPECT_FALSE(told.after(3 * ms).has_value()) << "nobody has taken it since";
    EXPECT_TRUE(handoffsIn(told.timeline, 0, {0, kSecond}).empty());
}

TEST(HandOff, OfTwoHoldersAtOnceHasNoReason)
{
    const Told told({acquire(1 * ms, kA), acquire(2 * ms, kB)});
    const auto handoff = told.after(1 * ms);
    ASSERT_TRUE(handoff.has_value());
    EXPECT_EQ(handoff->released, handoff->acquired);
    EXPECT_EQ(handoff->reason, std::nullopt);
}

TEST(HandOff, InARangeAreThoseThatTouchIt)
{
    std::vector<Event> events;
    for (Nanos i = 0; i < 100; ++i) { // A [0, 5), B [10, 15), A [20, 25) ...
        events.push_back(acquire(i * 10 * ms, i % 2 == 0 ? kA : kB));
        events.push_back(release(i * 10 * ms + 5 * ms, i % 2 == 0 ? kA : kB));
    }
    const Told told(events);
    EXPECT_EQ(handoffsIn(told.timeline, 0, {0, kSecond}).size(), 99U);
    EXPECT_EQ(handoffsIn(told.timeline, 0, {0, kSecond}, 7).size(), 7U);
    const auto few = handoffsIn(told.timeline, 0, {107 * ms, 126 * ms});
    ASSERT_EQ(few.size(), 3U) << "one that was under way when the range began, one that was not over when it ended";
    EXPECT_EQ(few[0].released, 105 * ms);
    EXPECT_EQ(few[2].acquired, 130 * ms);
    EXPECT_EQ(handoffsIn(told.timeline, 0, {110 * ms, 114 * ms}).size(), 1U) << "it ends where the range begins";
    EXPECT_TRUE(handoffsIn(told.timeline, 0, {111 * ms, 115 * ms}).empty());
    EXPECT_TRUE(handoffsIn(told.timeline, 0, {2 * kSecond, 3 * kSecond}).empty());
}

TEST(HandOff, FromEverySliceAgreesWithTheListOfAll)
{
    std::vector<Event> events;
    for (Nanos i = 0; i < 60; ++i) {
        const Tid tid = i % 5 < 2 ? kA : kB; // some threads take it twice running
        events.push_back(acquire(1 + i * 10 * ms, tid));
        events.push_back(
            release(i * 10 * ms + 5 * ms, tid, i % 3 == 0 ? ReleaseReason::Timeout : ReleaseReason::Voluntary));
    }
    const Told told(events);
    std::vector<Nanos> released;
    const Track& track = told.timeline.locks[0].track;
    for (std::size_t i = 0; i < track.size(); ++i) {
        const auto handoff = handoffAfter(told.timeline, 0, i);
        if (handoff && track.value(i).state() == SliceState::Running) {
            released.push_back(handoff->released);
            EXPECT_NE(handoff->from, handoff->to);
        }
    }
    std::vector<Nanos> listed;
    for (const Handoff& handoff : handoffsIn(told.timeline, 0, {0, kSecond})) {
        listed.push_back(handoff.released);
    }
    EXPECT_EQ(released, listed);
    EXPECT_EQ(listed.size(), 23U);
}

} // namespace
} // namespace timeslice::handoff_test
