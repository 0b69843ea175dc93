// What the Python module makes at its first use is made once, however many threads come first.
#include "tests/core/probe/interpreters.h"
#include "tests/places/places.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace timeslice::test::python_module_races_test {
namespace {

/// Four threads come to each new thing at once, where every few instructions another thread has its turn, and one gives
/// up its turn in the very middle of making it.
const std::string kFirstUses = R"(
import sys, threading, time
import timeslice
from timeslice import _record

sys.setswitchinterval(1e-6)
TRIES, THREADS = 200, 4
make = _record.new_object

def slowly(*arguments):
    time.sleep(0)
    number = make(*arguments)
    time.sleep(0)
    return number

_record.new_object = slowly
barrier = threading.Barrier(THREADS)
locks = [timeslice.Lock("lock %d" % i) for i in range(TRIES)]
counters = [timeslice.Counter("counter %d" % i) for i in range(TRIES)]

def work():
    for i in range(TRIES):
        barrier.wait()
        with locks[i]:
            pass
        counters[i].value
        timeslice.mark("mark %d" % i)

threads = [threading.Thread(target=work) for _ in range(THREADS)]
for thread in threads: thread.start()
for thread in threads: thread.join()
)";

const std::string kLatencies = R"(
import os, sys, threading
import timeslice

sys.setswitchinterval(1e-6)
barrier = threading.Barrier(8)

def work():
    barrier.wait()
    timeslice.latency(1000000)

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
child = os.fork()
if child == 0:
    timeslice.latency(2000000)
    sys.exit()
os.waitpid(child, 0)
)";

class PythonModuleRaces : public WithEveryInterpreter { };

TEST_P(PythonModuleRaces, MakeEachLockCounterAndMarkOnce)
{
    const ProbedRun run = python(kFirstUses,
        {.environment = {
             {"PYTHONPATH", test::resourceFolder().string() + "/python"}, {"PYTHONDONTWRITEBYTECODE", "1"}}});
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.status, 0) << run.err;
    std::map<std::string, int> made;
    for (const ObjectBirth& object : run.objects) {
        ++made[object.name];
    }
    for (const char* what : {"lock ", "counter ", "mark "}) {
        for (int i = 0; i < 200; ++i) {
            EXPECT_EQ(made[what + std::to_string(i)], 1) << what << i;
        }
    }
    // So no thread is left waiting for a lock that nobody lets go of.
    std::map<ObjectId, int> held;
    for (const Event& event : run.events) {
        held[event.object] += event.kind == EventKind::LockAcquire ? 1 : event.kind == EventKind::LockRelease ? -1 : 0;
    }
    for (const ObjectBirth& object : run.objects) {
        EXPECT_TRUE(object.kind != ObjectKind::Mutex || held[object.id] == 0) << object.name;
    }
}

TEST_P(PythonModuleRaces, SayEachLatencyOnceWhereNoEventCanBeWritten)
{
    std::string file = (std::filesystem::temp_directory_path() / "timeslice-test-XXXXXX").string();
    const int fd = ::mkstemp(file.data());
    ASSERT_GE(fd, 0);
    ::close(fd);
    const ProbedRun run = python(kLatencies,
        {.probe = false,
            .environment = {{"PYTHONPATH", test::resourceFolder().string() + "/python"},
                {"PYTHONDONTWRITEBYTECODE", "1"}, {"TIMESLICE_RESULT", file}}});
    ASSERT_EQ(run.error, "");
    ASSERT_EQ(run.status, 0) << run.err;
    std::ifstream lines(file);
    const std::string all{std::istreambuf_iterator<char>(lines), {}};
    std::filesystem::remove(file);
    EXPECT_EQ(all,
        "{\"latency_ms\": [2.0]}\n"
        "{\"latency_ms\": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]}\n");
}

INSTANTIATE_TEST_SUITE_P(OfThisMachine, PythonModuleRaces, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PythonModuleRaces);

} // namespace
} // namespace timeslice::test::python_module_races_test
