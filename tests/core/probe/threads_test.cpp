// Threads that come, go, are killed, and say who they are.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

namespace timeslice::test::threads_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class InEveryThread : public WithEveryInterpreter { };

INSTANTIATE_TEST_SUITE_P(Found, InEveryThread, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(InEveryThread);

TEST_P(InEveryThread, two_hundred_are_told_apart)
{
    const ProbedRun run = python("import threading, hashlib\n"
                                 "def work():\n"
                                 "    for i in range(5): hashlib.sha256(bytes(10000)).digest()\n"
                                 "threads = [threading.Thread(target=work) for _ in range(200)]\n"
                                 "for t in threads: t.start()\n"
                                 "for t in threads: t.join()");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.status, 0);
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), SizeIs(201));
    std::set<std::string> names;
    for (const auto& [tid, name] : run.names) {
        names.insert(name);
    }
    EXPECT_THAT(names, SizeIs(201));
    const std::string last = GetParam().atLeast(3, 14) ? "Thread-200 (wor" // all that 3.14 tells the system
        : GetParam().atLeast(3, 10)                    ? "Thread-200 (work)"
                                                       : "Thread-200";
    EXPECT_EQ(names.count(last), 1U);
}

TEST_P(InEveryThread, daemons_leave_nothing_half_open_at_exit)
{
    const ProbedRun run = python("import threading, time\n"
                                 "def spin():\n"
                                 "    while True: pass\n"
                                 "def nap():\n"
                                 "    while True: time.sleep(0.0005)\n"
                                 "for target in (spin, spin, nap, nap):\n"
                                 "    threading.Thread(target=target, daemon=True).start()\n"
                                 "time.sleep(0.05)\n"
                                 "print('end')");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "end\n");
}

TEST_P(InEveryThread, a_killed_program_leaves_what_it_did_until_then)
{
    const ProbedRun run = python("import os, signal, threading, time\n"
                                 "def spin():\n"
                                 "    while True: pass\n"
                                 "for i in range(2): threading.Thread(target=spin).start()\n"
                                 "time.sleep(0.1)\n"
                                 "os.kill(os.getpid(), signal.SIGKILL)");
    EXPECT_EQ(violated(run), "");
    EXPECT_TRUE(WIFSIGNALED(run.status) && WTERMSIG(run.status) == SIGKILL);
    ASSERT_THAT(run.gils(), SizeIs(1));
    std::string error;
    const std::vector<Hold> holds = holdsOf(run, run.gils()[0].id, error);
    ASSERT_THAT(holds, testing::Not(IsEmpty()));
    EXPECT_TRUE(holds.back().open());
    EXPECT_EQ(holds.back().tid, run.pid); // it killed itself, so it held the GIL
}

TEST_P(InEveryThread, signals_break_nothing)
{
    // The count ends it, not a time: how often the main thread comes to run a handler depends on the machine.
    const ProbedRun run = python("import signal, threading\n"
                                 "count = 0\n"
                                 "def handler(*_):\n"
                                 "    global count; count += 1\n"
                                 "signal.signal(signal.SIGALRM, handler)\n"
                                 "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
                                 "def spin():\n"
                                 "    while count < 20: pass\n"
                                 "threads = [threading.Thread(target=spin) for i in range(2)]\n"
                                 "for thread in threads: thread.start()\n"
                                 "for thread in threads: thread.join()\n"
                                 "signal.setitimer(signal.ITIMER_REAL, 0)\n"
                                 "print('end')");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "end\n");
}

TEST_P(InEveryThread, scripts_can_name_it_and_record_events)
{
    const ProbedRun run =
        python("import ctypes, time\n"
               "api = ctypes.PyDLL(None)\n"
               "api.timeslice_probe_now.restype = ctypes.c_int64\n"
               "api.timeslice_probe_event.argtypes = [ctypes.c_int, ctypes.c_uint32, ctypes.c_uint64]\n"
               "print(api.timeslice_probe_version(), api.timeslice_probe_active())\n"
               "a = time.monotonic_ns(); b = api.timeslice_probe_now(); c = time.monotonic_ns()\n"
               "print(a <= b <= c)\n"
               "api.timeslice_probe_name_thread('caf\\u00e9'.encode())\n"
               "mine = api.timeslice_probe_object(1, b'my lock', 0)\n"
               "shared = api.timeslice_probe_object(3, b'hits', 1)\n"
               "print(api.timeslice_probe_object(99, b'no such kind', 0), api.timeslice_probe_object(1, None, 0))\n"
               "api.timeslice_probe_event(17, mine, 0)\n"
               "api.timeslice_probe_event(18, mine, 0)\n"
               "api.timeslice_probe_event(49, shared, 2**63)\n"
               "for kind in (1, 4, -5, 0, 70000): api.timeslice_probe_event(kind, 0, 0)\n"); // no program's to send
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "1 1\nTrue\n0 0\n") << run.err;
    ASSERT_THAT(run.objects, SizeIs(3));
    EXPECT_EQ(run.objects[1].kind, ObjectKind::Mutex);
    EXPECT_EQ(run.objects[1].name, "my lock");
    EXPECT_EQ(run.objects[1].pid, run.pid);
    EXPECT_EQ(run.objects[2].pid, 0);
    EXPECT_EQ(run.names.at(run.pid), "caf\u00e9");
    EXPECT_EQ(countOf(run, run.objects[1].id, EventKind::LockAcquire), 1U);
    EXPECT_EQ(countOf(run, run.objects[1].id, EventKind::LockRelease), 1U);
    const std::vector<Event> counted = run.eventsOf(run.objects[2].id);
    ASSERT_THAT(counted, SizeIs(1));
    EXPECT_EQ(counted[0].value, std::uint64_t{1} << 63);
    EXPECT_TRUE(run.eventsOf(0).empty());
}

TEST_P(InEveryThread, has_the_name_that_the_program_gives_it)
{
    // CPython 3.14 and later passes threading's names on to the system, up to 15 bytes; before, a program can.
    const std::string itself = GetParam().atLeast(3, 14) ? "" : "    say('the r\u00e9ader')\n";
    const ProbedRun run = python("import ctypes, threading\n"
                                 "system = ctypes.PyDLL(None)\n"
                                 "system.pthread_self.restype = ctypes.c_void_p\n"
                                 "system.pthread_setname_np.argtypes = [ctypes.c_void_p, ctypes.c_char_p]\n"
                                 "def say(name): system.pthread_setname_np(system.pthread_self(), name.encode())\n"
                                 "def read():\n"
        + itself
        + "    pass\n"
          "def scripted():\n"
          "    system.timeslice_probe_name_thread(b'by the script')\n"
          "    say('by the system')\n"
          "for target in (read, scripted):\n"
          "    thread = threading.Thread(target=target, name='the r\u00e9ader')\n"
          "    thread.start(); thread.join()");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.status, 0) << run.err;
    std::multiset<std::string> names;
    for (const auto& [tid, name] : run.names) {
        names.insert(name);
    }
    EXPECT_THAT(names, testing::UnorderedElementsAre("MainThread", "the r\u00e9ader", "by the script"));
}

} // namespace
} // namespace timeslice::test::threads_test
