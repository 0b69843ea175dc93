#include "core/analysis/wait_for_graph.h"
#include "tests/core/analysis/made_timeline.h"

#include <gtest/gtest.h>

namespace timeslice {
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

} // namespace
} // namespace timeslice
