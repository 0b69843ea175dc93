// Stepping: real threads of a worker process, stepped from here; and what is said when they are killed.
#include "tests/core/session/stepping_fixture.h"

namespace timeslice::stepping_test {
namespace {

TEST_F(SteppingTest, BeginsWithAllThreadsAtTheirFirstGate)
{
    start(2);
    const auto begin = next<SteppingAt>();
    ASSERT_TRUE(begin);
    EXPECT_TRUE(begin->history.empty());
    EXPECT_EQ(m_stepping->spec().names, (std::vector<std::string>{"Thread 1", "Thread 2"}));
}

TEST_F(SteppingTest, TakesTheStepsThatAreAskedForOneAtATime)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    Schedule schedule;
    for (const std::uint8_t thread : Schedule{0, 1, 1, 0, 0, 1}) { // loses an update
        schedule.push_back(thread);
        expectAsModelled(m_stepping->spec().job, schedule, at(schedule));
    }
    EXPECT_EQ(at(schedule).back().after.value, 8);
}

TEST_F(SteppingTest, IsAfterGoingBackAsIfItHadNeverStepped)
{
    for (const bool locked : {false, true}) {
        start(2, locked);
        ASSERT_TRUE(next<SteppingAt>());
        const Schedule far = locked ? Schedule{1, 1, 1} : Schedule{0, 1, 1, 1, 0};
        at(far);
        for (std::size_t length = far.size(); length-- > 0;) {
            const Schedule back(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(length));
            expectAsModelled(m_stepping->spec().job, back, at(back));
        }
        // Another way from the beginning: nothing of the first is left, neither the value nor the lock.
        const Schedule other = locked ? Schedule{0, 0, 0, 0, 0, 1, 1, 1, 1, 1} : Schedule{1, 1, 1, 0, 0, 0};
        expectAsModelled(m_stepping->spec().job, other, at(other));
        EXPECT_EQ(at(other).back().after.value, 9);
    }
}

TEST_F(SteppingTest, RunsEveryOrderOnTheThreadsAndComesToTheEndsOfTheModel)
{
    for (const bool locked : {false, true}) {
        for (const int threads : {1, 2, 3}) {
            start(threads, locked);
            ASSERT_TRUE(next<SteppingAt>());
            const Schedule before{0, 0};
            at(before);
            m_stepping->runAll();
            const auto all = next<SteppingOutcomes>([](const SteppingOutcomes& update) { return update.complete(); });
            ASSERT_TRUE(all);
            std::map<std::int64_t, std::vector<Schedule>> modelled;
            forEachSchedule(m_stepping->spec().job, [&](const Schedule& schedule, const StepState& end) {
                modelled[end.value()].push_back(schedule);
                return true;
            });
            EXPECT_EQ(all->ends, modelled);
            EXPECT_EQ(all->planned, countSchedules(m_stepping->spec().job));
            Schedule further = before;
            further.push_back(0);
            expectAsModelled(m_stepping->spec().job, further, at(further)); // it was there again
        }
    }
}

TEST_F(SteppingTest, LeavesAllOrdersForOneThatComesMeanwhile)
{
    start(3);
    ASSERT_TRUE(next<SteppingAt>());
    m_stepping->runAll();
    expectAsModelled(m_stepping->spec().job, {2}, at({2}));
}

TEST_F(SteppingTest, RefusesAStepOfAThreadThatWaitsOrHasEnded)
{
    start(2, true);
    EXPECT_FALSE(m_stepping->go({0, 1})) << "thread 1 has the lock";
    EXPECT_FALSE(m_stepping->go({0, 0, 0, 0, 0, 0})) << "it has taken all";
    EXPECT_FALSE(m_stepping->go({5}));
    EXPECT_TRUE(m_stepping->go({0, 0}));
}

TEST_F(SteppingTest, UsesNoCoreWhileTheThreadsWaitAtTheirGates)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    at({0});
    const Pid pid = worker();
    EXPECT_THAT(threadStates(pid), testing::AllOf(testing::SizeIs(testing::Ge(3)), testing::Each("S")))
        << "asleep, all of them, a sanitizer's own thread, too";
}

TEST_F(SteppingTest, SaysThatTheProcessOfItsThreadsWasKilled)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    at({0});
    kill(worker(), SIGKILL);
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "The threads are gone: their process was killed by signal 9 (killed).");
    EXPECT_THAT(descendants(getpid()), ElementsAreGuardOnly());
    EXPECT_TRUE(m_stepping->go({0, 1})) << "nobody takes it any more, and nobody waits";
}

TEST_F(SteppingTest, SaysSoAlsoInTheMiddleOfAllOrders)
{
    start(3);
    ASSERT_TRUE(next<SteppingAt>());
    const Pid pid = worker();
    m_stepping->runAll();
    kill(pid, SIGKILL);
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_THAT(ended->why, HasSubstr("was killed by signal 9"));
}

TEST_F(SteppingTest, SaysThatItsGuardWasKilled)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    const Pid pid = worker();
    kill(parentProcess(pid), SIGKILL);
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_THAT(ended->why, HasSubstr("guard"));
    EXPECT_TRUE(comesToAnEnd(pid));
}

#if defined(__x86_64__)
TEST_F(SteppingTest, SaysWhichThreadWasKilledBehindItsGate)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    const Pid pid = worker();
    std::optional<Pid> victim;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        const std::string name = task.path().filename().string();
        if (processLine(pid, ("task/" + name + "/comm").c_str()) == "Thread 2") {
            victim = std::stoi(name);
        }
    }
    ASSERT_TRUE(victim);
    if (!endThread(*victim)) {
        GTEST_SKIP() << "this system lets nobody trace a process";
    }
    ASSERT_TRUE(comesToAnEnd(*victim));
    ASSERT_TRUE(m_stepping->go({1}));
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "Thread 2 is gone: it was killed, and its step is not taken.");
}
#endif

TEST_F(SteppingTest, SaysWhichThreadDoesNotComeBackFromItsStep)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    const Pid pid = worker();
    stop(pid);
    ASSERT_TRUE(m_stepping->go({1}));
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "Thread 2 has not come back from its step for 5 s: it is stopped, or gets no core.");
    EXPECT_TRUE(comesToAnEnd(pid)) << "stopped or not";
}

TEST_F(SteppingTest, StopsInTheMiddleOfAStep)
{
    start(2);
    ASSERT_TRUE(next<SteppingAt>());
    stop(worker()); // a step that does not end
    ASSERT_TRUE(m_stepping->go({0}));
    // TearDown() stops it, and must find nothing left.
}

TEST_F(SteppingTest, StopsBeforeItHasBegun)
{
    start(3);
}

TEST_F(SteppingTest, StopsInTheMiddleOfAllOrders)
{
    start(3);
    ASSERT_TRUE(next<SteppingAt>());
    m_stepping->runAll();
}

TEST(SteppingWorkload, MustBeOneThatIsStepped)
{
    const auto refused = Stepping::start({{"tasks", {{"T", {{"do", {{{"yield", true}}}}}}}}}, Limits{});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "no thread of this workload is stepped");
    EXPECT_EQ(refused.error().kind, ErrorKind::Usage);
}

} // namespace
} // namespace timeslice::stepping_test
