// Threads are called what the script calls them, without a line in the script.
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

namespace timeslice::test::thread_names_test {
namespace {

constexpr std::size_t kRing = 40; // bytes that a ring has for a name
constexpr std::size_t kSystem = 15; // bytes that CPython 3.14 and later tells the system

/// Each thread says "TID NAME".
const std::string kSaysItsName = R"(
import os, sys, threading, time, _thread
def say():
    sys.stdout.write("%d %s\n" % (threading.get_native_id(), threading.current_thread().name))
    sys.stdout.flush()
def run(*threads):
    for t in threads: t.start()
    for t in threads: t.join()
)";

std::map<Tid, std::string> said(const ProbedRun& run)
{
    std::map<Tid, std::string> names;
    std::istringstream lines(run.out);
    Tid tid = 0;
    std::string name;
    while (lines >> tid && std::getline(lines >> std::ws, name)) {
        names[tid] = name;
    }
    return names;
}

class ThreadNames : public WithEveryInterpreter {
protected:
    ProbedRun saying(const std::string& program) const
    {
        // 3.12 and later warn of a fork beside a thread that has been joined, and is not quite gone.
        ProbedRun run = python(kSaysItsName + program, {.environment = {{"PYTHONWARNINGS", "ignore"}}});
        EXPECT_EQ(run.error, "");
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_EQ(run.err, "");
        return run;
    }

    /// That each thread's track has the name that the thread has said.
    std::set<std::string> expectNamesAsSaid(const ProbedRun& run) const
    {
        const std::size_t room = GetParam().atLeast(3, 14) ? kSystem : kRing;
        std::set<std::string> names;
        for (const auto& [tid, name] : said(run)) {
            const auto track = run.names.find(tid);
            EXPECT_TRUE(track != run.names.end()) << name;
            if (track != run.names.end()) {
                EXPECT_EQ(track->second, name.substr(0, room));
            }
            names.insert(name);
        }
        return names;
    }
};

TEST_P(ThreadNames, AreThoseOfThreadsOfEveryKind)
{
    const ProbedRun run = saying(R"(
from concurrent.futures import ThreadPoolExecutor
class Own(threading.Thread):
    def __init__(self): super().__init__(name="own run")
    def run(self): say()
class OwnStart(threading.Thread):
    def start(self): return super().start()
late = threading.Thread(target=say)
late.name = "named late"
timer = threading.Timer(0, say)
timer.name = "timer"
run(threading.Thread(target=say), threading.Thread(target=say, name="by argument"), Own(),
    OwnStart(target=say, name="own start"), late, timer, threading.Thread(target=say, daemon=True, name="daemon"),
    threading.Thread(target=say, name="\u00fcmlaut"))
with ThreadPoolExecutor(2) as pool:
    for task in [pool.submit(say) for _ in range(4)]: task.result()
)");
    const std::set<std::string> names = expectNamesAsSaid(run);
    for (const char* name : {"by argument", "own run", "own start", "named late", "timer", "daemon", "\u00fcmlaut",
             "ThreadPoolExecutor-0_0"}) {
        EXPECT_TRUE(names.contains(name)) << name;
    }
}

TEST_P(ThreadNames, AreThoseOfThreadsThatThreadsMakeAndOfChildren)
{
    const ProbedRun run = saying(R"(
def more(): run(*[threading.Thread(target=say, name="inner %d" % i) for i in range(3)])
run(*[threading.Thread(target=more, name="outer %d" % i) for i in range(3)])
child = os.fork()
if child == 0:
    more()
    os._exit(0)
os.waitpid(child, 0)
)");
    expectNamesAsSaid(run);
    EXPECT_EQ(said(run).size(), 3U * 3 + 3);
}

TEST_P(ThreadNames, AreCutBetweenCharacters)
{
    const ProbedRun run = saying(R"(
run(threading.Thread(target=say, name="\u00fc" * 30), threading.Thread(target=say, name="x" + "\u20ac" * 30))
)");
    for (const auto& [tid, name] : said(run)) {
        const std::string& track = run.names.at(tid);
        EXPECT_EQ(name.substr(0, track.size()), track);
        EXPECT_GE(track.size() + 4, GetParam().atLeast(3, 14) ? kSystem : kRing);
        EXPECT_NE(static_cast<unsigned char>(name[track.size()]) & 0xC0, 0x80) << "cut within a character";
    }
}

TEST_P(ThreadNames, AreNotTakenFromWhatIsNoThread)
{
    if (GetParam().atLeast(3, 14)) {
        GTEST_SKIP() << "it tells the system itself";
    }
    const ProbedRun run = saying(R"(
class Starter:
    def __init__(self): self._name = "no thread's name"; self.done = _thread.allocate_lock()
    def work(self):
        sys.stdout.write("%d -\n" % threading.get_native_id())
        self.done.release()
    def start(self):
        self.done.acquire()
        _thread.start_new_thread(self.work, ())
        self.done.acquire()
Starter().start()
t = threading.Thread(target=say)
t._name = 7  # nobody should
run(t)
t = threading.Thread(target=say)
t._name = "half \udc80"  # UTF-8 has no word for it
t.run = lambda: sys.stdout.write("%d -\n" % threading.get_native_id())
run(t)
)");
    for (const auto& [tid, name] : said(run)) {
        EXPECT_EQ(run.names.at(tid).rfind("Thread ", 0), 0U) << run.names.at(tid);
    }
    EXPECT_EQ(said(run).size(), 3U);
}

TEST_P(ThreadNames, AreLearntWithoutATrace)
{
    // Names through a property and __getattribute__ are asked for as often as without; nothing outlives its thread; an
    // error that is being handled stays; and what the debugger sees of the starting function is what it is.
    const std::string program = kSaysItsName + R"(
import gc, weakref
asked = 0
class Watched(threading.Thread):
    def __getattribute__(self, name):
        global asked
        asked += 1
        return super().__getattribute__(name)
before = asked
run(Watched(target=len, args=("",), name="watched"))
print("asked", asked - before)
gc.disable()
t = threading.Thread(target=len, args=("",))
alive = weakref.ref(t)
run(t)
del t
print("alive", alive() is not None)
name = "counted %d" % os.getpid()
t = threading.Thread(target=len, args=("",), name=name)
before = sys.getrefcount(name), sys.getrefcount(threading.Thread.start.__code__)
run(t)
print("references", before == (sys.getrefcount(name), sys.getrefcount(threading.Thread.start.__code__)))
try:
    raise KeyError("kept")
except KeyError:
    run(threading.Thread(target=len, args=("",)))
    print("handled", sys.exc_info()[1])
gc.enable()
collections = []
gc.callbacks.append(lambda phase, info: collections.append(phase))
gc.set_threshold(1, 1, 1)
run(*[threading.Thread(target=len, args=("",)) for _ in range(50)])
gc.callbacks.clear()
print("enabled", gc.isenabled())
)";
    const ProbedRun traced = python(program);
    const ProbedRun plain = python(program, {.probe = false});
    EXPECT_EQ(traced.status, 0) << traced.err;
    EXPECT_EQ(traced.out, plain.out);
    EXPECT_NE(traced.out.find("alive False\nreferences True\nhandled 'kept'\nenabled True\n"), std::string::npos)
        << traced.out;
}

TEST_P(ThreadNames, OfAThousandThreadsAreRightAndNoneIsMixedUp)
{
    const ProbedRun run = saying(R"(
def more(k): run(*[threading.Thread(target=say, name="n %d %d" % (k, i)) for i in range(25)])
for round in range(2):
    run(*[threading.Thread(target=more, args=(10 * round + k,), name="m") for k in range(8)])
)");
    expectNamesAsSaid(run);
}

INSTANTIATE_TEST_SUITE_P(OfThisMachine, ThreadNames, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ThreadNames);

} // namespace
} // namespace timeslice::test::thread_names_test
