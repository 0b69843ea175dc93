// Stepping: real threads of a worker process, stepped from here; and what is said when they are killed.
#include "core/session/stepping.h"

#include "core/session/process_tree.h"
#include "tests/core/session/testing.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <thread>

namespace timeslice::stepping_test {
namespace {

using testing::HasSubstr;

nlohmann::json workload(int threads, bool locked)
{
    const auto program =
        locked ? nlohmann::json{"lock", "load", "add", "store", "unlock"} : nlohmann::json{"load", "add", "store"};
    nlohmann::json stepped{{"program", program}, {"counter", "x"}};
    if (locked) {
        stepped["mutex"] = "L";
    }
    const nlohmann::json event{{"stepped", stepped}};
    return {{"resources", {{"x", {{"type", "counter"}, {"initial", 7}}}, {"L", {{"type", "mutex"}}}}},
        {"tasks", {{"Thread", {{"instance", threads}, {"do", nlohmann::json::array({event})}}}}}};
}

class SteppingTest : public testing::Test {
protected:
    void start(int threads, bool locked = false)
    {
        auto started = Stepping::start(workload(threads, locked), Limits{});
        ASSERT_TRUE(started) << started.error().message;
        m_waiting.clear();
        m_stepping = std::move(*started);
    }
    void TearDown() override
    {
        m_stepping.reset();
        EXPECT_THAT(descendants(getpid()), ElementsAreGuardOnly()) << "nothing is left behind";
    }
    /// Updates until one that is wanted; nothing after kPatience.
    template <class Update>
    std::optional<Update> next(const std::function<bool(const Update&)>& wanted = [](const Update&) { return true; })
    {
        const Nanos deadline = monotonicNow() + kPatience;
        while (monotonicNow() < deadline) {
            while (!m_waiting.empty()) {
                const SteppingUpdate update = std::move(m_waiting.front());
                m_waiting.erase(m_waiting.begin());
                if (const auto* found = std::get_if<Update>(&update); found != nullptr && wanted(*found)) {
                    return *found;
                }
                if (const auto* ended = std::get_if<SteppingEnded>(&update)) {
                    ADD_FAILURE() << ended->why;
                    return std::nullopt;
                }
            }
            pollfd ready{m_stepping->updateFd(), POLLIN, 0};
            ::poll(&ready, 1, 100);
            m_waiting = m_stepping->poll();
        }
        ADD_FAILURE() << "nothing came";
        return std::nullopt;
    }
    /// The threads' history after exactly these steps.
    std::vector<StepTaken> at(const Schedule& schedule)
    {
        const Result<void> went = m_stepping->go(schedule);
        EXPECT_TRUE(went) << went.error().message;
        const auto there =
            next<SteppingAt>([&](const SteppingAt& update) { return update.history.size() == schedule.size(); });
        return there ? there->history : std::vector<StepTaken>();
    }
    Pid worker()
    {
        for (const Pid pid : descendants(getpid())) {
            if (processLine(pid, "comm") == "timeslice-worke") { // what the kernel keeps of the name
                return pid;
            }
        }
        ADD_FAILURE() << "there is no worker";
        return 0;
    }

    /// One letter for each of its threads, as in /proc/PID/stat.
    static std::vector<std::string> threadStates(Pid pid)
    {
        std::vector<std::string> states;
        for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
            const std::string file = "task/" + task.path().filename().string() + "/stat";
            const std::string line = processLine(pid, file.c_str());
            states.push_back(line.substr(line.rfind(')') + 2, 1));
        }
        return states;
    }
    /// Returns when all its threads stand still: the signal alone is on its way.
    static void stop(Pid pid)
    {
        kill(pid, SIGSTOP);
        const Nanos deadline = monotonicNow() + kPatience;
        const auto stands = [pid] {
            const std::vector<std::string> states = threadStates(pid);
            return std::all_of(states.begin(), states.end(), [](const std::string& state) { return state == "T"; });
        };
        while (!stands() && monotonicNow() < deadline) {
            std::this_thread::yield();
        }
        ASSERT_TRUE(stands());
    }

    std::unique_ptr<Stepping> m_stepping;
    std::vector<SteppingUpdate> m_waiting;
};

/// What each step must have told, by the model.
void expectAsModelled(const StepJob& job, const Schedule& schedule, const std::vector<StepTaken>& history)
{
    ASSERT_EQ(history.size(), schedule.size());
    StepState model(job);
    for (std::size_t i = 0; i < schedule.size(); ++i) {
        EXPECT_EQ(history[i].thread, schedule[i]);
        EXPECT_EQ(history[i].kind, model.next(schedule[i]));
        model.step(schedule[i]);
        EXPECT_EQ(history[i].after.value, model.value());
        EXPECT_EQ(history[i].after.registerValue, model.registerOf(schedule[i]).value_or(0));
    }
}

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
/// Makes one thread of another process leave, and only that one: its next instruction is exit(2).
bool endThread(Pid tid)
{
    if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0 || ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr) != 0) {
        return false;
    }
    int status = 0;
    if (waitpid(tid, &status, __WALL) != tid) {
        return false;
    }
    user_regs_struct registers{};
    ptrace(PTRACE_GETREGS, tid, nullptr, &registers);
    constexpr unsigned long long kSyscallInstruction = 2; // bytes: it sleeps in futex(2), the instruction is behind it
    registers.rip -= kSyscallInstruction;
    registers.orig_rax = ~0ULL; // nothing to restart
    registers.rax = SYS_exit;
    registers.rdi = 0;
    ptrace(PTRACE_SETREGS, tid, nullptr, &registers);
    return ptrace(PTRACE_DETACH, tid, nullptr, nullptr) == 0;
}

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
