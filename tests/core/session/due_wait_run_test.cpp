// Real sleepers beside a hog on one core: from its deadline until its slice each waits for the core.
#include "core/trace/due_waits.h"
#include "tests/core/session/run_support.h"

#include <set>

namespace timeslice::due_wait_run_test {
namespace {

/// The hog is before the sleeper at any time: a thread of policy SCHED_IDLE does not take a core from a normal one.
constexpr const char* kHogAndSleeper = R"({"tasks": {
    "Sleeper": {"cpus": [0], "policy": "SCHED_IDLE", "delay": "3ms", "loop": 6, "do": [{"timer": "15ms"}, {"run": 100}]},
    "Hog": {"cpus": [0], "do": [{"runtime": "120ms"}]}}})";

const ThreadInfo& threadNamed(const Timeline& timeline, const std::string& name)
{
    for (const ThreadInfo& thread : timeline.threads) {
        if (thread.name == name) {
            return thread;
        }
    }
    throw std::runtime_error("no thread is called " + name);
}

/// The moments for which the thread slept, as it has told them.
std::set<Nanos> deadlinesOf(Tid tid, const std::vector<Event>& events, Nanos workBegin)
{
    std::set<Nanos> moments;
    for (const Event& event : events) {
        const auto told = static_cast<Nanos>(event.value);
        if (event.kind == EventKind::WaitUntil && event.tid == tid) {
            moments.insert(told);
        } else if (event.kind == EventKind::StartDelay && event.tid == tid) {
            moments.insert(workBegin + told);
        }
    }
    return moments;
}

/// The slice before the first in which the thread ran at `moment` or after.
std::size_t beforeItRan(const Track& track, Nanos moment)
{
    std::size_t i = track.indexAt(moment);
    while (i + 1 < track.size() && track.value(i + 1).state() != SliceState::Running) {
        ++i;
    }
    return i;
}

void expectToWaitFromTheDeadlineOn(const FollowedRun& run)
{
    const Timeline& timeline = run.timeline();
    ASSERT_EQ(timeline.lost.total(), 0U);
    const ThreadInfo& sleeper = threadNamed(timeline, "Sleeper");
    const Track& track = sleeper.track;
    const std::set<Nanos> deadlines = deadlinesOf(sleeper.tid, run.events, timeline.workBegin.value());
    EXPECT_EQ(deadlines.size(), 7U) << "its delay, and each round";

    Nanos late = 0;
    for (const Nanos deadline : deadlines) {
        const std::size_t index = beforeItRan(track, deadline);
        ASSERT_LT(index + 1, track.size());
        const Slice slice = track.slice(index);
        const bool slept = track.value(track.indexAt(deadline - 1)).state() == SliceState::Blocked;
        if (!slept || slice.end - deadline < DueWaits::kIdleCores) {
            continue; // it was stopped before it slept, or the timer may have a part in it
        }
        EXPECT_EQ(slice.value.state(), SliceState::Runnable) << "until it had the core";
        EXPECT_EQ(slice.begin, deadline);
        late += slice.end - deadline;
    }
    EXPECT_GT(late, 0) << "the hog kept it from the core";

    Nanos ready = 0;
    for (std::size_t i = 0; i < track.size(); ++i) {
        const Slice slice = track.slice(i);
        if (slice.value.state() == SliceState::Runnable && slice.value.cause() == Cause::Woken
            && slice.begin != timeline.workBegin) {
            EXPECT_TRUE(deadlines.contains(slice.begin)) << "slice " << i;
            EXPECT_GE(slice.length(), DueWaits::kTimersOwn) << "slice " << i;
            ready += slice.length();
        }
    }
    EXPECT_GE(ready, late);
    for (const ThreadReport& thread : run.variant().report.threads) {
        if (thread.name == "Sleeper") {
            EXPECT_GE(thread.runnable, ready) << "the table says what is drawn";
        }
    }
}

TEST(DueWaitRunTest, ASleeperWaitsForTheCoreFromItsDeadlineUntilItsSlice)
{
    const FollowedRun run = runToEnd(scenarioOf(kHogAndSleeper));
    if (run.timeline().wakeupsUntil) {
        GTEST_SKIP() << "the kernel tells of wake-ups here, and its word counts";
    }
    expectToWaitFromTheDeadlineOn(run);
}

TEST(DueWaitRunTest, SoItDoesWhereTheThreadsNoteTheirSwitchesThemselves)
{
    RunOptions options;
    options.forceInferred = true;
    expectToWaitFromTheDeadlineOn(runToEnd(scenarioOf(kHogAndSleeper), options));
}

} // namespace
} // namespace timeslice::due_wait_run_test
