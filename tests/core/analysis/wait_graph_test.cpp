#include "core/analysis/lock_moment.h"
#include "core/analysis/wait_graph.h"
#include "tests/core/analysis/made_timeline.h"
#include "tests/core/analysis/random_locking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace timeslice::wait_graph_test {
namespace {

constexpr Nanos ms = kMillisecond;

std::vector<std::uint32_t> allLocks(const Timeline& timeline)
{
    std::vector<std::uint32_t> locks(timeline.locks.size());
    std::iota(locks.begin(), locks.end(), 0U);
    return locks;
}

/// A whole recording of what a random program did.
struct Recorded {
    explicit Recorded(const RandomLocking& run)
    {
        TimelineBuilder builder(timeline, run.options());
        for (const Batch& batch : run.batches()) {
            builder.append(batch);
        }
    }
    Timeline timeline;
};

/// That the graph says of that time what is known to be true at it.
void expectGraph(const Timeline& timeline, const RandomLocking::Moment& moment, Nanos t)
{
    const std::vector<std::uint32_t> locks = allLocks(timeline);
    const WaitGraph graph = waitGraphAt(timeline, locks, t);
    std::size_t held = 0;
    for (std::uint32_t lock = 0; lock < moment.holder.size(); ++lock) {
        const auto edge = std::find_if(
            graph.holds.begin(), graph.holds.end(), [&](const WaitGraph::Edge& e) { return e.use.lock == lock; });
        ASSERT_EQ(edge != graph.holds.end(), moment.holder[lock].has_value()) << "lock " << lock << " at " << t;
        if (moment.holder[lock]) {
            EXPECT_EQ(edge->use.thread, *moment.holder[lock]) << t;
            ++held;
        }
    }
    EXPECT_EQ(graph.holds.size(), held);

    const std::vector<bool> circle = moment.inCircle();
    std::size_t waiting = 0;
    for (std::uint32_t thread = 0; thread < moment.wait.size(); ++thread) {
        const WaitGraph::Edge* edge = graph.waitOf(thread);
        ASSERT_EQ(edge != nullptr, moment.wait[thread].has_value()) << "thread " << thread << " at " << t;
        if (edge == nullptr) {
            continue;
        }
        EXPECT_EQ(edge->use.lock, moment.wait[thread]->lock) << t;
        EXPECT_EQ(edge->since, moment.wait[thread]->since) << t;
        EXPECT_TRUE(!edge->inCycle || circle[thread]) << "thread " << thread << " at " << t;
        ++waiting;
    }
    EXPECT_EQ(graph.waits.size(), waiting);
    EXPECT_EQ(graph.deadlockSince.has_value(), std::find(circle.begin(), circle.end(), true) != circle.end()) << t;
}

TEST(WaitGraph, OfARandomProgramIsRightAtEveryMoment)
{
    std::size_t circles = 0;
    for (unsigned int seed = 1; seed <= 60; ++seed) {
        RandomLocking::Program program;
        program.threads = 2 + seed % 5;
        program.locks = 2 + seed % 4;
        program.steps = 200;
        program.givesUp = seed % 3 == 0;
        const RandomLocking run(program, seed);
        const Recorded recorded(run);
        const auto& moments = run.moments();
        for (std::size_t i = 0; i < moments.size(); ++i) {
            const Nanos next = i + 1 < moments.size() ? moments[i + 1].time : moments[i].time + 2;
            expectGraph(recorded.timeline, moments[i], moments[i].time);
            expectGraph(recorded.timeline, moments[i], moments[i].time + (next - moments[i].time) / 2);
            if (HasFatalFailure() || HasNonfatalFailure()) {
                FAIL() << "seed " << seed;
            }
            const auto circle = moments[i].inCircle();
            circles += std::find(circle.begin(), circle.end(), true) != circle.end() ? 1 : 0;
        }
    }
    EXPECT_GT(circles, 100U) << "else this says nothing about circles";
}

TEST(WaitGraph, SeesNoDeadlockInABusyRunThatGoesOn)
{
    std::size_t waits = 0;
    for (unsigned int seed = 1; seed <= 20; ++seed) {
        RandomLocking::Program program;
        program.threads = 8;
        program.locks = 5;
        program.steps = 2000;
        program.order = RandomLocking::Order::Ascending;
        program.givesUp = seed % 2 == 0;
        const RandomLocking run(program, seed);
        Timeline timeline;
        TimelineBuilder builder(timeline, run.options());
        for (const Batch& batch : run.batches()) { // live: after each event
            builder.append(batch);
            ASSERT_FALSE(findDeadlock(timeline)) << "seed " << seed << " at " << timeline.end;
        }
        for (const RandomLocking::Moment& moment : run.moments()) { // and looked back at
            const WaitGraph graph = waitGraphAt(timeline, allLocks(timeline), moment.time);
            ASSERT_FALSE(graph.deadlockSince) << "seed " << seed << " at " << moment.time;
            waits += graph.waits.size();
        }
    }
    EXPECT_GT(waits, 10'000U) << "it has to be busy";
}

TEST(WaitGraph, AtTheEndIsWhatTheDeadlockFinderReads)
{
    for (unsigned int seed = 1; seed <= 40; ++seed) {
        const RandomLocking run({5, 4, 300}, seed);
        const Recorded recorded(run);
        const WaitGraph graph = waitGraphAt(recorded.timeline, allLocks(recorded.timeline), recorded.timeline.end);
        const auto cycle = findDeadlock(recorded.timeline);
        ASSERT_EQ(graph.deadlockSince.has_value(), cycle.has_value()) << seed;
        if (cycle) {
            EXPECT_EQ(*graph.deadlockSince, cycle->since);
            for (const WaitEdge& edge : cycle->edges) {
                EXPECT_TRUE(graph.waitOf(edge.thread)->inCycle);
            }
        }
    }
}

/// A holds X and waits for Y from 1 ms on; B holds Y and waits for X from 2 ms on; C waits for X from 3 ms on.
struct CrossedLocks {
    MadeTimeline made{10 * ms};
    std::uint32_t a = made.thread("A");
    std::uint32_t b = made.thread("B");
    std::uint32_t c = made.thread("C");
    std::uint32_t idle = made.lock("never awaited");
    std::uint32_t x = made.lock("X");
    std::uint32_t y = made.lock("Y");
    std::uint32_t apart = made.thread("D"); ///< has nothing to do with the others
    std::uint32_t own = made.lock("its own");

    CrossedLocks()
    {
        made.running(a, 0);
        made.running(b, 0, 1);
        made.running(c, 0, 2);
        made.held(x, 0, a);
        made.held(y, 0, b);
        made.held(idle, 0, c);
        made.running(apart, 0, 3);
        made.held(own, 0, apart);
        made.waits(a, 1 * ms, y);
        made.waits(b, 2 * ms, x);
        made.waits(c, 3 * ms, x);
        made.done(false);
    }
};

TEST(WaitGraph, TellsWhichArrowsAreTheCircle)
{
    CrossedLocks story;
    const WaitGraph before = waitGraphAt(story.made.timeline, allLocks(story.made.timeline), 2 * ms - 1);
    EXPECT_FALSE(before.deadlockSince);
    EXPECT_EQ(before.waits.size(), 1U);
    const WaitGraph after = waitGraphAt(story.made.timeline, allLocks(story.made.timeline), 9 * ms);
    EXPECT_EQ(after.deadlockSince, 2 * ms);
    EXPECT_TRUE(after.waitOf(story.a)->inCycle);
    EXPECT_TRUE(after.waitOf(story.b)->inCycle);
    EXPECT_FALSE(after.waitOf(story.c)->inCycle) << "it waits for ever, too, but is not part of the circle";
    for (const WaitGraph::Edge& hold : after.holds) {
        EXPECT_EQ(hold.inCycle, hold.use.lock == story.x || hold.use.lock == story.y);
    }
}

TEST(WaitGraph, OfSomeLocksShowsThoseOnly)
{
    CrossedLocks story;
    const std::uint32_t only[] = {story.y};
    const WaitGraph graph = waitGraphAt(story.made.timeline, only, 9 * ms);
    ASSERT_EQ(graph.holds.size(), 1U);
    EXPECT_EQ(graph.holds.front().use, (LockUse{story.b, story.y}));
    ASSERT_EQ(graph.waits.size(), 1U);
    EXPECT_EQ(graph.waits.front().use, (LockUse{story.a, story.y}));
    EXPECT_FALSE(graph.deadlockSince);
}

TEST(WaitGraph, BeforeTheBeginningIsEmpty)
{
    CrossedLocks story;
    EXPECT_TRUE(waitGraphAt(story.made.timeline, allLocks(story.made.timeline), -1).empty());
}

TEST(WaitAt, KnowsThatALookAtTheLockWasInVain)
{
    MadeTimeline made(10 * ms);
    const auto a = made.thread("A");
    const auto b = made.thread("B");
    const auto x = made.lock("X");
    made.held(x, 0, a);
    made.running(a, 0);
    made.waits(b, 1 * ms, x);
    made.running(b, 3 * ms, 1); // gives up,
    made.blocked(b, 4 * ms); // sleeps
    made.running(b, 5 * ms, 1);
    made.waits(b, 6 * ms, x);
    made.running(b, 7 * ms, 1); // looks,
    made.waits(b, 8 * ms, x); // and waits on
    made.done(false);
    const auto waits = [&](Nanos t) { return waitAt(made.timeline, b, t).has_value(); };
    EXPECT_FALSE(waits(0));
    EXPECT_TRUE(waits(2 * ms));
    EXPECT_FALSE(waits(3 * ms)) << "it was not for the lock that it was woken";
    EXPECT_FALSE(waits(5 * ms));
    EXPECT_TRUE(waits(6 * ms));
    EXPECT_TRUE(waits(7 * ms)) << "it waits on";
    EXPECT_TRUE(waits(9 * ms));
}

TEST(LockUsers, AreTheSameLiveAndLookedBackAt)
{
    for (unsigned int seed = 1; seed <= 20; ++seed) {
        const RandomLocking run({6, 5, 300, RandomLocking::Order::Ascending, seed % 2 == 0}, seed);
        Timeline timeline;
        TimelineBuilder builder(timeline, run.options());
        LockUsers live;
        bool added = false;
        for (const Batch& batch : run.batches()) {
            builder.append(batch);
            added = live.update(timeline) || added;
        }
        EXPECT_TRUE(added);
        LockUsers after;
        after.update(timeline);
        EXPECT_EQ(live.uses(), after.uses()) << seed;
        std::set<LockUse> known;
        for (const RandomLocking::Moment& moment : run.moments()) {
            for (std::uint32_t thread = 0; thread < moment.wait.size(); ++thread) {
                if (moment.wait[thread]) {
                    known.insert({thread, moment.wait[thread]->lock});
                }
            }
        }
        const auto uses = after.uses();
        EXPECT_TRUE(std::all_of(known.begin(), known.end(),
            [&](const LockUse& use) { return std::find(uses.begin(), uses.end(), use) != uses.end(); }));
    }
}

TEST(LockUsers, AreThoseWhoUseALockThatSomebodyWaitedForWithAllThatTheyUse)
{
    CrossedLocks story;
    LockUsers users;
    EXPECT_TRUE(users.update(story.made.timeline));
    EXPECT_EQ(users.contended(), (std::vector<std::uint32_t>{story.y, story.x})) << "as threads are looked at";
    EXPECT_EQ(users.uses(),
        (std::vector<LockUse>{{story.a, story.x}, {story.a, story.y}, {story.b, story.x}, {story.b, story.y},
            {story.c, story.idle}, {story.c, story.x}}));
    EXPECT_FALSE(users.update(story.made.timeline)) << "nothing has come";
}

} // namespace
} // namespace timeslice::wait_graph_test
