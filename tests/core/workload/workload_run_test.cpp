// Real runs: equal work, times, waits, and what is recorded of them.
#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"
#include "tests/core/workload/workload_support.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <map>
#include <set>

namespace timeslice::workload_test::workload_run_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(ComputeKernelTest, DoesTheSameWorkInOnePieceAndInMany)
{
    std::uint64_t state = kFirstState;
    for (int i = 0; i < 10; ++i) {
        state = compute(state, 1000);
    }
    EXPECT_EQ(state, compute(kFirstState, 10'000));
    EXPECT_NE(state, compute(kFirstState, 9'999));
    EXPECT_EQ(compute(kFirstState, 0), kFirstState);
}

TEST(ComputeKernelTest, TurnsTimeIntoIterations)
{
    EXPECT_EQ(iterationsFor(0, 500), 0U);
    EXPECT_EQ(iterationsFor(1, 0.001), 1U);
    EXPECT_EQ(iterationsFor(10 * kMillisecond, 500), 5'000'000U);
    EXPECT_EQ(iterationsFor(24 * 3600 * kSecond, 1e9), 9'000'000'000'000'000'000U);
    EXPECT_GT(calibrateIterationsPerUs(), 0);
}

TEST(WorkloadRunTest, DoesTheSameNumberOfIterationsInThreadsUnderAGilAndInProcesses)
{
    const std::string job = R"("instance": 2, "loop": 3, "do": [{"run": "1.7ms"}, {"run": 33}]}}})";
    const std::uint64_t each =
        3 * (iterationsFor(1700 * kMicrosecond, kSlow) + iterationsFor(33 * kMicrosecond, kSlow));
    for (const std::string& variant :
        {R"({"tasks": {"T": {)" + job, R"({"resources": {"g": {"type": "gil"}}, "tasks": {"T": {"gil": "g", )" + job,
            R"({"resources": {"g": {"type": "gil", "policy": "ticks"}}, "tasks": {"T": {"gil": "g", )" + job,
            R"({"tasks": {"T": {"as": "process", )" + job,
            R"({"resources": {"g": {"type": "gil"}}, "tasks": {"T": {"as": "process", "gil": "g", )" + job}) {
        const WorkloadResult result = run(variant);
        ASSERT_THAT(result.tasks, SizeIs(2)) << variant;
        EXPECT_EQ(result.tasks[0].iterations, each) << variant;
        EXPECT_EQ(result.tasks[1].iterations, each) << variant;
        EXPECT_EQ(result.end, WorkloadResult::End::Done);
    }
}

TEST(WorkloadRunTest, ReportsNamesIdsAndTimesThatAddUp)
{
    const WorkloadResult result = run(R"({"tasks": {"Single": {"do": [{"run": "2ms"}]},
        "Worker": {"instance": 2, "as": "process", "do": [{"run": "2ms"}]}}})");
    ASSERT_THAT(result.tasks, SizeIs(3));
    EXPECT_EQ(result.tasks[0].name, "Single");
    EXPECT_EQ(result.tasks[1].name, "Worker 1");
    EXPECT_EQ(result.tasks[2].name, "Worker 2");
    EXPECT_EQ(result.tasks[0].pid, getpid());
    EXPECT_NE(result.tasks[0].tid, getpid());
    EXPECT_EQ(result.tasks[1].pid, result.tasks[1].tid);
    EXPECT_NE(result.tasks[1].pid, result.tasks[2].pid);
    Nanos sum = 0;
    for (const TaskOutcome& task : result.tasks) {
        EXPECT_GT(task.cpuTime, 0);
        EXPECT_LE(task.cpuTime, result.wall);
        sum += task.cpuTime;
    }
    EXPECT_EQ(result.cpu, sum);
}

TEST(WorkloadRunTest, WritesItsResultAsTheJsonThatTheSessionReads)
{
    const nlohmann::json json = toJson(run(
        R"({"resources": {"x": {"type": "counter", "initial": -3}}, "tasks": {"T": {"do": [{"run": "1ms"},
            {"increment": {"counter": "x", "times": 10}}]}}})"));
    EXPECT_EQ(json["counters"], nlohmann::json::parse(R"([{"name": "x", "expected": 7, "actual": 7}])"));
    ASSERT_EQ(json["threads"].size(), 1U);
    EXPECT_EQ(json["threads"][0]["name"], "T");
    EXPECT_EQ(json["threads"][0]["cpu_ns"], json["cpu_ns"]);
    EXPECT_GE(json["wall_ns"], json["cpu_ns"]);
    EXPECT_EQ(json["extra"]["iterations"], iterationsFor(kMillisecond, kSlow));
    EXPECT_EQ(json["errors"], nlohmann::json::array());
}

TEST(WorkloadRunTest, BeginsTheWorkWhenAllStandReadyAndEndsItAfterTheLast)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"instance": 3, "do": [{"mark": "here"}, {"run": "1ms"},
        {"mark": "here"}]}, "P": {"as": "process", "do": [{"mark": "here"}]}}})");
    const auto begin = recorded.events(EventKind::WorkBegin);
    const auto end = recorded.events(EventKind::WorkEnd);
    ASSERT_THAT(begin, SizeIs(1));
    ASSERT_THAT(end, SizeIs(1));
    EXPECT_EQ(end[0].time - begin[0].time, recorded.result.wall);
    const auto marks = recorded.events(EventKind::Mark);
    ASSERT_THAT(marks, SizeIs(7));
    EXPECT_GE(marks.front().time, begin[0].time);
    EXPECT_LE(marks.back().time, end[0].time);
    ASSERT_THAT(recorded.objects(ObjectKind::Mark), SizeIs(1));
    EXPECT_EQ(recorded.objects(ObjectKind::Mark)[0].name, "here");
}

TEST(WorkloadRunTest, GivesEveryTaskARingOfItsOwnAndHidesTheCoordinator)
{
    const Recorded recorded = record(
        R"({"tasks": {"T": {"instance": 2, "do": [{"mark": "m"}]}, "P": {"as": "process", "do": [{"mark": "m"}]}}})");
    std::map<std::string, bool> auxiliaryByName;
    std::set<Tid> tids;
    for (const ThreadNaming& naming : recorded.batch.names) {
        auxiliaryByName[naming.name] = naming.auxiliary;
        tids.insert(naming.tid);
    }
    EXPECT_EQ(auxiliaryByName,
        (std::map<std::string, bool>{{"timeslice-worker", true}, {"T 1", false}, {"T 2", false}, {"P", false}}));
    EXPECT_THAT(tids, SizeIs(4));
    for (const TaskOutcome& task : recorded.result.tasks) {
        EXPECT_EQ(recorded.tidOf(task.name), task.tid);
        EXPECT_THAT(recorded.eventsOf(task.name), SizeIs(1));
    }
}

TEST(WorkloadRunTest, SaysWhatASleeperWaitsForAndUntilWhenAndDoesNotWakeItEarly)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"delay": "1ms", "loop": 5, "do": [{"sleep": "2ms"}]}}})");
    const auto events = recorded.eventsOf("T");
    ASSERT_THAT(events, SizeIs(18));
    const Nanos begin = recorded.events(EventKind::WorkBegin)[0].time;
    EXPECT_LE(events[1].time, begin) << "the delay is told before";
    EXPECT_EQ(events[1].kind, EventKind::StartDelay);
    EXPECT_EQ(events[1].value, static_cast<std::uint64_t>(kMillisecond));
    EXPECT_GE(events[2].time, begin + kMillisecond);
    for (std::size_t i = 3; i < events.size(); i += 3) {
        const Event& asleep = events[i];
        const Event& until = events[i + 1];
        const Event& awake = events[i + 2];
        EXPECT_EQ(asleep.kind, EventKind::WaitBegin);
        EXPECT_EQ(until.kind, EventKind::WaitUntil);
        EXPECT_EQ(awake.kind, EventKind::WaitEnd);
        EXPECT_EQ(asleep.value, static_cast<std::uint64_t>(WaitKind::Sleep));
        EXPECT_GE(awake.time, static_cast<Nanos>(until.value));
        EXPECT_LE(static_cast<Nanos>(until.value), asleep.time + 2 * kMillisecond);
        EXPECT_GE(static_cast<Nanos>(until.value), events[i - 1].time + 2 * kMillisecond) << "after the one before";
    }
}

TEST(WorkloadRunTest, SaysThatTheBeginOfTheWorkOpensTheGateForAll)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"instance": 2, "do": [{"run": 10}]}}})");
    EXPECT_EQ(recorded.events(EventKind::WorkBegin)[0].value, static_cast<std::uint64_t>(WorkStart::Gate));
}

TEST(WorkloadRunTest, MeasuresHowLateEachTimerWokeFromTheExactMomentItWasDue)
{
    const Recorded recorded = record(R"({"tasks": {"T": {"loop": 6, "do": [{"timer": "3ms"}]}}})");
    const auto latencies = recorded.events(EventKind::Latency);
    ASSERT_THAT(latencies, SizeIs(6));
    const Nanos begin = recorded.events(EventKind::WorkBegin)[0].time;
    Nanos dueBefore = begin;
    for (const Event& latency : latencies) {
        const Nanos due = latency.time - static_cast<Nanos>(latency.value);
        EXPECT_EQ((due - begin) % (3 * kMillisecond), 0);
        EXPECT_GT(due, dueBefore);
        dueBefore = due;
    }
}

TEST(WorkloadRunTest, RunsForATimeByTheClock)
{
    const WorkloadResult result = run(R"({"tasks": {"T": {"do": [{"runtime": "5ms"}, {"yield": true}]}}})");
    EXPECT_GE(result.wall, 5 * kMillisecond);
    EXPECT_GT(result.tasks[0].iterations, 0U);
}

TEST(WorkloadRunTest, WritesAndReadsARealFileWithTheWaitsMarked)
{
    const Recorded recorded = record(R"({"resources": {"f": {"type": "file"}}, "tasks": {"T": {"instance": 2,
        "loop": 40, "do": [{"write": {"file": "f", "bytes": 65536, "sync": false}},
        {"write": {"file": "f", "bytes": 100, "sync": true}}, {"read": {"file": "f", "bytes": 65536}}]}}})");
    EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done) << recorded.result.errors.front();
    EXPECT_THAT(recorded.result.fileDirectories, SizeIs(1));
    EXPECT_THAT(recorded.events(EventKind::WaitBegin), SizeIs(240));
    EXPECT_THAT(recorded.events(EventKind::WaitEnd), SizeIs(240));
    EXPECT_EQ(recorded.events(EventKind::WaitBegin)[0].value, static_cast<std::uint64_t>(WaitKind::FileIo));
}

TEST(WorkloadRunTest, SaysWhereItCouldNotMakeATemporaryFile)
{
    const int status = statusOfChild([] {
        setenv("TMPDIR", "/nonexistent/place", 1);
        const auto result = runWorkload(
            parse(R"({"resources": {"f": {"type": "file"}}, "tasks": {"T": {"do": [{"run": 1}]}}})"), options());
        return !result && result.error().message.find("/nonexistent/place") != std::string::npos
                && result.error().message.find("TMPDIR") != std::string::npos
            ? 42
            : 1;
    });
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(WorkloadRunTest, MovesMoreThroughAPipeThanFitsInIt)
{
    for (const std::string as : {"thread", "process"}) {
        const Recorded recorded = record(R"({"resources": {"p": {"type": "pipe"}}, "tasks": {
            "A": {"as": ")"
            + as + R"(", "loop": 2, "do": [{"send": {"pipe": "p", "bytes": 300000}}]},
            "B": {"do": [{"receive": {"pipe": "p", "bytes": 600000}}]}}})");
        EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done);
        EXPECT_THAT(recorded.eventsOf("A"), SizeIs(4));
        ASSERT_THAT(recorded.eventsOf("B"), SizeIs(2));
        EXPECT_EQ(recorded.eventsOf("B")[0].value, static_cast<std::uint64_t>(WaitKind::PipeIo));
    }
}

TEST(WorkloadRunTest, LetsNobodyThroughABarrierBeforeTheLastHasCome)
{
    for (const std::string as : {"thread", "process"}) {
        const Recorded recorded = record(R"({"resources": {"b": {"type": "barrier"}}, "tasks": {
            "A": {"instance": 2, "as": ")"
            + as + R"(", "loop": 5, "do": [{"run": 100}, {"barrier": "b"}]},
            "B": {"loop": 5, "do": [{"sleep": "1ms"}, {"barrier": "b"}]}}})");
        const ObjectId barrier = recorded.objects(ObjectKind::Barrier).at(0).id;
        std::vector<Nanos> lastCome(5, 0);
        std::vector<Nanos> firstGone(5, INT64_MAX);
        std::map<Tid, std::size_t> come;
        std::map<Tid, std::size_t> gone;
        for (const Event& event : recorded.eventsAt(barrier)) {
            if (event.kind == EventKind::WaitBegin) {
                Nanos& last = lastCome.at(come[event.tid]++);
                last = std::max(last, event.time);
            } else {
                ASSERT_EQ(event.kind, EventKind::WaitEnd);
                Nanos& first = firstGone.at(gone[event.tid]++);
                first = std::min(first, event.time);
            }
        }
        EXPECT_THAT(gone, SizeIs(3));
        for (std::size_t round = 0; round < 5; ++round) {
            EXPECT_GE(firstGone[round], lastCome[round]);
        }
    }
}

TEST(WorkloadRunTest, WakesTheWaiterOfAConditionOnlyAfterTheSignal)
{
    for (const std::string as : {"thread", "process"}) {
        // B passes the barrier while A holds the mutex, and gets the mutex only once A waits.
        const Recorded recorded = record(R"({"resources": {"m": {"type": "mutex"}, "c": {"type": "condition"},
            "b": {"type": "barrier"}}, "tasks": {
            "A": {"as": ")"
            + as + R"(", "do": [{"lock": "m"}, {"barrier": "b"},
                  {"wait": {"condition": "c", "mutex": "m"}}, {"unlock": "m"}]},
            "B": {"do": [{"barrier": "b"}, {"lock": "m"}, {"mark": "signal"}, {"broadcast": "c"}, {"unlock": "m"}]}}})");
        EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done);
        const auto waits = recorded.eventsAt(recorded.objects(ObjectKind::Condition).at(0).id);
        ASSERT_THAT(waits, SizeIs(2));
        const Nanos signalled = recorded.events(EventKind::Mark).at(0).time;
        EXPECT_LT(waits[0].time, signalled);
        EXPECT_GT(waits[1].time, signalled);
        expectHoldsDoNotOverlap(recorded.eventsAt(recorded.objects(ObjectKind::Mutex).at(0).id));
    }
}

TEST(WorkloadRunTest, SaysThatATaskUnlocksWhatALoopHasUnlockedBefore)
{
    const WorkloadResult result = run(R"({"resources": {"m": {"type": "mutex"}}, "tasks": {"T": {"phases": [
        {"do": [{"lock": "m"}]}, {"loop": 2, "do": [{"unlock": "m"}]}]}}})");
    EXPECT_EQ(result.end, WorkloadResult::End::Failed);
    EXPECT_THAT(result.errors, ElementsAre("T (tasks/T/phases/1/do/0): unlocks 'm', which it does not hold"));
}

TEST(WorkloadRunTest, RunsWithoutARecording)
{
    const WorkloadResult result = run(R"({"resources": {"m": {"type": "mutex", "protocol": "inherit"},
        "g": {"type": "gil"}, "c": {"type": "condition"}}, "tasks": {"T": {"instance": 2, "gil": "g",
        "do": [{"lock": "m"}, {"mark": "x"}, {"signal": "c"}, {"sleep": 100}, {"unlock": "m"}]}}})");
    EXPECT_EQ(result.end, WorkloadResult::End::Done);
    EXPECT_FALSE(EventWriter::current().attached());
}

} // namespace
} // namespace timeslice::workload_test::workload_run_test
