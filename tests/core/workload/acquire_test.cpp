// Taking several locks or none, and loops that end by the clock.
#include "tests/core/workload/workload_support.h"

#include <gmock/gmock.h>

namespace timeslice::workload_test::acquire_test {
namespace {

TEST(AcquireTest, EndsWhereTwoOrdersWouldDeadlock)
{
    const Recorded recorded = record(R"({"resources": {"a": {"type": "mutex"}, "b": {"type": "mutex"}}, "tasks": {
        "T1": {"loop": 20, "do": [{"acquire": {"mutexes": ["a", "b"], "between": "50us", "pause": "50us"}},
                                  {"unlock": "a"}, {"unlock": "b"}]},
        "T2": {"loop": 20, "do": [{"acquire": {"mutexes": ["b", "a"], "between": "50us", "pause": "50us"}},
                                  {"unlock": "b"}, {"unlock": "a"}]}}})");
    EXPECT_EQ(recorded.result.end, WorkloadResult::End::Done);
    EXPECT_FALSE(recorded.result.abandonedThreads);
    for (const ObjectBirth& mutex : recorded.objects(ObjectKind::Mutex)) {
        const auto events = recorded.eventsAt(mutex.id);
        EXPECT_GE(std::count_if(events.begin(), events.end(),
                      [](const Event& event) { return event.kind == EventKind::LockAcquire; }),
            40);
        expectHoldsDoNotOverlap(events);
    }
}

TEST(AcquireTest, HoldsAllOfThemAfterwards)
{
    const WorkloadResult result = run(R"({"resources": {"a": {"type": "mutex"}, "b": {"type": "mutex"},
                                                        "x": {"type": "counter"}}, "tasks": {
        "T": {"instance": 3, "loop": 100, "do": [{"acquire": {"mutexes": ["a", "b"], "pause": "1us"}},
              {"increment": {"counter": "x", "times": 20}}, {"unlock": "b"}, {"unlock": "a"}]}}})");
    EXPECT_EQ(result.counters.at(0).actual, 3 * 100 * 20);
}

TEST(UntilTest, LetsNoRoundBeginAfterItsTime)
{
    const WorkloadResult result = run(R"({"resources": {"x": {"type": "counter"}}, "tasks": {
        "T": {"loop": 1000000000, "until": "3ms", "do": [{"increment": {"counter": "x"}}, {"sleep": "1ms"}]}}})");
    EXPECT_EQ(result.end, WorkloadResult::End::Done);
    EXPECT_LE(result.counters.at(0).actual, 3);
}

TEST(UntilTest, IsNoReasonToGoOnOnceTheLoopIsDone)
{
    const WorkloadResult result = run(R"({"resources": {"x": {"type": "counter"}}, "tasks": {
        "T": {"loop": 3, "until": "1000s", "do": [{"increment": {"counter": "x"}}]}}})");
    EXPECT_EQ(result.counters.at(0).actual, 3);
}

TEST(MutexThatIsNotRecorded, ExcludesAllTheSame)
{
    const Recorded recorded = record(R"({"resources": {"m": {"type": "mutex", "record": false},
                                                       "x": {"type": "counter"}}, "tasks": {
        "T": {"instance": 2, "do": [{"increment": {"counter": "x", "times": 30000, "how": "mutex", "mutex": "m"}}]}}})");
    EXPECT_EQ(recorded.result.counters.at(0).actual, 60000);
    EXPECT_TRUE(recorded.objects(ObjectKind::Mutex).empty());
    EXPECT_TRUE(recorded.events(EventKind::LockAcquire).empty());
    EXPECT_TRUE(recorded.events(EventKind::LockRelease).empty());
}

TEST(CounterThatEachCountsByItself, LosesNothingAndIsWrittenOnce)
{
    const Recorded recorded = record(R"({"resources": {"x": {"type": "counter", "initial": 7}}, "tasks": {
        "T": {"instance": 3, "do": [{"increment": {"counter": "x", "times": 10000, "how": "local", "record": true}}]}}})");
    EXPECT_EQ(recorded.result.counters.at(0).expected, 30007);
    EXPECT_EQ(recorded.result.counters.at(0).actual, 30007);
    EXPECT_EQ(recorded.events(EventKind::CounterStore).size(), 3U);
}

} // namespace
} // namespace timeslice::workload_test::acquire_test
