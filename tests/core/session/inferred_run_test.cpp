// Inferred tracks guess when a thread ran, never how much, also where others want the cores.
#include "tests/core/session/hogs.h"
#include "tests/core/session/run_support.h"

#include <cstdlib>

namespace timeslice::inferred_run_test {
namespace {

/// Running time of each thread of the work, beside the kernel's account of it.
void expectTheKernelsSums(const FollowedRun& run)
{
    ASSERT_EQ(run.timeline().source, Source::Inferred);
    ASSERT_EQ(run.timeline().lost.total(), 0U);
    const RunFacts& facts = run.variant().facts;
    ASSERT_FALSE(facts.threadCpu.empty());
    Nanos onCores = 0;
    Nanos running = 0;
    for (const ThreadReport& thread : run.variant().report.threads) {
        const auto kernel = facts.threadCpu.find(thread.tid);
        if (kernel == facts.threadCpu.end()) {
            continue;
        }
        running += thread.running;
        EXPECT_NEAR(static_cast<double>(thread.running), static_cast<double>(kernel->second),
            0.02 * static_cast<double>(kernel->second))
            << thread.name;
    }
    for (const CoreReport& core : run.variant().report.cores) {
        onCores += core.own;
    }
    // The same on the cores, save where two threads' inferred times overlap.
    EXPECT_NEAR(static_cast<double>(onCores), static_cast<double>(running), 0.05 * static_cast<double>(running));
}

RunOptions inferred()
{
    RunOptions options;
    options.forceInferred = true;
    return options;
}

TEST(InferredRunTest, OnABusyMachineThreadsUnderALockRanAsLongAsTheKernelSays)
{
    const Hogs hogs;
    expectTheKernelsSums(runToEnd(scenarioOf(R"({"resources": {"A": {"type": "mutex"}, "B": {"type": "mutex"}},
        "tasks": {"Thread": {"instance": 2, "loop": 20, "do": [{"lock": "A"}, {"run": "3ms"}, {"lock": "B"},
            {"run": "3ms"}, {"unlock": "B"}, {"unlock": "A"}]}}})"),
        inferred()));
}

TEST(InferredRunTest, OnABusyMachineThreadsThatShareOneCoreRanAsLongAsTheKernelSays)
{
    const Hogs hogs;
    expectTheKernelsSums(runToEnd(
        scenarioOf(R"({"tasks": {"Thread": {"instance": 3, "cpus": [0], "do": [{"run": "100ms"}]}}})"), inferred()));
}

TEST(InferredRunTest, OnABusyMachineThreadsThatSleepOftenRanAsLongAsTheKernelSays)
{
    const Hogs hogs;
    expectTheKernelsSums(runToEnd(
        scenarioOf(
            R"({"tasks": {"Thread": {"instance": 4, "loop": 100, "do": [{"run": "500us"}, {"sleep": "200us"}]}}})"),
        inferred()));
}

} // namespace
} // namespace timeslice::inferred_run_test
