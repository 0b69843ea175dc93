// A run that is told to stop ends, whatever it is at, and however its programs behave; and what the system does not
// give is an error, not the program's end.
#include "tests/core/record/refused_call.h"
#include "tests/core/session/run_support.h"

#include "core/session/worker_process.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace timeslice::stop_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A program in place of one of ours, for as long as it lives.
class Impostor {
public:
    Impostor(const char* variable, const std::string& script)
        : m_variable(variable)
    {
        char name[] = "/tmp/timeslice-impostor-XXXXXX";
        const int fd = mkstemp(name);
        m_path = name;
        ::close(fd);
        std::ofstream(m_path) << script;
        chmod(m_path.c_str(), 0700);
        setenv(variable, m_path.c_str(), 1);
    }
    ~Impostor()
    {
        unsetenv(m_variable);
        unlink(m_path.c_str());
    }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;

private:
    const char* m_variable;
    std::string m_path;
};

bool runsBelowUs(const std::string& command)
{
    for (const Pid pid : descendants(getpid())) {
        if (commandLine(pid).find(command) != std::string::npos) {
            return true;
        }
    }
    return false;
}

TEST(StopTest, EndsACalibrationThatHangs)
{
    const Impostor worker("TIMESLICE_WORKER", "#!/bin/sh\nexec sleep 12345\n");
    const Scenario scenario = scenarioOf(R"({"tasks": {"T": {"do": [{"run": "1ms"}]}}})");
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, {});
    ASSERT_TRUE(run) << run.error().message;
    const Nanos deadline = monotonicNow() + kPatience;
    while (!runsBelowUs("sleep 12345") && monotonicNow() < deadline) {
        usleep(1000);
    }
    (*run)->stop();
    const FollowedRun followed = follow(**run, std::make_unique<RunModel>(scenario));
    EXPECT_TRUE(followed.model->stopped());
    EXPECT_FALSE(followed.model->error()) << followed.model->error()->message; // not: it took too long
    run->reset();
    EXPECT_THAT(descendants(getpid()), IsEmpty());
}

/// A guard whose process dies of nothing: as one that sleeps in the kernel for ever. It goes when timeslice lets go.
constexpr const char* kGuardThatCannotKill = R"(#!/usr/bin/python3
import os, signal, socket, struct, sys, time
control = socket.socket(fileno=int(sys.argv[sys.argv.index("--control") + 1]))
pid = os.fork()
if pid == 0:
    control.close()
    time.sleep(1000)
control.send(struct.pack("@Iiiqq", 1, pid, 0, 0, 0)) # a NoticeMessage: Held
while control.recv(64):
    pass
os.kill(pid, signal.SIGKILL)
)";

TEST(StopTest, DoesNotWaitForWhatCannotBeKilled)
{
    const Impostor guard("TIMESLICE_GUARD", kGuardThatCannotKill);
    RunOptions options;
    options.record = false;
    bool asked = false;
    const auto stopOnce = [&](ScenarioRun& running, const FollowedRun& followed) {
        if (!asked && followed.variant().phase == VariantModel::Phase::Running) {
            asked = true;
            running.stop();
        }
    };
    const FollowedRun run = recordCommand({"true"}, options, {0, 64, 0, 0}, stopOnce);
    EXPECT_TRUE(run.model->stopped());
    EXPECT_EQ(run.exit().kind, Exit::Kind::StoppedByUser);
    EXPECT_THAT(run.exit().text, HasSubstr("1 of its processes cannot be killed"));
    EXPECT_GT(::waitpid(-1, nullptr, 0), 0); // the guard went when its line was cut
}

/// What a process says that may not do `calls`: forked, because a filter cannot be taken back.
std::string saidWithout(std::vector<int> calls, const std::function<std::string()>& said)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return "no pipe";
    }
    const pid_t pid = fork();
    if (pid == 0) {
        for (const int call : calls) {
            if (!test::refuseCall(call, EAGAIN)) {
                _exit(1);
            }
        }
        const std::string text = said();
        [[maybe_unused]] const ssize_t n = ::write(ends[1], text.data(), text.size());
        _exit(0);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[512];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    return text;
}

TEST(NoRoomTest, ARunWithoutAThreadIsAnError)
{
    EXPECT_THAT(saidWithout({SYS_clone3, SYS_clone},
                    [] {
                        const auto run = ScenarioRun::start(CommandSpec{{"true"}, {0, 64, 0, 0}}, {});
                        return run ? std::string("started") : run.error().message;
                    }),
        HasSubstr("no thread is left"));
}

TEST(NoRoomTest, AWorkloadWithoutAProcessIsAnErrorAndLeavesNothing)
{
    // posix_spawn() makes the guard with clone3, and the guard's fork() is a clone.
    EXPECT_THAT(saidWithout({SYS_clone},
                    [] {
                        ProcessSpec spec;
                        spec.argv = {"true"};
                        std::string text = "started";
                        if (const auto process = WorkerProcess::spawnHeld(guardProgram(), spec); !process) {
                            text = process.error().message;
                        }
                        return text + (::waitpid(-1, nullptr, WNOHANG) < 0 ? ", nothing is left" : ", something is");
                    }),
        HasSubstr("no process is left for this user (see ulimit -u), nothing is left"));
}

TEST(LivingThreadsTest, CountsWhatIsThereAndNotWhatHasEnded)
{
    ProcessSpec spec;
    spec.argv = {"sh", "-c", "true & sleep 1000 & exec sleep 1000"}; // nobody reaps `true`
    Result<WorkerProcess> process = WorkerProcess::spawnHeld(guardProgram(), spec);
    ASSERT_TRUE(process) << process.error().message;
#ifdef __SANITIZE_THREAD__
    EXPECT_THAT(livingThreads(process->guardPid()), SizeIs(testing::Le(2))); // the runtime has a thread of its own
#else
    EXPECT_THAT(livingThreads(process->guardPid()), SizeIs(1));
#endif
    process->release();
    const auto all = [&] { return descendants(process->guardPid()).size(); };
    const auto living = [&] { return livingThreads(process->guardPid()).size(); };
    const Nanos deadline = monotonicNow() + kPatience;
    while ((all() != 3 || living() != 2) && monotonicNow() < deadline) {
        usleep(1000);
    }
    EXPECT_EQ(all(), 3U);
    EXPECT_EQ(living(), 2U);
}

} // namespace
} // namespace timeslice::stop_test
