// How children ended, as whoever waited for them was told.
#include "tests/core/probe/interpreters.h"

#include <csignal>
#include <gtest/gtest.h>

namespace timeslice::test::reaping_test {
namespace {

class ReapedChildren : public WithEveryInterpreter { };

INSTANTIATE_TEST_SUITE_P(Found, ReapedChildren, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReapedChildren);

std::vector<Reaping> reapedBy(const ProbedRun& run, Pid process)
{
    std::vector<Reaping> found;
    for (const Event& event : run.events) {
        if (event.kind == EventKind::ProcessReaped && event.pid == process) {
            found.push_back(Reaping::fromBits(event.value));
        }
    }
    return found;
}

TEST_P(ReapedChildren, are_known_by_signal_or_code_whatever_function_waits)
{
    const ProbedRun run = python("import os, signal\n"
                                 "def child(end):\n"
                                 "    pid = os.fork()\n"
                                 "    if pid == 0: end(); os._exit(99)\n"
                                 "    print(pid)\n"
                                 "    return pid\n"
                                 "kill = lambda s: lambda: os.kill(os.getpid(), s)\n"
                                 "os.waitpid(child(lambda: os._exit(0)), 0)\n"
                                 "child(lambda: os._exit(3)); os.wait()\n"
                                 "child(kill(signal.SIGTERM)); os.wait3(0)\n"
                                 "os.wait4(child(kill(signal.SIGKILL)), 0)\n"
                                 "p = child(lambda: os._exit(4)); os.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT)\n"
                                 "os.waitid(os.P_PID, p, os.WEXITED)\n"
                                 "p = child(kill(signal.SIGSTOP)); os.waitpid(p, os.WUNTRACED); os.kill(p, 9)\n"
                                 "os.waitid(os.P_PID, p, os.WEXITED)");
    EXPECT_EQ(run.error, "");
    EXPECT_EQ(run.status, 0) << run.err;
    std::vector<Pid> children;
    std::istringstream printed(run.out);
    for (Pid pid = 0; printed >> pid;) {
        children.push_back(pid);
    }
    const std::vector<Reaping> reaped = reapedBy(run, run.pid);
    const std::vector<int> statuses = {0, 3 << 8, SIGTERM, SIGKILL, 4 << 8, SIGKILL};
    ASSERT_EQ(children.size(), statuses.size()) << run.out;
    ASSERT_EQ(reaped.size(), statuses.size()) << "each once: not where it only stopped, not where it was left";
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        EXPECT_EQ(reaped[i].pid, children[i]);
        EXPECT_EQ(reaped[i].status, statuses[i]);
    }
}

TEST_P(ReapedChildren, of_the_standard_modules_are_seen)
{
    const ProbedRun run = python("import subprocess, multiprocessing\n"
                                 "subprocess.run(['sh', '-c', 'exit 5'])\n"
                                 "p = multiprocessing.get_context('fork').Process(target=exit, args=(6,))\n"
                                 "p.start(); p.join()");
    EXPECT_EQ(run.status, 0) << run.err;
    const std::vector<Reaping> reaped = reapedBy(run, run.pid);
    ASSERT_EQ(reaped.size(), 2U);
    EXPECT_EQ(reaped[0].status, 5 << 8);
    EXPECT_EQ(reaped[1].status, 6 << 8);
}

TEST(ReapedByAShell, AreSeenAndTheShellKeepsItsName)
{
    const ProbedRun run = runProbed({"/bin/sh", "-c", "/bin/sh -c 'kill -9 $$'; /bin/sh -c 'exit 7'; true"});
    EXPECT_EQ(run.error, "");
    const std::vector<Reaping> reaped = reapedBy(run, run.pid);
    ASSERT_EQ(reaped.size(), 2U);
    EXPECT_EQ(reaped[0].status, SIGKILL);
    EXPECT_EQ(reaped[1].status, 7 << 8);
    EXPECT_FALSE(run.names.contains(run.pid)) << run.names.at(run.pid);
}

TEST(ReapedChild, LeavesTheCallersStatusAndErrorAlone)
{
    const char* code = "import ctypes, os, signal\n"
                       "libc = ctypes.CDLL(None, use_errno=True)\n"
                       "pid = os.fork()\n"
                       "if pid == 0: os._exit(3)\n"
                       "ctypes.set_errno(77)\n"
                       "print(libc.waitpid(pid, None, 0) == pid, ctypes.get_errno())\n"
                       "print(libc.waitpid(pid, None, 0), ctypes.get_errno())\n";
    if (pythons().empty()) {
        GTEST_SKIP() << "there is no Python";
    }
    const ProbedRun run = runProbed({pythons().front().path, "-c", code});
    EXPECT_EQ(run.out, "True 77\n-1 10\n") << run.err;
}

} // namespace
} // namespace timeslice::test::reaping_test
