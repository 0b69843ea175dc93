// Processes and interpreters within one run: every one has a GIL of its own, and is told apart.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

namespace timeslice::test::processes_test {
namespace {

using testing::SizeIs;

class InEveryProcess : public WithEveryInterpreter { };

INSTANTIATE_TEST_SUITE_P(Found, InEveryProcess, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(InEveryProcess);

TEST_P(InEveryProcess, forks_of_a_thread_have_a_gil_of_their_own)
{
    const ProbedRun run = python("import os, threading\n"
                                 "def fork():\n"
                                 "    if os.fork() == 0: os._exit(sum(range(5)))\n"
                                 "    print(os.waitstatus_to_exitcode(os.wait()[1]))\n"
                                 "t = threading.Thread(target=fork); t.start(); t.join()");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "10\n");
    ASSERT_THAT(run.gils(), SizeIs(2));
    EXPECT_NE(run.gils()[1].pid, run.pid);
    EXPECT_EQ(run.gils()[1].name, "GIL");
    const Pid child = run.gils()[1].pid;
    EXPECT_THAT(run.threadsOf(run.gils()[1].id), testing::ElementsAre(child));
    EXPECT_EQ(run.eventsOf(run.gils()[1].id).front().kind, EventKind::LockAcquire);
    EXPECT_EQ(run.names.at(child), "MainThread");
    for (const Event& event : run.eventsOf(run.gils()[0].id)) {
        EXPECT_EQ(event.pid, run.pid);
    }
}

TEST_P(InEveryProcess, children_of_every_start_method_have_a_gil_of_their_own)
{
    for (const std::string method : {"fork", "forkserver", "spawn"}) {
        SCOPED_TRACE(method);
        // A pool ends its workers at once when it has its results; so each waits until both have got as far as Python.
        const ProbedRun run = python("import multiprocessing\n"
                                     "if __name__ == '__main__':\n"
                                     "    context = multiprocessing.get_context('"
            + method
            + "')\n"
              "    with context.Pool(2, context.Barrier(2).wait) as pool: print(pool.map(abs, range(-5, 0)))");
        EXPECT_EQ(violated(run), "");
        EXPECT_EQ(run.status, 0);
        EXPECT_EQ(run.out, "[5, 4, 3, 2, 1]\n");
        std::set<Pid> processes;
        for (const ObjectBirth& gil : run.gils()) {
            EXPECT_TRUE(processes.insert(gil.pid).second) << "two GILs in process " << gil.pid;
            EXPECT_EQ(gil.name, "GIL");
            for (const Event& event : run.eventsOf(gil.id)) {
                ASSERT_EQ(event.pid, gil.pid);
            }
        }
        EXPECT_GE(processes.size(), method == "fork" ? 3U : 4U); // the others have a resource tracker besides
    }
}

TEST_P(InEveryProcess, programs_that_are_started_find_the_channel)
{
    const ProbedRun run = python("import os, subprocess, sys\n"
                                 "code = 'import time; time.sleep(0.001); print(1)'\n"
                                 "subprocess.run([sys.executable, '-c', code])\n"
                                 "subprocess.run([sys.executable, '-c', code], preexec_fn=lambda: None)\n"
                                 "pid = os.posix_spawn(sys.executable, [sys.executable, '-c', code], os.environ)\n"
                                 "os.waitpid(pid, 0)\n"
                                 "os.system('exec \"' + sys.executable + '\" -c \"' + code + '\"')\n"
                                 "os.execv(sys.executable, [sys.executable, '-c', code])");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "1\n1\n1\n1\n1\n") << run.err;
    EXPECT_THAT(run.gils(), SizeIs(7)); // five programs after the first, and the child that runs preexec_fn
}

std::string interpretersModule(const Python& python)
{
    return python.atLeast(3, 13) ? "_interpreters" : "_xxsubinterpreters";
}

TEST_P(InEveryProcess, sub_interpreters_are_locks_of_their_own_where_they_have_a_gil_of_their_own)
{
    // Where they share it: in the main thread, since 3.11.7 deadlocks in other threads, with the probe and without.
    const std::string start = GetParam().atLeast(3, 12) ? "for t in threads: t.start()\n"
                                                          "for t in threads: t.join()\n"
                                                        : "for t in threads: t.run()\n";
    const ProbedRun run = python("import threading, " + interpretersModule(GetParam())
        + " as interpreters\n"
          "code = '''import time\nend = time.monotonic() + 0.15\nwhile time.monotonic() < end: pass\n'''\n"
          "def work(i):\n"
          "    interpreters.run_string(i, code)\n"
          "    interpreters.destroy(i)\n"
          "threads = [threading.Thread(target=work, args=(interpreters.create(),)) for _ in range(2)]\n"
        + start + "print('done')");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "done\n") << run.err;
    if (!GetParam().atLeast(3, 12)) {
        EXPECT_THAT(run.gils(), SizeIs(1)); // they share it
        return;
    }
    ASSERT_THAT(run.gils(), SizeIs(3));
    EXPECT_EQ(run.gils()[1].name, "GIL 2");
    EXPECT_EQ(run.gils()[2].name, "GIL 3");
    for (std::size_t i = 1; i < 3; ++i) {
        std::string error;
        const std::vector<Hold> holds = holdsOf(run, run.gils()[i].id, error);
        EXPECT_FALSE(holds.back().open()); // it was destroyed
        EXPECT_GE(holds.back().end - holds.front().begin, 150 * kMillisecond);
    }
}

TEST_P(InEveryProcess, sub_interpreters_may_come_and_go_without_end)
{
    if (!GetParam().atLeast(3, 12)) {
        GTEST_SKIP() << "they share one GIL";
    }
    const ProbedRun run = python("import " + interpretersModule(GetParam())
        + " as interpreters\n"
          "for i in range(100): interpreters.destroy(interpreters.create())\n"
          "print('done')");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "done\n") << run.err;
    EXPECT_THAT(run.gils(), SizeIs(101));
    EXPECT_EQ(run.gils().back().name, "GIL 101");
}

} // namespace
} // namespace timeslice::test::processes_test
