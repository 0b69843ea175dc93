#include "core/analysis/wait_for_graph.h"
#include "core/trace/timeline_builder.h"
#include "tests/core/analysis/made_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace timeslice::wait_for_graph_test {
namespace {

constexpr Nanos ms = kMillisecond;

/// A holds X and waits for Y since 1 ms; B holds Y and waits for X since 2 ms.
struct CrossedLocks {
    MadeTimeline made{10 * ms};
    std::uint32_t a = made.thread("Thread 1");
    std::uint32_t b = made.thread("Thread 2");
    std::uint32_t x = made.lock("A");
    std::uint32_t y = made.lock("B");

    CrossedLocks()
    {
        made.running(a, 0);
        made.running(b, 0, 1);
        made.held(x, 0, a);
        made.held(y, 0, b);
        made.waits(a, 1 * ms, y);
        made.waits(b, 2 * ms, x);
    }
};

TEST(FindDeadlock, NamesTheCycleThreadByThreadAndLockByLock)
{
    CrossedLocks story;
    const auto cycle = findDeadlock(story.made.done(false));
    ASSERT_TRUE(cycle.has_value());
    EXPECT_EQ(
        describe(*cycle, story.made.timeline), "Thread 1 holds A and waits for B; Thread 2 holds B and waits for A.");
    EXPECT_EQ(cycle->since, 2 * ms) << "when the last wait closed it";
    for (std::size_t i = 0; i < cycle->edges.size(); ++i) {
        EXPECT_EQ(cycle->edges[i].holder, cycle->edges[(i + 1) % cycle->edges.size()].thread);
    }
}

TEST(FindDeadlock, StillTellsItAfterTheThreadsWereKilled)
{
    CrossedLocks story;
    for (const auto thread : {story.a, story.b}) {
        story.made.running(thread, 8 * ms); // what the kernel runs to take a thread apart
        story.made.exits(thread, 8 * ms + 40 * kMicrosecond);
    }
    story.made.free(story.x, 8 * ms + 40 * kMicrosecond, Cause::HolderKilled);
    story.made.free(story.y, 8 * ms + 40 * kMicrosecond, Cause::HolderKilled);
    const auto cycle = findDeadlock(story.made.done());
    ASSERT_TRUE(cycle.has_value());
    EXPECT_EQ(cycle->edges.size(), 2U);
}

TEST(FindDeadlock, SeesNoneInAChainThatEnds)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto c = made.thread("C");
    const auto x = made.lock("X");
    const auto y = made.lock("Y");
    made.held(x, 0, b);
    made.held(y, 0, c);
    made.waits(a, 1 * ms, x);
    made.waits(b, 1 * ms, y);
    made.running(c, 0);
    EXPECT_EQ(currentWaits(made.done(false)).size(), 2U);
    EXPECT_FALSE(findDeadlock(made.timeline).has_value());
}

TEST(FindDeadlock, FindsACycleThatAnotherThreadMerelyWaitsFor)
{
    CrossedLocks story;
    const auto outside = story.made.thread("Thread 3");
    story.made.waits(outside, 3 * ms, story.x);
    const auto cycle = findDeadlock(story.made.done(false));
    ASSERT_TRUE(cycle.has_value());
    EXPECT_EQ(cycle->edges.size(), 2U) << "Thread 3 waits for ever, too, but is not part of the circle";
    EXPECT_EQ(cycle->edges.front().thread, story.a);
}

TEST(FindDeadlock, FindsAnyLengthOfCycle)
{
    for (std::uint32_t n = 1; n <= 7; ++n) {
        MadeTimeline made(10 * ms);
        for (std::uint32_t i = 0; i < n; ++i) {
            made.thread("Philosopher " + std::to_string(i + 1));
            made.lock("Fork " + std::to_string(i + 1));
        }
        for (std::uint32_t i = 0; i < n; ++i) {
            made.held(i, 0, i);
            made.waits(i, (1 + i) * ms, (i + 1) % n);
        }
        const auto cycle = findDeadlock(made.done(false));
        ASSERT_TRUE(cycle.has_value()) << n;
        EXPECT_EQ(cycle->edges.size(), n);
    }
}

TEST(CurrentWaits, EndWhenTheLockIsTaken)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    made.held(x, 0, a);
    made.waits(b, 1 * ms, x);
    made.free(x, 2 * ms);
    made.held(x, 3 * ms, b);
    made.running(a, 0);
    made.running(b, 3 * ms);
    EXPECT_TRUE(currentWaits(made.done(false)).empty());
}

TEST(CurrentWaits, EndWhenTheThreadGivesUp)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    made.held(x, 0, a);
    made.waits(b, 1 * ms, x);
    made.running(b, 2 * ms);
    made.blocked(b, 3 * ms); // while a request stands, a standstill shows as waiting: so it gave up
    EXPECT_TRUE(currentWaits(made.done(false)).empty());
}

TEST(CurrentWaits, NeedALockThatSomebodyHolds)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    made.held(x, 0, a);
    made.free(x, 2 * ms);
    made.waits(b, 1 * ms, x); // let go, not taken yet
    made.running(a, 0);
    EXPECT_TRUE(currentWaits(made.done(false)).empty());
}

TEST(CurrentWaits, SurviveALookAtTheLock)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    made.held(x, 0, a);
    made.running(a, 0);
    made.waits(b, 1 * ms, x);
    made.running(b, 9 * ms, 1); // its wait timed out; it looks and will wait on
    ASSERT_EQ(currentWaits(made.done(false)).size(), 1U);
    EXPECT_EQ(currentWaits(made.timeline).front().holder, a);
}

/// Two Python threads, a GIL and two locks of Python's, as events.
class PythonRun {
public:
    static constexpr Tid kLeft = 101;
    static constexpr Tid kRight = 102;
    static constexpr ObjectId kGil = 1;
    static constexpr ObjectId kA = 2;
    static constexpr ObjectId kB = 3;

    PythonRun()
    {
        Batch batch;
        batch.objects = {
            {kGil, ObjectKind::Gil, 100, "GIL"}, {kA, ObjectKind::Mutex, 100, "A"}, {kB, ObjectKind::Mutex, 100, "B"}};
        batch.names = {{kLeft, 100, "Left", false}, {kRight, 100, "Right", false}};
        m_builder.append(batch);
        on(kLeft, EventKind::SwitchIn, 0, 0);
        on(kRight, EventKind::SwitchIn, 0, 1);
    }
    PythonRun& on(Tid tid, EventKind kind, ObjectId lock = 0, CpuId cpu = kNoCpu, std::uint64_t value = 0)
    {
        m_time += ms;
        Batch batch;
        batch.events = {{m_time, tid, 100, kind, cpu, lock, value}};
        batch.drainedAt = m_time;
        m_builder.append(batch);
        return *this;
    }
    PythonRun& takes(Tid tid, ObjectId lock) { return on(tid, EventKind::LockAcquire, lock); }
    PythonRun& asks(Tid tid, ObjectId lock) { return on(tid, EventKind::LockRequest, lock); }
    PythonRun& letsGo(Tid tid, ObjectId lock) { return on(tid, EventKind::LockRelease, lock); }
    PythonRun& standsStill(Tid tid) { return on(tid, EventKind::SwitchOut, 0, tid == kLeft ? 0 : 1); }
    PythonRun& runs(Tid tid) { return on(tid, EventKind::SwitchIn, 0, tid == kLeft ? 0 : 1); }
    const Timeline& timeline() const { return m_timeline; }

private:
    Timeline m_timeline;
    TimelineBuilder m_builder{m_timeline, {{0, 1}, 100, false}};
    Nanos m_time = 0;
};

TEST(FindDeadlock, OfPythonLocksIsSeenThoughEachThreadTookTheGilAfterItAsked)
{
    constexpr auto kLeft = PythonRun::kLeft;
    constexpr auto kRight = PythonRun::kRight;
    constexpr auto kGil = PythonRun::kGil;
    constexpr auto kA = PythonRun::kA;
    constexpr auto kB = PythonRun::kB;
    PythonRun run;
    run.takes(kLeft, kGil).takes(kLeft, kA).letsGo(kLeft, kGil).takes(kRight, kGil).takes(kRight, kB);
    // Right asks for A, and stands still for it without the GIL.
    run.asks(kLeft, kGil).standsStill(kLeft).asks(kRight, kA).letsGo(kRight, kGil).standsStill(kRight);
    run.runs(kLeft).takes(kLeft, kGil).asks(kLeft, kB);
    EXPECT_FALSE(findDeadlock(run.timeline()).has_value()) << "Left has asked for B, but runs";
    // Left loses the GIL to its switch interval before it comes to wait for B.
    run.letsGo(kLeft, kGil).asks(kLeft, kGil).standsStill(kLeft);
    EXPECT_FALSE(findDeadlock(run.timeline()).has_value()) << "Left waits for the GIL, which it will get";
    run.runs(kLeft).takes(kLeft, kGil).letsGo(kLeft, kGil).standsStill(kLeft);
    const auto cycle = findDeadlock(run.timeline());
    ASSERT_TRUE(cycle.has_value());
    EXPECT_EQ(describe(*cycle, run.timeline()), "Left holds A and waits for B; Right holds B and waits for A.");
}

TEST(FindDeadlock, IsNoneWhereAThreadWaitsForTheGilWithALockInHand)
{
    constexpr auto kLeft = PythonRun::kLeft;
    constexpr auto kRight = PythonRun::kRight;
    constexpr auto kGil = PythonRun::kGil;
    constexpr auto kA = PythonRun::kA;
    PythonRun run;
    run.takes(kLeft, kGil)
        .takes(kLeft, kA)
        .letsGo(kLeft, kGil)
        .takes(kRight, kGil)
        .asks(kLeft, kGil)
        .standsStill(kLeft);
    run.asks(kRight, kA); // Right still holds the GIL, for as long as it takes to begin the wait
    EXPECT_EQ(currentWaits(run.timeline()).size(), 1U) << "Left waits for Right";
    EXPECT_FALSE(findDeadlock(run.timeline()).has_value());
    run.on(kRight, EventKind::SwitchOut, 0, 1, 1); // preempted there: it does not wait yet
    EXPECT_FALSE(findDeadlock(run.timeline()).has_value());
    run.runs(kRight).letsGo(kRight, kGil).standsStill(kRight);
    EXPECT_FALSE(findDeadlock(run.timeline()).has_value()) << "Left waits for a GIL that is free";
    EXPECT_TRUE(std::ranges::all_of(currentWaits(run.timeline()), [&](const WaitEdge& edge) {
        return run.timeline().locks[edge.lock].kind != ObjectKind::Gil; // who waits for Python's lock has no GIL
    }));
}

} // namespace
} // namespace timeslice::wait_for_graph_test
