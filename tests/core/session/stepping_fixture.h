// What tests of Stepping share: its updates one by one, and the process that it steps.
#pragma once

#include "core/session/stepping.h"

#include "core/session/process_tree.h"
#include "tests/core/session/testing.h"
#include "tests/places/places.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
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

using testing::HasSubstr;

inline nlohmann::json workload(int threads, bool locked)
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
    /// The lesson's, or another that is to do the same.
    void startScript(int threads, const std::filesystem::path& interpreter = "/usr/bin/python3",
        std::filesystem::path script = test::resourceFolder() / "scenarios" / "step_it.py")
    {
        VariantSpec variant;
        variant.engine = Engine::CPython;
        variant.python.script = std::move(script);
        variant.python.arguments = {std::to_string(threads), "7"};
        variant.python.interpreter = "cpython>=3.7";
        variant.python.stepped = workload(threads, false);
        RunOptions options;
        options.interpreter = interpreter;
        auto started = Stepping::start(variant, Limits{}, options);
        ASSERT_TRUE(started) << started.error().message;
        m_waiting.clear();
        m_stepping = std::move(*started);
    }
    /// Why a script that does this cannot be stepped.
    std::string whyNot(const std::string& text)
    {
        const std::string path = testing::TempDir() + "stepped_" + std::to_string(getpid()) + ".py";
        std::ofstream(path) << text;
        startScript(2, "/usr/bin/python3", path);
        const auto ended = next<SteppingEnded>();
        m_stepping.reset();
        std::filesystem::remove(path);
        return ended ? ended->why : "";
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
            const std::string name = processLine(pid, "comm");
            if (name == "timeslice-worke" || name.starts_with("python")) { // what the kernel keeps of the name
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
inline void expectAsModelled(const StepJob& job, const Schedule& schedule, const std::vector<StepTaken>& history)
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

#if defined(__x86_64__)
/// Makes one thread of another process leave, and only that one: its next instruction is exit(2).
inline bool endThread(Pid tid)
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
#endif

} // namespace timeslice::stepping_test
