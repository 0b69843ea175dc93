// The GIL of every CPython of this machine, as real programs use it.
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <thread>

namespace timeslice::test::interpreters_test {
namespace {

using testing::SizeIs;

Nanos medianTimedOutHold(const ProbedRun& run, ObjectId gil)
{
    std::string error;
    std::vector<Nanos> lengths;
    for (const Hold& hold : holdsOf(run, gil, error)) {
        if (hold.reason == ReleaseReason::Timeout) {
            lengths.push_back(hold.end - hold.begin);
        }
    }
    if (lengths.size() < 10) {
        return 0;
    }
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
    return lengths[lengths.size() / 2];
}

/// What the cores did for others than our children since this was made: other programs, and other guests of the host.
class ForeignLoad {
public:
    /// As a share of one core.
    double share() const
    {
        const Nanos foreign = (busyTime() - m_busy) - (childrenTime() - m_children);
        return static_cast<double>(foreign) / static_cast<double>(monotonicNow() - m_begin);
    }

private:
    // User, nice, system, (idle, iowait,) irq, softirq, steal of /proc/stat, in ticks.
    static Nanos busyTime()
    {
        std::ifstream file("/proc/stat");
        std::string cpu;
        file >> cpu;
        Nanos sum = 0;
        for (int i = 0; i < 8; ++i) {
            Nanos ticks = 0;
            file >> ticks;
            sum += i == 3 || i == 4 ? 0 : ticks;
        }
        return sum * kSecond / sysconf(_SC_CLK_TCK);
    }
    static Nanos childrenTime()
    {
        rusage used{};
        getrusage(RUSAGE_CHILDREN, &used);
        return (Nanos{used.ru_utime.tv_sec} + used.ru_stime.tv_sec) * kSecond
            + (Nanos{used.ru_utime.tv_usec} + used.ru_stime.tv_usec) * kMicrosecond;
    }

    Nanos m_begin = monotonicNow();
    Nanos m_busy = busyTime();
    Nanos m_children = childrenTime();
};

INSTANTIATE_TEST_SUITE_P(Found, WithEveryInterpreter, testing::ValuesIn(pythons()), pythonName);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(WithEveryInterpreter);

TEST_P(WithEveryInterpreter, the_gil_of_a_program_with_one_thread_is_known_from_the_start)
{
    const ProbedRun run = python("import time; time.sleep(0.001)");
    EXPECT_EQ(violated(run), "");
    EXPECT_EQ(run.status, 0);
    ASSERT_THAT(run.gils(), SizeIs(1));
    EXPECT_EQ(run.gils()[0].name, "GIL");
    EXPECT_EQ(run.gils()[0].pid, run.pid);
    EXPECT_THAT(run.threadsOf(run.gils()[0].id), testing::ElementsAre(run.pid));
    EXPECT_EQ(run.names.at(run.pid), "MainThread");
    EXPECT_GE(countOf(run, run.gils()[0].id, EventKind::LockRelease), 1U); // the sleep
}

TEST_P(WithEveryInterpreter, busy_threads_take_turns_that_never_overlap)
{
    const ProbedRun run = python(busyThreads(2, 20));
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    const ObjectId gil = run.gils()[0].id;
    EXPECT_THAT(run.threadsOf(gil), SizeIs(3));
    EXPECT_GE(countOf(run, gil, EventKind::LockDropRequest), 5U);
    std::set<std::string> names;
    for (const Tid tid : run.threadsOf(gil)) {
        names.insert(run.names.at(tid));
    }
    // As threading calls them; since 3.10 with the function that they run.
    const bool withTarget = GetParam().atLeast(3, 10);
    EXPECT_THAT(names,
        testing::ElementsAre(
            "MainThread", withTarget ? "Thread-1 (work)" : "Thread-1", withTarget ? "Thread-2 (work)" : "Thread-2"));
}

TEST_P(WithEveryInterpreter, a_thread_that_comes_before_the_one_that_was_woken_leaves_it_a_false_alarm)
{
    // Whose interval runs out, or who has just slept, takes a GIL that was let go for another.
    const ProbedRun run = python(R"(
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
)");
    EXPECT_EQ(violated(run), "");
    ASSERT_THAT(run.gils(), SizeIs(1));
    const ObjectId gil = run.gils()[0].id;
    EXPECT_GE(countOf(run, gil, EventKind::LockFalseAlarm), 1U);
    EXPECT_GE(countOf(run, gil, EventKind::LockDropRequest), 1U) << "those are told apart";
}

// The hold of a thread that has to share its core is longer by what the others ran meanwhile; so the upper bound is
// asserted only of a run that had the cores for itself.
TEST_P(WithEveryInterpreter, the_median_timed_out_hold_is_the_switch_interval)
{
    if (std::thread::hardware_concurrency() < 2) {
        GTEST_SKIP() << "one core: a hold also contains what the other thread ran";
    }
    for (const double interval : {0.005, 0.02}) {
        const Nanos set = static_cast<Nanos>(interval * 1e9);
        Nanos median = 0;
        double foreign = 0;
        for (int attempt = 0; attempt < 6 && (median < set || median > set + set / 5); ++attempt) {
            const ForeignLoad load;
            const ProbedRun run =
                python("import sys; sys.setswitchinterval(" + std::to_string(interval) + ")\n" + busyThreads(2, 50));
            foreign = std::max(foreign, load.share());
            EXPECT_EQ(violated(run), "");
            ASSERT_THAT(run.gils(), SizeIs(1));
            median = medianTimedOutHold(run, run.gils()[0].id);
            EXPECT_GE(median, set) << "interval " << interval;
        }
        if (median > set + set / 5 && foreign > 0.1) {
            GTEST_SKIP() << "others kept " << foreign << " of a core busy";
        }
        EXPECT_LE(median, set + set / 5) << "interval " << interval;
    }
}

TEST_P(WithEveryInterpreter, the_old_holder_waits_for_the_switch)
{
    // Only when it is still running as the other thread wakes up; that happens sooner or later.
    for (int attempt = 0; attempt < 20; ++attempt) {
        const ProbedRun run = python(busyThreads(3, 20));
        EXPECT_EQ(violated(run), "");
        ASSERT_THAT(run.gils(), SizeIs(1));
        if (countOf(run, run.gils()[0].id, EventKind::LockForcedWait) > 0) {
            return;
        }
    }
    FAIL() << "no forced wait in 20 runs";
}

} // namespace
} // namespace timeslice::test::interpreters_test
