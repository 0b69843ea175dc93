// CPython's own tests of threads, signals, processes and executors, under the probe: none fails that passes without.
//
// Of each suite that takes long, a part. All of them, which takes a quarter of an hour, and with another interpreter:
//   TIMESLICE_WHOLE_SUITES=1 TIMESLICE_SUITE_PYTHON=/path/to/python3 test_probe --gtest_filter='*CPythonSuite*'
#include "tests/core/probe/gil_invariants.h"
#include "tests/core/probe/interpreters.h"

#include <gtest/gtest.h>

namespace timeslice::test::cpython_suite_test {
namespace {

struct Suite {
    const char* name;
    const char* module;
    std::vector<std::string> only; ///< patterns of its tests; empty: all
};

void PrintTo(const Suite& suite, std::ostream* out)
{
    *out << suite.module;
}

const Suite kSuites[] = {
    {"locks", "test_thread", {}},
    {"threads", "test_threading", {}},
    {"thread_locals", "test_threading_local", {}},
    {"signals_to_threads", "test_threadsignals", {}},
    {"signals", "test_signal",
        {"*PosixTests*", "*WakeupSignalTests*", "*PendingSignalsTests*", "*RaiseSignalTest*", "*WakeupFDTests*"}},
    {"queues", "test_queue", {}},
    {"forks", "test_fork1", {}},
    {"waits", "test_wait4", {}},
    {"thread_pools", "test_concurrent_futures", {"*ThreadPoolExecutorTest*"}},
    {"process_pools", "test_concurrent_futures",
        {"*ProcessPoolFork*Test.test_submit*", "*ProcessPoolForkserver*test_map*", "*ProcessPoolSpawn*test_submit*"}},
    {"forked_processes", "test_multiprocessing_fork", {"*WithProcessesTestProcess*", "*WithThreadsTestPool*"}},
    {"processes_of_a_server", "test_multiprocessing_forkserver",
        {"*WithProcessesTestQueue*", "*WithProcessesTestLock*", "*WithProcessesTestCondition*"}},
    {"child_programs", "test_subprocess", {"*preexec*", "*ContextManager*", "*close_fds*", "*pass_fds*"}},
    {"spawned_processes", "test_multiprocessing_spawn",
        {"*WithProcessesTestQueue*", "*WithProcessesTestEvent*", "*WithProcessesTestSemaphore*"}},
};

bool wholeSuites()
{
    return std::getenv("TIMESLICE_WHOLE_SUITES") != nullptr;
}

// By default that of Debian: with each interpreter found it would take minutes more.
std::string suitePython()
{
    const char* named = std::getenv("TIMESLICE_SUITE_PYTHON");
    return named != nullptr ? named : "/usr/bin/python3";
}

struct SuiteRun {
    int status = 0;
    std::set<std::string> failed; ///< "" alone: it failed as a whole
    std::size_t ran = 0;
    ProbedRun run;
};

/// Reads the report that `python -m test` writes in the form of JUnit: <testcase name="..." ...><failure or <error.
void readReport(const std::string& report, SuiteRun& suite)
{
    const std::string begin = "<testcase ";
    for (std::size_t at = report.find(begin); at != std::string::npos;) {
        const std::size_t next = report.find(begin, at + 1);
        const std::string entry = report.substr(at, next == std::string::npos ? next : next - at);
        const std::size_t name = entry.find("name=\"");
        ++suite.ran;
        if (entry.find("<failure") != std::string::npos || entry.find("<error") != std::string::npos) {
            suite.failed.insert(entry.substr(name + 6, entry.find('"', name + 6) - name - 6));
        }
        at = next;
    }
}

SuiteRun runSuite(const Suite& suite, bool probe)
{
    char folder[] = "/tmp/timeslice-suite-XXXXXX";
    SuiteRun result;
    if (mkdtemp(folder) == nullptr) {
        result.run.error = "no temporary folder";
        return result;
    }
    const std::string report = std::string(folder) + "/report.xml";
    std::vector<std::string> command{
        suitePython(), "-m", "test", "--timeout", wholeSuites() ? "1200" : "600", "--junit-xml", report, suite.module};
    for (const std::string& pattern : suite.only) {
        if (!wholeSuites()) {
            command.insert(command.end(), {"-m", pattern});
        }
    }
    result.run = runProbed(command,
        {.probe = probe,
            .geometry = {.rings = 4096, .ringCapacity = 1U << 13, .objects = 1U << 14},
            .patience = (wholeSuites() ? 1800 : 660) * kSecond,
            .folder = folder});
    result.status = result.run.status;
    std::ifstream file(report);
    readReport({std::istreambuf_iterator<char>(file), {}}, result);
    if (result.status != 0 && result.failed.empty()) {
        result.failed.insert("");
    }
    std::filesystem::remove_all(folder);
    return result;
}

std::set<std::string> onlyIn(const std::set<std::string>& these, const std::set<std::string>& notThose)
{
    std::set<std::string> rest;
    std::set_difference(
        these.begin(), these.end(), notThose.begin(), notThose.end(), std::inserter(rest, rest.begin()));
    return rest;
}

class CPythonSuite : public testing::TestWithParam<Suite> { };

INSTANTIATE_TEST_SUITE_P(Of, CPythonSuite, testing::ValuesIn(kSuites),
    [](const testing::TestParamInfo<Suite>& tested) { return std::string(tested.param.name); });

TEST_P(CPythonSuite, passes_under_the_probe_as_without)
{
    const Suite& suite = GetParam();
    const ProbedRun there = runProbed(
        {suitePython(), "-c", "import test.libregrtest, test." + std::string(suite.module)}, {.probe = false});
    if (there.status != 0) {
        GTEST_SKIP() << suitePython() << " has no tests (Debian's package: libpython3.11-testsuite): " << there.err;
    }
    const SuiteRun with = runSuite(suite, true);
    ASSERT_GT(with.ran, 0U) << with.run.out << with.run.err;
    EXPECT_FALSE(with.run.gils().empty());
    for (const ObjectBirth& gil : with.run.gils()) {
        std::string error;
        const std::vector<Hold> holds = holdsOf(with.run, gil.id, error);
        if (with.run.lost.total() == 0) {
            EXPECT_EQ(error, "");
            EXPECT_EQ(overlap(holds), "");
            EXPECT_EQ(badRequests(with.run, gil.id), "");
        }
    }
    if (with.failed.empty()) {
        return;
    }
    // Not all of these tests are sure of themselves on a busy machine. What fails because of the probe fails again.
    const SuiteRun without = runSuite(suite, false);
    std::set<std::string> suspects = onlyIn(with.failed, without.failed);
    for (int attempt = 0; attempt < 2 && !suspects.empty(); ++attempt) {
        const SuiteRun again = runSuite(suite, true);
        suspects = onlyIn(suspects, onlyIn(suspects, again.failed));
    }
    EXPECT_THAT(suspects, testing::IsEmpty()) << with.run.out << with.run.err;
}

} // namespace
} // namespace timeslice::test::cpython_suite_test
