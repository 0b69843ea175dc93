// Locks, the modelled GIL and counters of real runs.
#include "tests/core/workload/workload_support.h"

#include <gmock/gmock.h>
#include <set>

namespace timeslice::workload_test::locks_and_counters_test {
namespace {

using testing::SizeIs;

std::string counting(const std::string& task, const std::string& increment)
{
    return R"({"resources": {"x": {"type": "counter", "initial": 5}, "m": {"type": "mutex"}, "g": {"type": "gil"}},
               "tasks": {"T": {"instance": 2, )"
        + task + R"("do": [{"increment": {"counter": "x", )" + increment + "}}]}}}";
}

TEST(CounterTest, LosesNothingWhenAtomicOrUnderAMutexInThreadsAndProcesses)
{
    for (const char* task : {"", R"("as": "process", )", R"("gil": "g", )"}) {
        for (const char* how : {R"("how": "atomic")", R"("how": "mutex", "mutex": "m")",
                 R"("how": "atomic", "record": true)", R"("how": "mutex", "mutex": "m", "record": true)"}) {
            const Recorded recorded =
                record(counting(task + std::string(R"("loop": 4, )"), std::string(R"("times": 1500, )") + how));
            ASSERT_THAT(recorded.result.counters, SizeIs(1));
            EXPECT_EQ(recorded.result.counters[0].expected, 5 + 2 * 4 * 1500) << task << how;
            EXPECT_EQ(recorded.result.counters[0].actual, recorded.result.counters[0].expected) << task << how;
        }
    }
}

TEST(CounterTest, LosesUpdatesOfPlainIncrementsSoonerOrLater)
{
    std::int64_t lost = 0;
    for (int attempt = 0; attempt < 100 && lost == 0; ++attempt) {
        // With the recording between load and store, being preempted within an update is likely even on one core.
        const Channel channel = makeChannel();
        const auto result =
            runWorkload(parse(counting("", R"("times": 300000, "how": "plain", "record": true)")), options(&channel));
        ASSERT_TRUE(result) << result.error().message;
        const CounterOutcome& counter = result->counters.at(0);
        EXPECT_EQ(counter.expected, 5 + 2 * 300000);
        EXPECT_GE(counter.actual, 5 + 1);
        EXPECT_LE(counter.actual, counter.expected);
        lost = counter.expected - counter.actual;
    }
    EXPECT_GT(lost, 0);
}

TEST(CounterTest, KeepsPlainIncrementsWholeUnderAGil)
{
    const WorkloadResult result = run(counting(R"("gil": "g", )", R"("times": 200000, "how": "plain")"));
    EXPECT_EQ(result.counters.at(0).actual, 5 + 2 * 200000);
}

TEST(CounterTest, RecordsEveryLoadAndStoreWithItsValue)
{
    const Recorded recorded = record(R"({"resources": {"x": {"type": "counter", "initial": -2}}, "tasks": {
        "T": {"do": [{"increment": {"counter": "x", "times": 3, "record": true}},
                     {"increment": {"counter": "x", "times": 1, "how": "atomic", "record": true}},
                     {"increment": {"counter": "x", "times": 50}}]}}})");
    const auto accesses = recorded.eventsAt(recorded.objects(ObjectKind::Counter).at(0).id);
    ASSERT_THAT(accesses, SizeIs(8));
    for (std::size_t i = 0; i < accesses.size(); ++i) {
        EXPECT_EQ(accesses[i].kind, i % 2 == 0 ? EventKind::CounterLoad : EventKind::CounterStore);
        EXPECT_EQ(static_cast<std::int64_t>(accesses[i].value), -2 + static_cast<std::int64_t>((i + 1) / 2));
    }
    EXPECT_EQ(recorded.result.counters.at(0).actual, 52);
}

TEST(LockTest, IsNeverHeldByTwoThreadsOrProcessesAtOnce)
{
    for (const std::string as : {"thread", "process"}) {
        for (const std::string protocol : {"none", "inherit"}) {
            const Recorded recorded = record(R"({"resources": {"m": {"type": "mutex", "protocol": ")" + protocol
                + R"("}}, "tasks": {"T": {"instance": 3, "loop": 50, "as": ")" + as
                + R"(", "do": [{"lock": "m"}, {"run": 300}, {"yield": true}, {"unlock": "m"}]}}})");
            const auto mutexes = recorded.objects(ObjectKind::Mutex);
            ASSERT_THAT(mutexes, SizeIs(1));
            EXPECT_EQ(mutexes[0].pid, as == "process" ? 0 : getpid());
            const auto events = recorded.eventsAt(mutexes[0].id);
            EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& event) { return event.kind == EventKind::LockAcquire; }),
                150);
            expectHoldsDoNotOverlap(events);
        }
    }
}

TEST(GilTaskTest, HoldsTheGilWhileItComputesAndLetsGoAtTheEnd)
{
    const Recorded recorded = record(R"({"resources": {"g": {"type": "gil", "interval": "200us"}}, "tasks": {
        "T": {"instance": 3, "gil": "g", "do": [{"run": "100ms"}]}}})");
    const auto gils = recorded.objects(ObjectKind::Gil);
    ASSERT_THAT(gils, SizeIs(1));
    EXPECT_EQ(gils[0].pid, getpid());
    const auto events = recorded.eventsAt(gils[0].id);
    expectHoldsDoNotOverlap(events);
    std::set<Tid> left;
    for (const Event& event : events) {
        if (event.kind == EventKind::LockRelease && event.value == static_cast<std::uint64_t>(ReleaseReason::Exit)) {
            EXPECT_TRUE(left.insert(event.tid).second);
        }
    }
    EXPECT_THAT(left, SizeIs(3));
}

TEST(GilTaskTest, LetsGoOfTheGilWhileItWaitsAndTakesItAgain)
{
    const Recorded recorded = record(R"({"resources": {"g": {"type": "gil"}, "f": {"type": "file"},
        "b": {"type": "barrier"}, "p": {"type": "pipe"}}, "tasks": {"T": {"gil": "g", "do": [{"sleep": "1ms"},
        {"timer": "1ms"}, {"barrier": "b"}, {"send": {"pipe": "p", "bytes": 5}}, {"receive": {"pipe": "p", "bytes": 5}},
        {"write": {"file": "f", "bytes": 5, "sync": true}}, {"read": {"file": "f", "bytes": 5}}]}}})");
    bool holds = false;
    bool waits = false;
    int waitsSeen = 0;
    for (const Event& event : recorded.eventsOf("T")) {
        if (event.kind == EventKind::LockAcquire || event.kind == EventKind::LockRelease) {
            EXPECT_FALSE(waits);
            holds = event.kind == EventKind::LockAcquire;
        } else if (event.kind == EventKind::WaitBegin || event.kind == EventKind::WaitEnd) {
            EXPECT_FALSE(holds);
            waits = event.kind == EventKind::WaitBegin;
            waitsSeen += waits;
        }
    }
    EXPECT_EQ(waitsSeen, 7);
    EXPECT_FALSE(holds);
}

TEST(GilTaskTest, LetsGoOfTheGilWhileItWaitsForALockThatAnotherHolds)
{
    // A sleeps with the lock held. If B waited for it with the GIL, A could never go on.
    const Recorded recorded = record(R"({"resources": {"g": {"type": "gil"}, "m": {"type": "mutex"}}, "tasks": {
        "A": {"gil": "g", "do": [{"lock": "m"}, {"sleep": "20ms"}, {"unlock": "m"}]},
        "B": {"gil": "g", "delay": "5ms", "do": [{"lock": "m"}, {"unlock": "m"}]}}})");
    EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done);
    expectHoldsDoNotOverlap(recorded.eventsAt(recorded.objects(ObjectKind::Mutex).at(0).id));
    expectHoldsDoNotOverlap(recorded.eventsAt(recorded.objects(ObjectKind::Gil).at(0).id));
}

TEST(GilTaskTest, HasAGilOfItsOwnInEveryProcess)
{
    const Recorded recorded = record(R"({"resources": {"g": {"type": "gil"}}, "tasks": {
        "P": {"instance": 2, "as": "process", "gil": "g", "do": [{"run": "1ms"}]},
        "T": {"gil": "g", "do": [{"run": "1ms"}]}}})");
    const auto gils = recorded.objects(ObjectKind::Gil);
    ASSERT_THAT(gils, SizeIs(3));
    std::set<Pid> owners;
    for (const ObjectBirth& gil : gils) {
        EXPECT_EQ(gil.name, "g");
        owners.insert(gil.pid);
        const auto events = recorded.eventsAt(gil.id);
        ASSERT_THAT(events, SizeIs(2));
        EXPECT_EQ(events[0].pid, gil.pid);
    }
    EXPECT_EQ(owners,
        (std::set<Pid>{recorded.result.tasks[0].pid, recorded.result.tasks[1].pid, recorded.result.tasks[2].pid}));
}

} // namespace
} // namespace timeslice::workload_test::locks_and_counters_test
