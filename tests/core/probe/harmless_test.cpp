// What the probe must not change: everything that a program does.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>
#include <set>
#include <sys/stat.h>

namespace timeslice::test::harmless_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string ending(int status)
{
    return WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                             : "signal " + std::to_string(WTERMSIG(status));
}

/// Runs it under the probe and without, and expects to see no difference. Returns the run under the probe.
ProbedRun sameWithAndWithout(const std::vector<std::string>& command, const ProbedOptions& options = {})
{
    ProbedOptions plain = options;
    plain.probe = false;
    const ProbedRun without = runProbed(command, plain);
    ProbedRun with = runProbed(command, options);
    EXPECT_EQ(with.error, "");
    EXPECT_EQ(ending(with.status), ending(without.status));
    EXPECT_EQ(with.out, without.out);
    EXPECT_EQ(with.err, without.err);
    return with;
}

struct Script {
    const char* name;
    const char* code;
    const char* ending; ///< what it is there for
};

void PrintTo(const Script& script, std::ostream* out)
{
    *out << script.ending;
}

const Script kScripts[] = {
    {"ends", "print('hello')", "exit 0"},
    {"raises", "def f(): return 1 / 0\nf()", "exit 1"},
    {"raises_in_a_thread",
        "import threading\n"
        "threading.excepthook = lambda args: print(args.exc_type, args.exc_value)\n"
        "t = threading.Thread(target=lambda: {}['x']); t.start(); t.join()",
        "exit 0"},
    {"has_a_syntax_error", "print('a'\nfor", "exit 1"},
    {"exits", "import sys; sys.exit(3)", "exit 3"},
    {"exits_with_a_message", "import sys; sys.exit('sorry')", "exit 1"},
    {"leaves_at_once",
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "os._exit(4)",
        "exit 4"},
    {"leaves_from_a_thread",
        "import os, threading\n"
        "t = threading.Thread(target=os._exit, args=(5,)); t.start(); t.join()",
        "exit 5"},
    {"kills_itself", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal 9"},
    {"aborts", "import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()", "signal 6"},
    {"crashes",
        "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "ctypes.string_at(0)",
        "signal 11"},
    {"is_interrupted",
        "import os, signal, threading\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n"
        "    threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "    while True: pass\n"
        "except KeyboardInterrupt: print('interrupted')",
        "exit 0"},
    {"deadlocks",
        "import os, signal, threading\n"
        "a, b, ready = threading.Lock(), threading.Lock(), threading.Barrier(2)\n"
        "def work(x, y):\n"
        "    with x:\n"
        "        ready.wait()\n"
        "        y.acquire()\n"
        "for pair in ((a, b), (b, a)): threading.Thread(target=work, args=pair, daemon=True).start()\n"
        "signal.alarm(1)\n"
        "a.acquire() and threading.Event().wait()",
        "signal 14"},
    {"recurses_too_deep", "def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError: print('deep')", "exit 0"},
    {"reads_its_input", "import sys; print(sys.stdin.read().upper())", "exit 0"},
    {"writes_much", "import sys\nfor i in range(20000): print(i); i % 100 or print(i, file=sys.stderr)", "exit 0"},
    {"forks_in_a_thread",
        "import os, sys, threading\n"
        "def fork():\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        t = threading.Thread(target=print, args=('child',)); t.start(); t.join()\n"
        "        sys.stdout.flush(); os._exit(6)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
        "t = threading.Thread(target=fork); t.start(); t.join()",
        "exit 0"},
    {"handles_exit",
        "import atexit, threading\n"
        "atexit.register(print, 'atexit')\n"
        "done = threading.Event()\n"
        "threading.Thread(target=lambda: (done.wait(), print('thread'))).start()\n"
        "done.set()",
        "exit 0"},
    {"uses_a_pool",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: print(sum(pool.map(lambda x: x * x, range(500))))",
        "exit 0"},
    {"looks_at_its_descriptors",
        "import os\n"
        "print(sorted(int(fd) for fd in os.listdir('/proc/self/fd')))",
        "exit 0"},
    {"looks_at_its_signals",
        "import signal\n"
        "print(sorted((s.name, str(signal.getsignal(s))) for s in signal.valid_signals() if hasattr(s, 'name')))\n"
        "print(signal.pthread_sigmask(signal.SIG_BLOCK, []))",
        "exit 0"},
};

/// Each script, with every interpreter.
class UnderTheProbe : public testing::TestWithParam<Script> { };

INSTANTIATE_TEST_SUITE_P(AProgram, UnderTheProbe, testing::ValuesIn(kScripts),
    [](const testing::TestParamInfo<Script>& tested) { return std::string(tested.param.name); });

TEST_P(UnderTheProbe, ends_and_says_what_it_does_without)
{
    const Script& script = GetParam();
    if (pythons().empty()) {
        GTEST_SKIP() << "no CPython here";
    }
    for (const Python& python : pythons()) {
        SCOPED_TRACE(python.path);
        // Warnings: the one about fork() among threads names the process.
        const ProbedRun run = sameWithAndWithout(
            {python.path, "-c", script.code}, {.environment = {{"PYTHONWARNINGS", "ignore"}}, .input = "some input\n"});
        EXPECT_EQ(ending(run.status), script.ending);
        EXPECT_EQ(violated(run), "");
        EXPECT_THAT(run.gils(), Not(IsEmpty()));
    }
}

TEST(Probe, is_no_part_of_programs_without_a_gil)
{
    for (const std::string command : {"ls -l /proc/self/fd | awk '{print $9, $10}' | sed -E 's/[0-9]{3,}/N/g'",
             "grep -c timeslice-channel /proc/self/maps", "(sleep 0.01; exit 3) & wait $!"}) {
        const ProbedRun run = sameWithAndWithout({"/bin/sh", "-c", command});
        EXPECT_THAT(run.objects, IsEmpty()) << command;
        EXPECT_THAT(run.names, IsEmpty()) << command;
        for (const Event& event : run.events) { // how its children ended is all that it tells
            EXPECT_EQ(event.kind, EventKind::ProcessReaped) << command;
        }
    }
}

TEST(Probe, needs_nothing_but_the_c_library_and_offers_nothing_but_its_interface)
{
    if (std::system("command -v readelf >/dev/null") != 0) {
        GTEST_SKIP() << "needs readelf (package binutils)";
    }
    const ProbedRun needed = runProbed({"/bin/sh", "-c",
                                           "readelf -d \"$0\" | grep NEEDED; readelf --dyn-syms -W \"$0\" | awk "
                                           "'$7 != \"UND\" && NR > 3 {print $8}' | sort",
                                           probeLibrary()},
        {.probe = false});
    const std::set<std::string> startsPrograms{"execl", "execle", "execlp", "execv", "execve", "execveat", "execvp",
        "execvpe", "fexecve", "popen", "posix_spawn", "posix_spawnp", "system"};
    const std::set<std::string> waitsForThem{"wait", "wait3", "wait4", "waitid", "waitpid"};
    std::istringstream lines{needed.out};
    std::string line;
    std::size_t libraries = 0;
    while (std::getline(lines, line)) {
        if (line.find("NEEDED") != std::string::npos) {
            ++libraries;
            EXPECT_THAT(line, HasSubstr("[libc.so.")) << line;
        } else if (!line.empty()) {
            const bool processes = startsPrograms.contains(line) || waitsForThem.contains(line);
            EXPECT_TRUE(processes || line.rfind("pthread_", 0) == 0 || line.rfind("timeslice_probe_", 0) == 0) << line;
        }
    }
    EXPECT_EQ(libraries, 1U);
}

TEST(Probe, does_no_harm_where_the_channel_is_not_to_be_had)
{
    if (pythons().empty()) {
        GTEST_SKIP() << "no CPython here";
    }
    char folder[] = "/tmp/timeslice-probe-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const std::string base = folder;
    ASSERT_EQ(mkfifo((base + "/fifo").c_str(), 0600), 0);
    std::ofstream(base + "/text") << std::string(10000, 'x');
    std::ofstream(base + "/empty").close();
    const std::string code = "import threading, time\n"
                             "t = threading.Thread(target=time.sleep, args=(0.01,)); t.start(); t.join()\n"
                             "import ctypes; api = ctypes.PyDLL(None)\n"
                             "if hasattr(api, 'timeslice_probe_active'):\n"
                             "    assert api.timeslice_probe_active() == 0\n"
                             "    assert api.timeslice_probe_object(1, b'lock', 0) == 0\n"
                             "    api.timeslice_probe_event(18, 1, 0)\n"
                             "    api.timeslice_probe_name_thread(b'name')\n"
                             "print('done')";
    for (const std::string& path :
        {base + "/missing", base + "/fifo", base + "/text", base + "/empty", base, std::string("/dev/null")}) {
        SCOPED_TRACE(path);
        const ProbedRun run = sameWithAndWithout({pythons()[0].path, "-c", code}, {.channelPath = path});
        EXPECT_EQ(run.out, "done\n");
        EXPECT_THAT(run.events, IsEmpty());
    }
    std::filesystem::remove_all(folder);
}

TEST(Probe, counts_what_it_has_no_room_for)
{
    if (pythons().empty()) {
        GTEST_SKIP() << "no CPython here";
    }
    const std::string threads = "import threading, time\n"
                                "all = threading.Barrier(20)\n"
                                "threads = [threading.Thread(target=all.wait) for _ in range(20)]\n"
                                "for t in threads: t.start()\n"
                                "for t in threads: t.join()\n"
                                "print('done')";
    const ProbedRun rings = sameWithAndWithout(
        {pythons()[0].path, "-c", threads}, {.geometry = {.rings = 4, .ringCapacity = 1U << 12, .objects = 16}});
    EXPECT_EQ(rings.out, "done\n");
    EXPECT_THAT(rings.names, SizeIs(testing::Ge(4U)));
    EXPECT_EQ(rings.lost.threadsWithoutRing, 17U);
    EXPECT_GE(rings.lost.channel, 17U);

    const std::string forks = "import os\n"
                              "for i in range(4):\n"
                              "    if os.fork() == 0: os._exit(0)\n"
                              "    os.wait()\n"
                              "print('done')";
    const ProbedRun objects = sameWithAndWithout(
        {pythons()[0].path, "-c", forks}, {.geometry = {.rings = 64, .ringCapacity = 1U << 12, .objects = 3}});
    EXPECT_EQ(objects.out, "done\n");
    EXPECT_THAT(objects.gils(), SizeIs(2));
    EXPECT_EQ(objects.lost.channel, 3U);

    const ProbedRun events = sameWithAndWithout(
        {pythons()[0].path, "-c", threads}, {.geometry = {.rings = 64, .ringCapacity = 1, .objects = 16}});
    EXPECT_EQ(events.out, "done\n");
}

} // namespace
} // namespace timeslice::test::harmless_test
