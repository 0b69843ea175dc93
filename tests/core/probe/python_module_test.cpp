// The Python module of the lessons' scripts (resources/python/timeslice): what it records, and that it is otherwise as
// if it were not there.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"
#include "tests/places/places.h"

#include <gtest/gtest.h>

namespace timeslice::test::python_module_test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

const std::string kResources = test::resourceFolder().string();
const std::string kTests = test::testDataFolder().string() + "/python_module/";

ProbedRun runWithModule(const std::string& python, std::vector<std::string> arguments, bool probe = true)
{
    arguments.insert(arguments.begin(), python);
    return runProbed(arguments,
        {.probe = probe, .environment = {{"PYTHONPATH", kResources + "/python"}, {"PYTHONDONTWRITEBYTECODE", "1"}}});
}

/// How a run ended, if not as it should.
std::string failed(const ProbedRun& run)
{
    if (!run.error.empty()) {
        return run.error;
    }
    return run.status == 0 ? "" : "status " + std::to_string(run.status) + "\n" + run.out + run.err;
}

ObjectId objectNamed(const ProbedRun& run, const std::string& name)
{
    ObjectId found = 0;
    for (const ObjectBirth& object : run.objects) {
        if (object.name == name) {
            EXPECT_EQ(found, 0U) << "two objects named " << name;
            found = object.id;
        }
    }
    EXPECT_NE(found, 0U) << "no object named " << name;
    return found;
}

std::vector<EventKind> kindsOf(const std::vector<Event>& events)
{
    std::vector<EventKind> kinds;
    for (const Event& event : events) {
        kinds.push_back(event.kind);
    }
    return kinds;
}

/// Each with every CPython of this machine.
class PythonModule : public testing::TestWithParam<Python> {
protected:
    ProbedRun recorded(const std::string& program) const
    {
        ProbedRun run = runWithModule(GetParam().path, {"-c", "import threading, time, timeslice\n" + program});
        EXPECT_EQ(failed(run), "");
        EXPECT_EQ(run.lost.total(), 0U);
        return run;
    }
};

TEST_P(PythonModule, KeepsItsPromisesWithAndWithoutARecording)
{
    EXPECT_EQ(failed(runWithModule(GetParam().path, {kTests + "module_tests.py"}, true)), "");
    EXPECT_EQ(failed(runWithModule(GetParam().path, {kTests + "module_tests.py"}, false)), "");
}

TEST_P(PythonModule, PassesCPythonsOwnTestsOfItsLocks)
{
    const ProbedRun run = runWithModule(GetParam().path, {kTests + "standard_lock_tests.py"});
    if (WIFEXITED(run.status) && WEXITSTATUS(run.status) == 77) {
        GTEST_SKIP() << run.out;
    }
    EXPECT_EQ(failed(run), "");
}

TEST_P(PythonModule, RecordsNamesMarksCountersAndDelays)
{
    const ProbedRun run = recorded("def work():\n"
                                   "    timeslice.name_thread('Baker')\n"
                                   "    timeslice.work_begin()\n"
                                   "    timeslice.mark('halfway', 7)\n"
                                   "    timeslice.mark('halfway', 8)\n"
                                   "    counter = timeslice.Counter('loaves', 5)\n"
                                   "    counter.add(-7)\n"
                                   "    timeslice.latency(1234)\n"
                                   "    timeslice.work_end()\n"
                                   "thread = threading.Thread(target=work)\n"
                                   "thread.start()\n"
                                   "thread.join()\n");
    const auto baker =
        std::find_if(run.names.begin(), run.names.end(), [](const auto& name) { return name.second == "Baker"; });
    ASSERT_NE(baker, run.names.end());
    EXPECT_NE(baker->first, run.pid) << "the thread that called is named, not the main thread";
    std::vector<std::pair<EventKind, std::int64_t>> told;
    for (const Event& event : run.events) {
        const bool isLock = event.kind >= EventKind::LockRequest && event.kind <= EventKind::LockAbandon;
        if (event.tid == baker->first && !isLock) {
            told.emplace_back(event.kind, static_cast<std::int64_t>(event.value));
        }
    }
    EXPECT_THAT(told,
        ElementsAre(std::pair(EventKind::WorkBegin, 0), std::pair(EventKind::Mark, 7), std::pair(EventKind::Mark, 8),
            std::pair(EventKind::CounterLoad, 5), std::pair(EventKind::CounterStore, -2),
            std::pair(EventKind::Latency, 1234), std::pair(EventKind::WorkEnd, 0)));
    EXPECT_EQ(run.eventsOf(objectNamed(run, "halfway")).size(), 2U);
    EXPECT_EQ(run.eventsOf(objectNamed(run, "loaves")).size(), 2U);
}

TEST_P(PythonModule, ShowsTheHoldsOfALockWhichNeverOverlapAndAllEnd)
{
    for (const char* kind : {"Lock", "RLock", "Semaphore", "BoundedSemaphore"}) {
        const ProbedRun run = recorded("lock = timeslice." + std::string(kind)
            + "(name='the lock')\n"
              "def work():\n"
              "    for _ in range(200):\n"
              "        with lock:\n"
              "            time.sleep(0)\n"
              "threads = [threading.Thread(target=work) for _ in range(4)]\n"
              "[each.start() for each in threads]\n"
              "[each.join() for each in threads]\n");
        const ObjectId lock = objectNamed(run, "the lock");
        std::string error;
        const std::vector<Hold> holds = holdsOf(run, lock, error);
        EXPECT_EQ(error, "") << kind;
        EXPECT_EQ(overlap(holds), "") << kind;
        EXPECT_EQ(badRequests(run, lock), "") << kind;
        EXPECT_EQ(holds.size(), 800U) << kind;
        EXPECT_TRUE(holds.empty() || !holds.back().open()) << kind;
    }
}

TEST_P(PythonModule, RecordsARequestByAThreadThatHasToWait)
{
    for (const char* kind : {"Lock", "RLock", "Semaphore"}) {
        const ProbedRun run = recorded("from timeslice import _record\n"
                                       "requested = threading.Event()\n"
                                       "class Told(_record.Recorded):\n"
                                       "    def event(self, kind, value=0):\n"
                                       "        super().event(kind, value)\n"
                                       "        if kind == _record.LOCK_REQUEST: requested.set()\n"
                                       "_record.Recorded = Told\n"
                                       "lock = timeslice."
            + std::string(kind)
            + "(name='wanted')\n"
              "def work():\n"
              "    timeslice.name_thread('Waiter')\n"
              "    with lock: pass\n"
              "with lock:\n"
              "    thread = threading.Thread(target=work)\n"
              "    thread.start()\n"
              "    requested.wait()\n"
              "thread.join()\n");
        const auto waiter =
            std::find_if(run.names.begin(), run.names.end(), [](const auto& name) { return name.second == "Waiter"; });
        ASSERT_NE(waiter, run.names.end());
        EXPECT_THAT(kindsOf(run.eventsOf(objectNamed(run, "wanted"), waiter->first)),
            ElementsAre(EventKind::LockRequest, EventKind::LockAcquire, EventKind::LockRelease))
            << kind;
    }
}

TEST_P(PythonModule, RecordsNoRequestWhereNobodyWaits)
{
    const ProbedRun run = recorded("lock = timeslice.Lock('free')\n"
                                   "with lock: pass\n"
                                   "lock.acquire(False), lock.acquire(False), lock.acquire(timeout=0.01)\n"
                                   "lock.release()\n");
    EXPECT_THAT(kindsOf(run.eventsOf(objectNamed(run, "free"))),
        ElementsAre(EventKind::LockAcquire, EventKind::LockRelease, EventKind::LockAcquire, EventKind::LockRelease));
}

TEST_P(PythonModule, ShowsALockTakenTwiceAsOneHold)
{
    const ProbedRun run = recorded("lock = timeslice.RLock('twice')\n"
                                   "with lock:\n"
                                   "    with lock: pass\n");
    EXPECT_THAT(
        kindsOf(run.eventsOf(objectNamed(run, "twice"))), ElementsAre(EventKind::LockAcquire, EventKind::LockRelease));
}

TEST_P(PythonModule, ShowsThatAWaitLetsGoOfTheLock)
{
    const ProbedRun run = recorded("condition = timeslice.Condition(name='ready')\n"
                                   "def wait():\n"
                                   "    timeslice.name_thread('Waiter')\n"
                                   "    with condition:\n"
                                   "        waiting.append(True)\n"
                                   "        condition.wait()\n"
                                   "waiting = []\n"
                                   "thread = threading.Thread(target=wait)\n"
                                   "thread.start()\n"
                                   "while not waiting: time.sleep(0.001)\n"
                                   "with condition: condition.notify()\n"
                                   "thread.join()\n");
    const ObjectId lock = objectNamed(run, "ready");
    std::string error;
    EXPECT_EQ(overlap(holdsOf(run, lock, error)), "");
    EXPECT_EQ(error, "");
    const auto waiter =
        std::find_if(run.names.begin(), run.names.end(), [](const auto& name) { return name.second == "Waiter"; });
    ASSERT_NE(waiter, run.names.end());
    std::vector<EventKind> told;
    for (const Event& event : run.events) {
        const bool isWait = event.kind == EventKind::WaitBegin || event.kind == EventKind::WaitEnd;
        if (event.tid == waiter->first && (isWait || (event.object == lock && event.kind != EventKind::LockRequest))) {
            told.push_back(event.kind);
        }
    }
    EXPECT_THAT(told,
        ElementsAre(EventKind::LockAcquire, EventKind::WaitBegin, EventKind::LockRelease, EventKind::LockAcquire,
            EventKind::WaitEnd, EventKind::LockRelease));
}

TEST_P(PythonModule, GivesEachPermitOfASemaphoreARowOfItsOwn)
{
    const ProbedRun run = recorded("semaphore = timeslice.Semaphore(2, name='bay')\n"
                                   "with semaphore, semaphore: pass\n"
                                   "def work():\n"
                                   "    for _ in range(50):\n"
                                   "        with semaphore: time.sleep(0)\n"
                                   "threads = [threading.Thread(target=work) for _ in range(4)]\n"
                                   "[each.start() for each in threads]\n"
                                   "[each.join() for each in threads]\n");
    std::size_t holds = 0;
    for (const char* name : {"bay 1", "bay 2"}) {
        std::string error;
        const std::vector<Hold> one = holdsOf(run, objectNamed(run, name), error);
        EXPECT_EQ(error, "");
        EXPECT_EQ(overlap(one), "");
        holds += one.size();
    }
    EXPECT_EQ(holds, 202U);
}

TEST_P(PythonModule, TellsWhenAThreadGivesUpWaiting)
{
    const ProbedRun run =
        recorded("import signal\n"
                 "from timeslice import _record\n"
                 "class Rung(_record.Recorded):\n"
                 "    def event(self, kind, value=0):\n"
                 "        super().event(kind, value)\n"
                 "        if kind == _record.LOCK_REQUEST: signal.setitimer(signal.ITIMER_REAL, 0.01)\n"
                 "_record.Recorded = Rung\n"
                 "def ring(*ignored): raise KeyboardInterrupt\n"
                 "signal.signal(signal.SIGALRM, ring)\n"
                 "lock = timeslice.Lock('taken')\n"
                 "thread = threading.Thread(target=lock.acquire)\n"
                 "thread.start()\n"
                 "thread.join()\n"
                 "try: lock.acquire()\n"
                 "except KeyboardInterrupt: pass\n");
    EXPECT_THAT(kindsOf(run.eventsOf(objectNamed(run, "taken"), run.pid)),
        ElementsAre(EventKind::LockRequest, EventKind::LockAbandon));
}

TEST_P(PythonModule, TakesNoWaitForALocksReleaseByAnotherThreadForADeadlock)
{
    const ProbedRun run = recorded("lock = timeslice.Lock('signal')\n"
                                   "lock.acquire()\n"
                                   "thread = threading.Thread(target=lambda: (time.sleep(0.05), lock.release()))\n"
                                   "thread.start()\n"
                                   "lock.acquire()\n"
                                   "thread.join()\n"
                                   "lock.release()\n");
    const std::vector<Event> events = run.eventsOf(objectNamed(run, "signal"));
    EXPECT_THAT(kindsOf(run.eventsOf(objectNamed(run, "signal"), run.pid)),
        ElementsAre(EventKind::LockAcquire, EventKind::LockAcquire, EventKind::LockRelease));
    EXPECT_EQ(std::count_if(events.begin(), events.end(),
                  [](const Event& event) { return event.kind == EventKind::LockRelease; }),
        2);
}

TEST_P(PythonModule, ShowsTheCopyOfALockInAForkedChildAsTheOtherLockThatItIs)
{
    const ProbedRun run = recorded("import os\n"
                                   "lock = timeslice.Lock('copied')\n"
                                   "lock.acquire(), lock.release(), lock.acquire()\n"
                                   "child = os.fork()\n"
                                   "if child == 0:\n"
                                   "    lock.release()\n"
                                   "    timeslice.mark('forked')\n"
                                   "    os._exit(0)\n"
                                   "os.waitpid(child, 0)\n"
                                   "lock.release()\n");
    std::vector<std::vector<EventKind>> locks;
    for (const ObjectBirth& object : run.objects) {
        if (object.name == "copied") {
            locks.push_back(kindsOf(run.eventsOf(object.id)));
        }
    }
    const std::vector<EventKind> parent{
        EventKind::LockAcquire, EventKind::LockRelease, EventKind::LockAcquire, EventKind::LockRelease};
    EXPECT_THAT(locks, UnorderedElementsAre(parent, std::vector<EventKind>{EventKind::LockRelease}));
    const std::vector<Event> marks = run.eventsOf(objectNamed(run, "forked"));
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_NE(marks[0].pid, run.pid);
}

TEST_P(PythonModule, RecordsInASpawnedChildToo)
{
    const ProbedRun run =
        recorded("import subprocess, sys\n"
                 "subprocess.check_call([sys.executable, '-c',\n"
                 "    'import timeslice; timeslice.mark(\"spawned\"); assert timeslice.recording'])\n");
    const std::vector<Event> marks = run.eventsOf(objectNamed(run, "spawned"));
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_NE(marks[0].pid, run.pid);
}

/// A lesson's script with the arguments of a short run.
std::vector<std::vector<std::string>> lessons(const Python& python)
{
    std::vector<std::vector<std::string>> all{
        {"gil_two_threads.py", "one", "1", "200000"},
        {"gil_two_threads.py", "threads", "3", "200000"},
        {"gil_two_threads.py", "processes", "3", "200000"},
        {"gil_two_processes.py", "2", "200000"},
        {"gil_io.py", "sleeps", "10", "20"},
        {"gil_io.py", "in-turn", "3", "5"},
        {"gil_io.py", "threads", "3", "5"},
        {"gil_c_code.py", "hash", "2", "32"},
        {"gil_c_code.py", "count", "2", "200000"},
        {"gil_hog.py", "0", "10", "2000", "5000"},
        {"gil_hog.py", "2", "10", "2000", "1000"},
        {"gil_interval.py", "500", "2", "2000000"},
        {"gil_escapes.py", "threads", "2", "200000"},
        {"gil_escapes.py", "processes", "2", "200000"},
    };
    if (python.atLeast(3, 12)) {
        all.push_back({"gil_escapes.py", "interpreters", "2", "200000"});
    }
    return all;
}

TEST_P(PythonModule, LetsEveryLessonsScriptRunAndSayWhereItsWorkBeginsAndEnds)
{
    for (std::vector<std::string> lesson : lessons(GetParam())) {
        const std::string title = lesson[0] + " " + lesson[1];
        lesson[0] = kResources + "/scenarios/" + lesson[0];
        const ProbedRun run = runWithModule(GetParam().path, lesson);
        EXPECT_EQ(failed(run), "") << title;
        EXPECT_EQ(violated(run), "") << title;
        EXPECT_EQ(run.err, "") << title;
        Nanos begin = 0;
        Nanos end = 0;
        for (const Event& event : run.events) {
            if (event.kind == EventKind::WorkBegin) {
                begin = begin == 0 ? event.time : std::min(begin, event.time);
            } else if (event.kind == EventKind::WorkEnd) {
                end = std::max(end, event.time);
            }
        }
        EXPECT_GT(begin, 0) << title;
        EXPECT_GT(end, begin) << title;
    }
}

TEST_P(PythonModule, IsFoundByTheLessonsScriptsWhenTheyRunOnTheirOwn)
{
    for (std::vector<std::string> lesson : lessons(GetParam())) {
        lesson[0] = kResources + "/scenarios/" + lesson[0];
        lesson.insert(lesson.begin(), GetParam().path);
        const ProbedRun run = runProbed(lesson, {.probe = false, .environment = {{"PYTHONDONTWRITEBYTECODE", "1"}}});
        EXPECT_EQ(failed(run), "") << lesson[1];
        EXPECT_NE(run.out, "") << lesson[1] << " says nothing";
        EXPECT_EQ(run.err, "") << lesson[1];
    }
}

/// Where there is no GIL to trace, a script still says who its threads are and when they work.
TEST(PythonModuleWithoutAGil, RecordsUnderOtherPythonsToo)
{
    std::size_t found = 0;
    for (const char* python : {"/usr/bin/pypy3", "/usr/bin/jython"}) {
        if (access(python, X_OK) != 0) {
            continue;
        }
        ++found;
        const ProbedRun run =
            runWithModule(python, {kResources + "/scenarios/gil_escapes.py", "threads", "2", "200000"});
        EXPECT_EQ(failed(run), "") << python;
        std::vector<std::string> names;
        for (const auto& [tid, name] : run.names) {
            names.push_back(name);
        }
        EXPECT_THAT(names, testing::IsSupersetOf({"Thread 1", "Thread 2"})) << python;
        for (const EventKind kind : {EventKind::WorkBegin, EventKind::WorkEnd}) {
            EXPECT_EQ(std::count_if(run.events.begin(), run.events.end(),
                          [kind](const Event& event) { return event.kind == kind; }),
                2)
                << python;
        }
    }
    if (found == 0) {
        GTEST_SKIP() << "neither PyPy nor Jython is installed";
    }
}

INSTANTIATE_TEST_SUITE_P(EveryCPython, PythonModule, testing::ValuesIn(pythons()), [](const auto& each) {
    std::string name = "Python" + each.param.release + "_" + std::to_string(each.index);
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PythonModule);

} // namespace
} // namespace timeslice::test::python_module_test
