// Stepping a script's threads, each before a bytecode; and what is said of scripts that cannot be stepped.
#include "core/python/interpreter.h"
#include "tests/core/session/stepping_fixture.h"

namespace timeslice::stepping_test {
namespace {

using SteppingScriptTest = SteppingTest;

TEST_F(SteppingScriptTest, StepsTheThreadsOfAScriptUnderEachInterpreterAsTheModelSays)
{
    int tried = 0;
    for (const Interpreter& python : findInterpreters()) {
        if (python.kind != InterpreterKind::CPython || std::pair(python.major, python.minor) < std::pair(3, 7)) {
            continue;
        }
        SCOPED_TRACE(describe(python));
        ++tried;
        startScript(2, python.path);
        const auto texts = next<SteppingTexts>();
        ASSERT_TRUE(texts);
        ASSERT_EQ(texts->steps.size(), 3U);
        EXPECT_EQ(texts->steps[0].instruction, "LOAD_GLOBAL x");
        EXPECT_THAT(texts->steps[1].instruction, testing::StartsWith("BINARY_"));
        EXPECT_EQ(texts->steps[2].instruction, "STORE_GLOBAL x");
        for (const StepText& step : texts->steps) {
            EXPECT_EQ(step.source, "x = x + 1");
            EXPECT_GT(step.line, 0);
        }
        ASSERT_TRUE(next<SteppingAt>());
        const Schedule far{0, 1, 1, 0, 0, 1}; // loses an update
        for (std::size_t length = 1; length <= far.size(); ++length) {
            const Schedule schedule(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(length));
            expectAsModelled(m_stepping->spec().job, schedule, at(schedule));
        }
        for (std::size_t length = far.size(); length-- > 0;) {
            const Schedule back(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(length));
            expectAsModelled(m_stepping->spec().job, back, at(back));
        }
        const Schedule other{1, 1, 1, 0, 0, 0};
        expectAsModelled(m_stepping->spec().job, other, at(other));
    }
    EXPECT_GT(tried, 0);
}

TEST_F(SteppingScriptTest, RunsEveryOrderOfAScriptsThreads)
{
    startScript(2);
    ASSERT_TRUE(next<SteppingAt>());
    at({1});
    m_stepping->runAll();
    const auto all = next<SteppingOutcomes>([](const SteppingOutcomes& update) { return update.complete(); });
    ASSERT_TRUE(all);
    std::map<std::int64_t, std::vector<Schedule>> modelled;
    forEachSchedule(m_stepping->spec().job, [&](const Schedule& schedule, const StepState& end) {
        modelled[end.value()].push_back(schedule);
        return true;
    });
    EXPECT_EQ(all->ends, modelled);
    expectAsModelled(m_stepping->spec().job, {1, 0}, at({1, 0})); // it was there again
}

TEST_F(SteppingScriptTest, UsesNoCoreWhileAScriptsThreadsAreHeld)
{
    startScript(3);
    ASSERT_TRUE(next<SteppingAt>());
    at({2, 0});
    const Pid pid = worker();
    const auto asleep = [pid] { // the one that answered goes on for a moment, to wait for the next order
        const std::vector<std::string> states = threadStates(pid);
        return states.size() >= 4 && std::all_of(states.begin(), states.end(), [](auto& s) { return s == "S"; });
    };
    const Nanos deadline = monotonicNow() + kPatience;
    while (!asleep() && monotonicNow() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(asleep());
}

TEST_F(SteppingScriptTest, SaysThatTheScriptWasKilledAndThatItWasStopped)
{
    startScript(2);
    ASSERT_TRUE(next<SteppingAt>());
    kill(worker(), SIGKILL);
    auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "The threads are gone: their process was killed by signal 9 (killed).");
    startScript(2);
    ASSERT_TRUE(next<SteppingAt>());
    stop(worker());
    ASSERT_TRUE(m_stepping->go({1}));
    ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "Thread 2 has not come back from its step for 5 s: it is stopped, or gets no core.");
}

TEST_F(SteppingScriptTest, SaysWhyAScriptCannotBeStepped)
{
    EXPECT_THAT(whyNot("import nosuchmodule\n"), HasSubstr("No module named 'nosuchmodule'"));
    EXPECT_THAT(whyNot("pass\n"), HasSubstr("The threads are gone: their process"));
    const std::string begin = "import timeslice\n"
                              "nothing = lambda number: (0, 7)\n";
    EXPECT_EQ(whyNot(begin + "timeslice.follow_steps([0], [('A', 1, 'a')] * 2, nothing, nothing)\n"),
        "The script has 1 threads of 2 steps, its lesson says 2 of 3.");
    const std::string unreadable =
        "The script's answers cannot be read: they are not those of timeslice.follow_steps().";
    const std::string says = "import os, time\nos.write(int(os.environ['TIMESLICE_STEPS']), ";
    EXPECT_EQ(whyNot(says + "b'hello\\n')\ntime.sleep(100)\n"), unreadable);
    EXPECT_EQ(whyNot(says + "b'[' * 100000 + b'\\n')\ntime.sleep(100)\n"), "The script's answers are too long.");
    EXPECT_EQ(whyNot(says + "b'{\"threads\": [0, 0], \"steps\": [1, 2, 3]}\\n')\ntime.sleep(100)\n"), unreadable);
    EXPECT_EQ(whyNot("import os, time\nos.close(int(os.environ['TIMESLICE_STEPS']))\ntime.sleep(100)\n"),
        "The script no longer listens to whose step is next.");
    // What is said in the second line is the step of a thread that there is not.
    EXPECT_EQ(
        whyNot(begin + "timeslice.follow_steps([0, 0], [('A', 1, 'a')] * 3, nothing, lambda number: (0, 'seven'))\n"),
        unreadable);
}

TEST_F(SteppingScriptTest, StopsWhileAScriptIsSilent)
{
    const std::string path = testing::TempDir() + "silent_" + std::to_string(getpid()) + ".py";
    std::ofstream(path) << "import time\ntime.sleep(1000)\n";
    startScript(2, "/usr/bin/python3", path);
    m_stepping.reset();
    std::filesystem::remove(path);
}

#if defined(__x86_64__)
TEST_F(SteppingScriptTest, SaysWhichThreadOfAScriptIsGone)
{
    startScript(2);
    ASSERT_TRUE(next<SteppingAt>());
    const Pid pid = worker();
    Pid last = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        last = std::max(last, std::stoi(task.path().filename().string()));
    }
    if (!endThread(last)) {
        GTEST_SKIP() << "this system lets nobody trace a process";
    }
    ASSERT_TRUE(comesToAnEnd(last));
    ASSERT_TRUE(m_stepping->go({1}));
    const auto ended = next<SteppingEnded>();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->why, "Thread 2 is gone: it has ended or was killed, and its step is not taken.");
}
#endif

} // namespace
} // namespace timeslice::stepping_test
