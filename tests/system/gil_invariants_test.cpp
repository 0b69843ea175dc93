// What must hold of every recording of the real GIL, whatever the script does and however it ends. Real programs under
// every CPython that is found here; nothing is said of how long anything takes, save where the GIL itself promises it
// (the switch interval), and there only what a busy machine cannot spoil.
#include "core/analysis/distribution.h"
#include "core/analysis/wait_for_graph.h"
#include "core/python/interpreter.h"
#include "core/recording/recording.h"
#include "core/trace/false_alarms.h"
#include "core/trace/handoff.h"
#include "tests/core/trace/hold_invariants.h"
#include "tests/system/program.h"

#include <algorithm>
#include <csignal>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace timeslice::system::gil_invariants_test {
namespace {

using testing::HasSubstr;

/// Two threads that compute and nothing else, for a number of steps.
const std::string kTwoThreads = R"(
import sys, threading
def work(n):
    while n:
        n -= 1
threads = [threading.Thread(target=work, args=(int(sys.argv[1]),)) for _ in range(2)]
if len(sys.argv) > 2:
    sys.setswitchinterval(float(sys.argv[2]))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
)";

const std::string kProcesses = R"(
import multiprocessing, sys, threading
def spin():
    n = 400000
    while n:
        n -= 1
def job():
    threads = [threading.Thread(target=spin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    processes = [context.Process(target=job) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print(" ".join(str(process.pid) for process in processes))
    sys.exit(any(process.exitcode for process in processes))
)";

struct Recorded {
    Outcome outcome;
    std::shared_ptr<VariantRecording> variant;
    nlohmann::json report; ///< of the variant

    const Timeline& timeline() const { return variant->timeline; }
};

/// The CPythons with a GIL that the probe is promised for.
const std::vector<Interpreter>& interpreters()
{
    static const std::vector<Interpreter> kFound = [] {
        std::vector<Interpreter> found = findInterpreters();
        std::erase_if(found, [](const Interpreter& interpreter) {
            return interpreter.kind != InterpreterKind::CPython || interpreter.major != 3 || interpreter.minor < 9;
        });
        return found;
    }();
    return kFound;
}

std::vector<std::uint32_t> gilsOf(const Timeline& timeline)
{
    std::vector<std::uint32_t> gils;
    for (std::uint32_t i = 0; i < timeline.locks.size(); ++i) {
        if (timeline.locks[i].kind == ObjectKind::Gil) {
            gils.push_back(i);
        }
    }
    return gils;
}

/// Running time of all threads but the holder while a hold of the lock lasts, and the time that it was held.
struct BothAtOnce {
    Nanos others = 0;
    Nanos held = 0;
};
BothAtOnce runningBesideTheHolder(const Timeline& timeline, std::uint32_t lock, TimeRange range)
{
    BothAtOnce sum;
    const Track& track = timeline.locks[lock].track;
    for (std::size_t i = track.firstEndingAfter(range.begin); i < track.size(); ++i) {
        const Slice hold = track.slice(i);
        if (hold.begin >= range.end) {
            break;
        }
        if (hold.value.state() != SliceState::Running) {
            continue;
        }
        const TimeRange part{std::max(hold.begin, range.begin), std::min(hold.end, range.end)};
        sum.held += part.length();
        for (std::uint32_t thread = 0; thread < timeline.threads.size(); ++thread) {
            if (thread != hold.value.subject() && timeline.threads[thread].pid == timeline.locks[lock].pid) {
                sum.others +=
                    timeline.threads[thread].track.shares(part)[static_cast<std::size_t>(SliceState::Running)];
            }
        }
    }
    return sum;
}

/// From the first moment at which two threads have held the lock to the last at which two still do: neither starts nor
/// ends.
TimeRange contended(const Timeline& timeline, std::uint32_t lock)
{
    const std::vector<Handoff> handoffs = handoffsIn(timeline, lock, {timeline.begin, timeline.end});
    TimeRange range;
    for (const Handoff& handoff : handoffs) {
        if (handoff.reason == ReleaseReason::Timeout) {
            range.begin = range.begin == 0 ? handoff.acquired : range.begin;
            range.end = handoff.released;
        }
    }
    return range;
}

/// Why this recording cannot tell how long a hold should last; empty if it can.
std::string trouble(const Recorded& recorded)
{
    if (recorded.timeline().cores.size() < 2) {
        return "one core: a waiter runs only when the holder is preempted";
    }
    const double taken =
        recorded.report.at("steal_share").get<double>() + recorded.report.at("foreign_share").get<double>();
    return taken <= 0.05 ? "" : "other programs or the host took " + std::to_string(taken * 100) + " % of the cores";
}

class GilInvariants : public SystemTest {
protected:
    void SetUp() override
    {
        SystemTest::SetUp();
        if (!IsSkipped() && interpreters().empty()) {
            GTEST_SKIP() << "no CPython 3.9 or newer here";
        }
    }

    /// Starts the recording of a script; finish() waits for it.
    std::unique_ptr<Program> start(
        const Interpreter& python, const std::string& script, const std::vector<std::string>& arguments = {}) const
    {
        writeText(path("script.py"), script);
        for (const char* left : {"run.timeslice", "report.json", "stdout"}) { // by the one before
            fs::remove(path(left));
        }
        std::vector<std::string> words = {"python", "--quiet", "--interpreter", python.path.string(), "--save",
            path("run.timeslice"), "--report", path("report.json"), path("script.py")};
        words.insert(words.end(), arguments.begin(), arguments.end());
        return std::make_unique<Program>(program(), words, folder());
    }
    Recorded finish(Program& running) const
    {
        Recorded recorded;
        recorded.outcome = running.wait();
        auto loaded = loadRecording(path("run.timeslice"));
        if (!loaded) {
            ADD_FAILURE() << loaded.error().message << "\n" << recorded.outcome.err;
            recorded.variant = std::make_unique<VariantRecording>();
            return recorded;
        }
        EXPECT_EQ(loaded->warning, "");
        recorded.variant = std::move(loaded->recording.variants.at(0));
        recorded.report = nlohmann::json::parse(readText(path("report.json"))).at("variants").at(0);
        return recorded;
    }
    Recorded record(
        const Interpreter& python, const std::string& script, const std::vector<std::string>& arguments = {}) const
    {
        return finish(*start(python, script, arguments));
    }
};

/// What is true of every run. A thread that is killed may hold a GIL to its end.
void expectInvariants(const Recorded& recorded)
{
    const Timeline& timeline = recorded.timeline();
    EXPECT_EQ(timeline.lost.channel, 0U);
    EXPECT_EQ(timeline.lost.malformed, 0U);
    EXPECT_EQ(timeline.lateEvents, 0U);
    EXPECT_TRUE(timeline.finished);
    EXPECT_EQ(test::holdsGoneWrong(timeline), "");
    for (const std::uint32_t gil : gilsOf(timeline)) {
        const LockInfo& lock = timeline.locks[gil];
        SCOPED_TRACE(lock.name + " of process " + std::to_string(lock.pid));
        EXPECT_EQ(lock.maxConcurrentHolders, 1U) << "holds of one GIL never overlap";
        EXPECT_GT(lock.pid, 0);
        for (std::size_t i = 0; i < lock.track.size(); ++i) {
            const Slice slice = lock.track.slice(i);
            if (slice.value.state() != SliceState::Running) {
                continue;
            }
            const ThreadInfo& holder = timeline.threads[slice.value.subject()];
            ASSERT_EQ(holder.pid, lock.pid) << "held by a thread of another process";
            if (i + 1 < lock.track.size()) {
                ASSERT_EQ(lock.track.value(i + 1).state(), SliceState::Absent) << "taken before it was let go";
                ASSERT_TRUE(releaseReason(timeline, gil, i).has_value());
            }
            ASSERT_TRUE(holder.exited == 0 || slice.end <= holder.exited) << "held by a thread that had ended";
        }
        for (const LockMoment& moment : lock.moments) {
            ASSERT_EQ(timeline.threads[moment.thread].pid, lock.pid);
        }
    }
}

/// Threads that sleep and threads that compute want one GIL: who is woken for it often finds it taken.
const std::string kNapsAndHogs = R"(
import sys, threading, time
sys.setswitchinterval(0.001)
ended = False
def hog():
    while not ended:
        pass
def nap():
    for _ in range(200):
        time.sleep(0.001)
hogs = [threading.Thread(target=hog) for _ in range(3)]
naps = [threading.Thread(target=nap) for _ in range(3)]
for thread in hogs + naps:
    thread.start()
for thread in naps:
    thread.join()
ended = True
for thread in hogs:
    thread.join()
)";

TEST_F(GilInvariants, FalseAlarmsAreKeptAndCountedByGilAndByThread)
{
    const Recorded recorded = record(interpreters().back(), kNapsAndHogs);
    EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
    expectInvariants(recorded);
    const Timeline& timeline = recorded.timeline();
    ASSERT_EQ(gilsOf(timeline).size(), 1U);
    const Track& gil = timeline.locks[gilsOf(timeline)[0]].track;
    std::uint64_t kept = 0;
    for (const auto& [thread, alarms] : timeline.falseAlarms) {
        for (const FalseAlarm& alarm : alarms) {
            const std::size_t at = gil.indexAt(alarm.time);
            ASSERT_LT(at, gil.size());
            EXPECT_FALSE(gil.value(at).state() == SliceState::Running && gil.value(at).subject() == thread)
                << "woken in vain for what it holds";
        }
        kept += falseAlarmsWithin(timeline, thread, timeline.workRange());
    }
    EXPECT_GE(kept, 1U);
    EXPECT_EQ(recorded.report.at("locks").at(0).at("false_alarms"), kept);
    std::uint64_t ofThreads = 0;
    for (const nlohmann::json& thread : recorded.report.at("threads")) {
        ofThreads += thread.value("false_alarms", std::uint64_t{0});
    }
    EXPECT_EQ(ofThreads, kept);
}

TEST_F(GilInvariants, TwoThreadsThatComputeTakeTurns)
{
    for (const Interpreter& python : interpreters()) {
        SCOPED_TRACE(python.path.string());
        const Recorded recorded = record(python, kTwoThreads, {"4000000"});
        EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
        expectInvariants(recorded);
        const Timeline& timeline = recorded.timeline();
        const auto gils = gilsOf(timeline);
        ASSERT_EQ(gils.size(), 1U);
        EXPECT_EQ(timeline.gilNote, "");
        std::set<std::string> names;
        for (const ThreadInfo& thread : timeline.threads) {
            names.insert(thread.name);
        }
        EXPECT_THAT(names, testing::Contains("MainThread"));
        for (const char* name : {"Thread-1", "Thread-2"}) { // since 3.10 with the function that they run
            EXPECT_THAT(names, testing::Contains(testing::AnyOf(name, std::string(name) + " (work)")));
        }
        const nlohmann::json& lock = recorded.report.at("locks").at(0);
        EXPECT_GT(lock.at("handoffs").at("timeout"), 0);
        EXPECT_GT(lock.at("drop_requests"), 0);
        // Each of the three lets go of it for the last time; on a busy machine another has asked for it just before.
        EXPECT_LE(lock.at("handoffs").at("exit"), 3);
        EXPECT_GE(lock.at("drop_requests"), lock.at("timeout_hold_ms").at("count")) << "nobody lets go unasked";
    }
}

TEST_F(GilInvariants, NoThreadRunsPythonWhileAnotherHoldsTheGil)
{
    for (const Interpreter& python : interpreters()) {
        SCOPED_TRACE(python.path.string());
        const Recorded recorded = record(python, kTwoThreads, {"6000000"});
        const Timeline& timeline = recorded.timeline();
        if (timeline.source == Source::Inferred) {
            GTEST_SKIP() << "the kernel's context switches cannot be recorded here";
        }
        const auto gils = gilsOf(timeline);
        ASSERT_EQ(gils.size(), 1U);
        const TimeRange range = contended(timeline, gils[0]);
        const BothAtOnce both = runningBesideTheHolder(timeline, gils[0], range);
        ASSERT_GT(both.held, 0);
        // A waiter runs at each switch interval to ask, and for as long as it takes the kernel to put it to sleep; a
        // twentieth of 5 ms is many times that. What the hypervisor takes meanwhile looks like running, and is known to
        // a tick. Two threads that ran Python at once would come to 100 %.
        const double stolen = recorded.report.at("steal_s").get<double>();
        EXPECT_LT(toSeconds(both.others), 0.1 * toSeconds(both.held) + stolen);
        EXPECT_LT(toSeconds(both.others), 0.5 * toSeconds(both.held));
    }
}

TEST_F(GilInvariants, AHoldThatTimesOutLastsForTheSwitchInterval)
{
    // The kernel may keep both threads on one core for a whole run, however idle the other is: then the waiter wakes up
    // a time slice late. So the upper bound has to hold in one of some runs, the lower in each.
    constexpr int kTries = 5;
    std::string disturbed;
    for (const Interpreter& python : interpreters()) {
        for (const double interval : {0.005, 0.002, 0.02}) {
            SCOPED_TRACE(python.path.string() + " every " + std::to_string(interval) + " s");
            std::vector<std::string> arguments = {interval > 0.01 ? "9000000" : "4000000"};
            if (interval != 0.005) { // the default, to be seen without being set
                arguments.push_back(std::to_string(interval));
            }
            std::string reason;
            double best = 0;
            const double most = interval * 1000 * 1.2;
            for (int i = 0; i < kTries && (i == 0 || best > most); ++i) {
                const Recorded recorded = record(python, kTwoThreads, arguments);
                const Samples holds = timedOutHoldTimes(recorded.timeline());
                ASSERT_GE(holds.size(), 5U);
                // The waiter's clock runs from the last change of hands, so only the hold that was under way when the
                // interval was set can be shorter. A busy machine lets the waiter wake up late, and so makes it longer.
                EXPECT_GE(quantile(holds, 0.5), interval * 1000 * 0.98);
                best = i == 0 ? quantile(holds, 0.5) : std::min(best, quantile(holds, 0.5));
                if (const std::string seen = trouble(recorded); !seen.empty()) {
                    reason = seen;
                }
            }
            if (best > most && !reason.empty()) {
                disturbed = reason;
            } else {
                EXPECT_LE(best, most) << "5 to 6 ms at the default interval";
            }
        }
    }
    if (!disturbed.empty()) {
        GTEST_SKIP() << "how long a hold lasts at the most was not looked at everywhere: " << disturbed;
    }
}

TEST_F(GilInvariants, EveryProcessHasAGilOfItsOwnHoweverItIsStarted)
{
    for (const Interpreter& python : interpreters()) {
        for (const char* method : {"fork", "spawn", "forkserver"}) {
            SCOPED_TRACE(python.path.string() + " " + method);
            const Recorded recorded = record(python, kProcesses, {method});
            EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
            expectInvariants(recorded);
            const Timeline& timeline = recorded.timeline();
            std::map<Pid, int> gilsOfProcess;
            for (const std::uint32_t gil : gilsOf(timeline)) {
                ++gilsOfProcess[timeline.locks[gil].pid];
                for (const Handoff& handoff : handoffsIn(timeline, gil, {timeline.begin, timeline.end})) {
                    ASSERT_EQ(timeline.threads[handoff.from].pid, timeline.threads[handoff.to].pid);
                }
            }
            std::istringstream printed(recorded.outcome.out);
            int workers = 0;
            for (Pid pid = 0; printed >> pid; ++workers) {
                EXPECT_EQ(gilsOfProcess[pid], 1) << "worker " << pid;
            }
            EXPECT_EQ(workers, 3) << recorded.outcome.out;
            for (const auto& [pid, count] : gilsOfProcess) {
                EXPECT_LE(count, 1) << "process " << pid;
            }
        }
    }
}

TEST_F(GilInvariants, AScriptThatEndsBadlyLeavesAUsableRecordingAndItsOwnStatus)
{
    const std::string begin = "import os, signal, sys, threading, time\n"
                              "def spin():\n"
                              "    while True: pass\n"
                              "for _ in range(2): threading.Thread(target=spin, daemon=True).start()\n"
                              "time.sleep(0.1)\n";
    const std::map<std::string, int> ends = {{"raise ValueError('on purpose')", 1}, {"sys.exit(7)", 7},
        {"os._exit(3)", 3}, {"os.kill(os.getpid(), signal.SIGKILL)", 128 + SIGKILL},
        {"os.kill(os.getpid(), signal.SIGTERM)", 128 + SIGTERM}, {"os.abort()", 128 + SIGABRT}};
    for (const Interpreter& python : interpreters()) {
        for (const auto& [end, status] : ends) {
            SCOPED_TRACE(python.path.string() + " " + end);
            const Recorded recorded = record(python, begin + end + "\n");
            EXPECT_EQ(recorded.outcome.status, status) << recorded.outcome.err;
            expectInvariants(recorded);
            ASSERT_EQ(gilsOf(recorded.timeline()).size(), 1U);
            EXPECT_GT(recorded.timeline().locks[gilsOf(recorded.timeline())[0]].track.size(), 4U);
            if (status == 1) {
                EXPECT_THAT(recorded.outcome.err, HasSubstr("ValueError: on purpose"));
            }
        }
    }
}

TEST_F(GilInvariants, ADeadlockIsRecordedUntilItIsEndedAndThenTold)
{
    // The locks are Python's own: their waits are not recorded, and the GIL must not be taken for one of them.
    const std::string script = "import os, threading\n"
                               "a, b, both = threading.Lock(), threading.Lock(), threading.Barrier(2)\n"
                               "def take(first, second):\n"
                               "    with first:\n"
                               "        both.wait()\n"
                               "        os.write(1, b'waiting\\n')\n"
                               "        with second: pass\n"
                               "threads = [threading.Thread(target=take, args=x) for x in ((a, b), (b, a))]\n"
                               "for thread in threads: thread.start()\n"
                               "for thread in threads: thread.join()\n";
    const Interpreter& python = interpreters().front();
    for (const int signal : {SIGINT, SIGTERM}) {
        SCOPED_TRACE(strsignal(signal));
        const auto running = start(python, script);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (running->outSoFar() != "waiting\nwaiting\n" && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        EXPECT_EQ(running->outSoFar(), "waiting\nwaiting\n");
        // Python's end waits for its threads again once the first interrupt has ended the main thread's waiting.
        while (!running->hasEnded()) {
            kill(running->pid(), signal);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        const Recorded recorded = finish(*running);
        EXPECT_NE(recorded.outcome.status, 0);
        expectInvariants(recorded);
        ASSERT_EQ(gilsOf(recorded.timeline()).size(), 1U);
        EXPECT_FALSE(findDeadlock(recorded.timeline()).has_value()) << "the GIL is no part of it";
    }
}

TEST_F(GilInvariants, AForkInAThreadLeavesNoHoldOfTheParentInTheChild)
{
    const std::string script =
        "import os, sys, threading\n"
        "def spin(n):\n"
        "    while n: n -= 1\n"
        "def forks():\n"
        "    for _ in range(3):\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            threads = [threading.Thread(target=spin, args=(200000,)) for _ in '12']\n"
        "            for thread in threads: thread.start()\n"
        "            for thread in threads: thread.join()\n"
        "            os._exit(0)\n"
        "        print(pid, flush=True)\n"
        "        os.waitpid(pid, 0)\n"
        "threads = [threading.Thread(target=forks), threading.Thread(target=spin, args=(3000000,))]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n";
    for (const Interpreter& python : interpreters()) {
        SCOPED_TRACE(python.path.string());
        const Recorded recorded = record(python, script);
        EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
        expectInvariants(recorded);
        std::map<Pid, int> gils;
        for (const std::uint32_t gil : gilsOf(recorded.timeline())) {
            ++gils[recorded.timeline().locks[gil].pid];
        }
        EXPECT_EQ(gils.size(), 4U);
        std::istringstream printed(recorded.outcome.out);
        for (Pid pid = 0; printed >> pid;) {
            EXPECT_EQ(gils[pid], 1) << pid;
        }
    }
}

TEST_F(GilInvariants, AnExecLeavesNoHoldBehind)
{
    const std::string script = R"(
import os, pty, subprocess, sys, threading, time
if len(sys.argv) > 1:
    sys.exit()
subprocess.run(["sleep", "0.3"], preexec_fn=os.setsid)
try:
    subprocess.run(["/no/such/program"], preexec_fn=os.setsid)
except OSError:
    pass
if os.fork() == 0:
    os.execvp("sleep", ["sleep", "0.3"])
os.wait()
pid, terminal = pty.fork()
if pid == 0:
    os.execv("/bin/sleep", ["sleep", "0.3"])
os.waitpid(pid, 0)
if os.fork() == 0:
    def other():
        try:
            os.execv("/no/such/program", ["none"])
        except OSError:
            os.execv("/bin/sleep", ["sleep", "0.3"])
    threading.Thread(target=other).start()
    time.sleep(60)
os.wait()
os.execv(sys.executable, [sys.executable, __file__, "again"])
)";
    for (const Interpreter& python : interpreters()) {
        SCOPED_TRACE(python.path.string());
        const Recorded recorded = record(python, script);
        EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
        expectInvariants(recorded);
        const Timeline& timeline = recorded.timeline();
        std::size_t sleeps = 0;
        for (const ThreadInfo& thread : timeline.threads) {
            sleeps += thread.name == "sleep" ? 1 : 0;
        }
        EXPECT_EQ(sleeps, 4U) << "rows are called after what runs";
        for (const nlohmann::json& lock : recorded.report.at("locks")) {
            const bool children = lock.at("pid") != timeline.threads.front().pid;
            EXPECT_TRUE(!children || lock.at("hold_s") < 0.2) << lock;
        }
    }
}

TEST_F(GilInvariants, TwoHundredThreadsShareOneGil)
{
    const std::string script = "import threading\n"
                               "def spin():\n"
                               "    n = 20000\n"
                               "    while n: n -= 1\n"
                               "threads = [threading.Thread(target=spin) for _ in range(200)]\n"
                               "for thread in threads: thread.start()\n"
                               "for thread in threads: thread.join()\n";
    for (const Interpreter& python : interpreters()) {
        SCOPED_TRACE(python.path.string());
        const Recorded recorded = record(python, script);
        EXPECT_EQ(recorded.outcome.status, 0) << recorded.outcome.err;
        expectInvariants(recorded);
        const Timeline& timeline = recorded.timeline();
        ASSERT_EQ(gilsOf(timeline).size(), 1U);
        std::set<std::uint32_t> holders;
        const Track& track = timeline.locks[gilsOf(timeline)[0]].track;
        for (std::size_t i = 0; i < track.size(); ++i) {
            if (track.value(i).state() == SliceState::Running) {
                holders.insert(track.value(i).subject());
            }
        }
        EXPECT_EQ(holders.size(), 201U);
    }
}

TEST_F(GilInvariants, TheDefaultScenarioShowsOneGilAndScoresItOrSaysWhyNot)
{
    const Outcome outcome = timeslice(
        {"run", "gil-two-threads", "--save", path("run.timeslice"), "--report", path("report.json"), "--quiet"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto loaded = loadRecording(path("run.timeslice"));
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    const auto report = nlohmann::json::parse(readText(path("report.json")));
    for (const auto& variant : loaded->recording.variants) {
        for (const std::uint32_t gil : gilsOf(variant->timeline)) {
            EXPECT_EQ(variant->timeline.locks[gil].maxConcurrentHolders, 1U) << variant->id;
        }
    }
    const nlohmann::json& verdict = report.at("verdict");
    EXPECT_NE(verdict.at("holds"), false) << verdict.dump(1);
    EXPECT_EQ(verdict.at("holds").is_null(), verdict.at("silence") == "disturbed") << verdict.dump(1);
}

} // namespace
} // namespace timeslice::system::gil_invariants_test
