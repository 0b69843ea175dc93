// What the probe takes of the memory of a program: little, in proportion to the threads alive, and never so much that
// the program fails for it.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <array>
#include <gtest/gtest.h>

namespace timeslice::test::footprint_test {
namespace {

using testing::SizeIs;

constexpr long kMiB = 1024; // in KiB, as /proc/PID/status has it

class Footprint : public WithEveryInterpreter { };

INSTANTIATE_TEST_SUITE_P(Found, Footprint, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Footprint);

struct Memory {
    long size = 0; ///< KiB
    long locked = 0;
    long resident = 0; ///< at most so far
    long mappings = 0;
};

/// join() returns when a thread is done with Python, which is before it has ended and its ring is gone.
constexpr const char* kWaitForThreads = "def wait_for_threads():\n"
                                        "    while len(os.listdir('/proc/self/task')) > 1: time.sleep(0.001)\n";

/// Alone, with so many threads alive, and alone again.
std::array<Memory, 3> memoryOf(const Python& python, int threads, bool locked, bool probe)
{
    const ProbedRun run =
        runProbed({python.path, "-c",
                      "import ctypes, os, threading, time\n" + std::string(kWaitForThreads)
                          + "def look():\n"
                            "    status = dict(l.split(':', 1) for l in open('/proc/self/status'))\n"
                            "    maps = sum(1 for _ in open('/proc/self/maps'))\n"
                            "    print(*(status[k].split()[0] for k in ('VmSize', 'VmLck', 'VmHWM')), maps)\n"
                            "threading.stack_size(1 << 18)\n"
                            "look()\n"
                          + std::string(locked ? "assert ctypes.CDLL(None).mlockall(3) == 0\n" : "")
                          + "arrived = threading.Barrier(" + std::to_string(threads + 1)
                          + ")\n"
                            "go_on = threading.Barrier("
                          + std::to_string(threads + 1)
                          + ")\n"
                            "def work(): arrived.wait(); go_on.wait()\n"
                            "all = [threading.Thread(target=work) for _ in range("
                          + std::to_string(threads)
                          + ")]\n"
                            "for t in all: t.start()\n"
                            "arrived.wait(); look(); go_on.wait()\n"
                            "for t in all: t.join()\n"
                            "wait_for_threads(); look()"},
            {.probe = probe,
                .environment = {{"MALLOC_ARENA_MAX", "1"}},
                .geometry = {.rings = 1U << 20, .ringCapacity = 1U << 14, .objects = 1U << 16}});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.lost.total(), 0U);
    std::array<Memory, 3> memory;
    std::istringstream lines{run.out};
    for (Memory& at : memory) {
        lines >> at.size >> at.locked >> at.resident >> at.mappings;
    }
    EXPECT_TRUE(lines) << run.out;
    return memory;
}

TEST_P(Footprint, is_a_mebibyte_and_little_more_than_half_of_one_for_each_thread_alive)
{
    constexpr int kThreads = 30;
    const std::array<Memory, 3> without = memoryOf(GetParam(), kThreads, false, false);
    const std::array<Memory, 3> with = memoryOf(GetParam(), kThreads, false, true);
    const std::array<int, 3> threads{1, kThreads + 1, 1};
    for (std::size_t i = 0; i < 3; ++i) {
        SCOPED_TRACE(i);
        EXPECT_LE(with[i].size - without[i].size, kMiB + threads[i] * 6 * kMiB / 10);
        EXPECT_EQ(with[i].locked, 0);
        EXPECT_LE(with[i].mappings - without[i].mappings, 12 + threads[i]); // 12: the library's own, and two
    }
    EXPECT_LE(with[1].resident - without[1].resident, 2 * kMiB + (kThreads + 1) * kMiB / 4);
}

TEST_P(Footprint, is_not_locked_into_memory_with_the_program)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "may not lock as much as a program is large";
    }
    constexpr int kThreads = 8;
    const std::array<Memory, 3> without = memoryOf(GetParam(), kThreads, true, false);
    const std::array<Memory, 3> with = memoryOf(GetParam(), kThreads, true, true);
    for (std::size_t i = 1; i < 3; ++i) {
        EXPECT_GT(with[i].locked, 0);
        EXPECT_LE(with[i].locked - without[i].locked, kMiB + kMiB / 2); // the library's, and the first thread's
    }
}

TEST_P(Footprint, leaves_a_program_what_it_limits_itself_to)
{
    const ProbedRun run = python("import resource, threading\n"
                                 "M = 1 << 20\n"
                                 "resource.setrlimit(resource.RLIMIT_AS, (1024 * M, 1024 * M))\n"
                                 "b = bytearray(200 * M)\n"
                                 "t = threading.Thread(target=lambda: bytearray(50 * M)); t.start(); t.join()\n"
                                 "print('fine', len(b) // M)",
        {.geometry = {.rings = 1U << 20, .ringCapacity = 1U << 14, .objects = 1U << 16}});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "fine 200\n") << run.err;
    EXPECT_EQ(violated(run), "");
    EXPECT_THAT(run.threadsOf(run.gils().at(0).id), SizeIs(2));
}

TEST_P(Footprint, a_thread_that_is_refused_the_memory_for_it_runs_and_is_counted)
{
    const ProbedRun run = python("import os, resource, threading, time\n" + std::string(kWaitForThreads)
            + "threading.stack_size(1 << 16)\n"
              "def work(): time.sleep(0.001)\n"
              "t = threading.Thread(target=work); t.start(); t.join(); wait_for_threads()\n"
              "size = int(next(l for l in open('/proc/self/status') if 'VmSize' in l).split()[1])\n"
              "limit = (size + 300) << 10\n"
              "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
              "t = threading.Thread(target=work); t.start(); t.join()\n"
              "print('done')",
        {.environment = {{"MALLOC_ARENA_MAX", "1"}},
            .geometry = {.rings = 64, .ringCapacity = 1U << 14, .objects = 64}});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.out, "done\n") << run.err;
    EXPECT_EQ(run.lost.threadsWithoutMemory, 1U);
    EXPECT_EQ(run.lost.threadsWithoutRing, 0U);
    EXPECT_GT(run.lost.channel, 0U);
}

TEST_P(Footprint, more_threads_than_rings_one_after_another_are_all_recorded)
{
    const ProbedRun run = python("import threading\n"
                                 "for i in range(4600):\n"
                                 "    t = threading.Thread(target=int); t.start(); t.join()\n"
                                 "print(i)",
        {.geometry = {.rings = 4096, .ringCapacity = 1U << 14, .objects = 16}});
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.out, "4599\n") << run.err;
    EXPECT_EQ(run.lost.total(), 0U);
    EXPECT_EQ(run.lost.threadsWithoutRing, 0U);
    std::set<Tid> threads;
    for (const auto& [tid, name] : run.names) {
        threads.insert(tid);
    }
    EXPECT_THAT(run.threadsOf(run.gils().at(0).id), testing::Eq(threads));
    EXPECT_GT(threads.size(), 4096U); // more than rings; the system may give a number twice
}

TEST_P(Footprint, programs_that_become_others_need_one_ring_after_the_other)
{
    if (!GetParam().atLeast(3, 10)) {
        GTEST_SKIP() << "has no sys.orig_argv";
    }
    const ProbedRun run = python("import os, sys\n"
                                 "left = int(os.environ.get('LEFT', '30'))\n"
                                 "os.environ['LEFT'] = str(left - 1)\n"
                                 "if left: os.execv(sys.executable, sys.orig_argv)\n"
                                 "print('done')",
        {.geometry = {.rings = 8, .ringCapacity = 1U << 14, .objects = 64}});
    EXPECT_EQ(run.out, "done\n") << run.err;
    EXPECT_THAT(run.gils(), SizeIs(31));
    EXPECT_EQ(run.lost.total(), 0U);
}

TEST_P(Footprint, threads_are_recorded_after_the_program_has_locked_itself_in)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "may not change root";
    }
    char folder[] = "/tmp/timeslice-root-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const ProbedRun run = python("import encodings.idna, os, threading, time\n"
                                 "def work(): time.sleep(0.001)\n"
                                 "os.closerange(3, 1000)\n"
                                 "os.chroot('"
        + std::string(folder)
        + "'); os.chdir('/')\n"
          "os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
          "threads = [threading.Thread(target=work) for _ in range(5)]\n"
          "for t in threads: t.start()\n"
          "for t in threads: t.join()\n"
          "print('done')");
    rmdir(folder);
    EXPECT_EQ(run.out, "done\n") << run.err;
    EXPECT_EQ(violated(run), "");
    EXPECT_THAT(run.threadsOf(run.gils().at(0).id), SizeIs(6));
}

TEST_P(Footprint, a_forked_childs_thread_has_not_been_named_by_the_script)
{
    const ProbedRun run = python("import ctypes, os\n"
                                 "api = ctypes.PyDLL(None)\n"
                                 "api.pthread_self.restype = ctypes.c_void_p\n"
                                 "api.pthread_setname_np.argtypes = [ctypes.c_void_p, ctypes.c_char_p]\n"
                                 "api.timeslice_probe_name_thread(b'parent')\n"
                                 "if os.fork() == 0:\n"
                                 "    api.pthread_setname_np(api.pthread_self(), b'child')\n"
                                 "    os._exit(0)\n"
                                 "os.wait()");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(2));
    EXPECT_EQ(run.names.at(run.pid), "parent");
    EXPECT_EQ(run.names.at(run.gils()[1].pid), "child");
}

} // namespace
} // namespace timeslice::test::footprint_test
