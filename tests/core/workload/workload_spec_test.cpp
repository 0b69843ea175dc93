#include "core/workload/workload_spec.h"

#include "core/base/time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

namespace timeslice::workload_spec_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const WorkloadBounds kBounds{8, {0, 1}};

/// A workload of one task with these events, and a resource of each kind.
std::string withEvents(const std::string& events)
{
    return R"({"resources": {"m": {"type": "mutex"}, "c": {"type": "condition"}, "b": {"type": "barrier"},
                             "x": {"type": "counter"}, "f": {"type": "file"}, "p": {"type": "pipe"},
                             "gil": {"type": "gil"}},
               "tasks": {"Thread": {"phases": [{"do": [)"
        + events + "]}]}}}";
}

std::string withTask(const std::string& members)
{
    return R"({"resources": {"gil": {"type": "gil"}}, "tasks": {"Thread": {)" + members + "}}}";
}

std::string withResource(const std::string& resource)
{
    return R"({"resources": {"r": )" + resource + R"(}, "tasks": {"T": {"do": [{"run": 1}]}}})";
}

WorkloadSpec accept(const std::string& text)
{
    auto spec = parseWorkload(text, kBounds);
    EXPECT_TRUE(spec) << spec.error().message;
    return spec ? *std::move(spec) : WorkloadSpec{};
}

TaskStep acceptEvent(const std::string& event)
{
    const WorkloadSpec spec = accept(withEvents(event));
    return spec.tasks.empty() ? TaskStep{} : spec.tasks.at(0).phases.at(0).steps.back();
}

struct Refused {
    std::string text;
    std::vector<std::string> says;
    ErrorKind kind = ErrorKind::Usage;
};

class WrongWorkloadTest : public testing::TestWithParam<Refused> { };

TEST_P(WrongWorkloadTest, IsRefusedWithThePlaceAndTheReason)
{
    const auto spec = parseWorkload(GetParam().text, kBounds);
    ASSERT_FALSE(spec) << GetParam().text;
    EXPECT_EQ(spec.error().kind, GetParam().kind);
    for (const std::string& part : GetParam().says) {
        EXPECT_THAT(spec.error().message, HasSubstr(part));
    }
}

INSTANTIATE_TEST_SUITE_P(Json, WrongWorkloadTest,
    testing::Values(Refused{"", {"line 1, column 1"}}, Refused{"{\"tasks\":\n nope}", {"line 2"}},
        Refused{R"({"tasks": 1e311111})", {"number overflow"}}, Refused{"[]", {"expected an object", "found an array"}},
        Refused{"{}", {"'tasks' is missing"}}, Refused{R"({"tasks": {}})", {"tasks: ", "at least one named task"}},
        Refused{R"({"tasks": [1]})", {"tasks: ", "found an array"}},
        Refused{R"({"task": {}})", {"unknown key 'task'; did you mean 'tasks'?"}},
        Refused{R"({"tasks": {"T": 7}})", {"tasks/T: ", "found the number 7"}},
        Refused{R"({"tasks": {"": {"do": [{"run": 1}]}}})", {"a name has 1 to 32"}},
        Refused{R"({"tasks": {"a\tb": {"do": [{"run": 1}]}}})", {"printable"}}));

INSTANTIATE_TEST_SUITE_P(Resources, WrongWorkloadTest,
    testing::Values(Refused{R"({"resources": 1, "tasks": {}})", {"resources: ", "found the number 1"}},
        Refused{withResource("{}"), {"resources/r: ", "\"type\""}},
        Refused{withResource(R"({"type": "mutx"})"), {"resources/r/type", "'mutx'; did you mean 'mutex'?"}},
        Refused{withResource(R"({"type": 3})"), {"resources/r/type", "found the number 3"}},
        Refused{withResource(R"({"type": "mutex", "protocol": "inherits"})"), {"did you mean 'inherit'?"}},
        Refused{withResource(R"({"type": "mutex", "initial": 1})"), {"resources/r: unknown key 'initial'"}},
        Refused{withResource(R"({"type": "gil", "interval": "5 parsecs"})"),
            {"resources/r/interval", "expected a duration", "found the text \"5 parsecs\""}},
        Refused{withResource(R"({"type": "gil", "interval": "100ns"})"), {"resources/r/interval"}},
        Refused{withResource(R"({"type": "gil", "ticks": 10})"), {"resources/r/ticks", "\"policy\": \"ticks\""}},
        Refused{withResource(R"({"type": "gil", "policy": "ticks", "interval": "5ms"})"), {"no switch interval"}},
        Refused{withResource(R"({"type": "gil", "policy": "ticks", "ticks": 0})"), {"from 1 to"}},
        Refused{withResource(R"({"type": "counter", "initial": 0.5})"), {"a whole number", "0.5"}},
        Refused{withResource(R"({"type": "counter", "initial": 18446744073709551615})"), {"a whole number"}}));

INSTANTIATE_TEST_SUITE_P(Tasks, WrongWorkloadTest,
    testing::Values(Refused{withTask(R"("instance": 0, "do": [{"run": 1}])"), {"tasks/Thread/instance", "from 1 to"}},
        Refused{withTask(R"("instance": 9, "do": [{"run": 1}])"),
            {"tasks/Thread/instance", "9 threads and processes", "limit of 8"}},
        Refused{withTask(R"("instances": 2, "do": [{"run": 1}])"), {"did you mean 'instance'?"}},
        Refused{withTask(R"("as": "proces", "do": [{"run": 1}])"), {"tasks/Thread/as", "did you mean 'process'?"}},
        Refused{withTask(R"("gil": "gill", "do": [{"run": 1}])"), {"tasks/Thread/gil", "did you mean 'gil'?"}},
        Refused{R"({"tasks": {"T": {"gil": "gil", "do": [{"run": 1}]}}})", {"tasks/T/gil", "have no gil"}},
        Refused{withTask(R"("cpus": [], "do": [{"run": 1}])"), {"tasks/Thread/cpus"}},
        Refused{withTask(R"("cpus": [0, -1], "do": [{"run": 1}])"), {"tasks/Thread/cpus/1", "the number -1"}},
        Refused{withTask(R"("cpus": [7], "do": [{"run": 1}])"),
            {"tasks/Thread/cpus", "none of the cores [7]", "may use 2 cores"}, ErrorKind::Unsupported},
        Refused{withTask(R"("policy": "FIFO", "do": [{"run": 1}])"), {"tasks/Thread/policy", "SCHED_FIFO"}},
        Refused{withTask(R"("priority": 5, "do": [{"run": 1}])"), {"tasks/Thread/priority", "SCHED_FIFO or SCHED_RR"}},
        Refused{withTask(R"("policy": "SCHED_RR", "priority": 100, "do": [{"run": 1}])"), {"from 1 to 99"}},
        Refused{withTask(R"("policy": "SCHED_RR", "nice": 1, "do": [{"run": 1}])"), {"tasks/Thread/nice"}},
        Refused{withTask(R"("nice": 20, "do": [{"run": 1}])"), {"tasks/Thread/nice", "from -20 to 19"}},
        Refused{withTask(R"("delay": "-1ms", "do": [{"run": 1}])"), {"tasks/Thread/delay", "not negative"}},
        Refused{withTask(R"("loop": 0, "do": [{"run": 1}])"), {"tasks/Thread/loop"}},
        Refused{withTask(R"("loop": 1)"), {"either \"phases\" or \"do\""}},
        Refused{withTask(R"("phases": [{"do": [{"run": 1}]}], "do": [{"run": 1}])"), {"either"}},
        Refused{withTask(R"("phases": {"a": {}})"), {"tasks/Thread/phases: ", "found an object"}},
        Refused{withTask(R"("phases": [{"loop": 2}])"), {"tasks/Thread/phases/0: ", "'do' is missing"}},
        Refused{withTask(R"("phases": [{"do": []}])"), {"tasks/Thread/phases/0/do"}},
        Refused{withTask(R"("do": {"run": 1})"), {"tasks/Thread/do: ", "a list of events"}}));

INSTANTIATE_TEST_SUITE_P(Events, WrongWorkloadTest,
    testing::Values(Refused{withEvents(R"({"run": 1}, {"sleep": 1}, {"lokc": "m"})"),
                        {"tasks/Thread/phases/0/do/2: unknown event 'lokc'; did you mean 'lock'?"}},
        Refused{withEvents(R"("run")"), {"do/0: ", "{\"run\": \"5ms\"}"}}, Refused{withEvents("{}"), {"exactly one"}},
        Refused{withEvents(R"({"run": 1, "sleep": 1})"), {"do/0: ", "exactly one key", "order matters"}},
        Refused{withEvents(R"({"run": -1})"), {"do/0/run", "found the number -1"}},
        Refused{withEvents(R"({"run": "1h"})"), {"do/0/run"}},
        Refused{withEvents(R"({"run": "1e400s"})"), {"do/0/run"}},
        Refused{withEvents(R"({"run": true})"), {"do/0/run", "found true"}},
        Refused{withEvents(R"({"timer": 0})"), {"do/0/timer", "more than zero"}},
        Refused{withEvents(R"({"lock": "n"})"), {"do/0/lock", "unknown mutex 'n'"}},
        Refused{withEvents(R"({"lock": "x"})"), {"unknown mutex 'x'"}},
        Refused{withEvents(R"({"acquire": {"mutexes": ["m"]}})"), {"do/0/acquire/mutexes", "two mutexes or more"}},
        Refused{withEvents(R"({"acquire": {"mutexes": ["m", "m"]}})"), {"acquire/mutexes/1", "is there twice"}},
        Refused{withEvents(R"({"acquire": {"mutexes": ["m", "n"]}})"), {"acquire/mutexes/1", "unknown mutex 'n'"}},
        Refused{withEvents(R"({"store-buffer": {"test": "m", "rounds": 1, "order": "relaxed"}})"),
            {"store-buffer/test", "unknown litmus test 'm'"}},
        Refused{withEvents(R"({"store-buffer": {"test": "m", "rounds": 1}})"), {"the key 'order' is missing"}},
        Refused{withEvents(R"({"stepped": {"counter": "x"}})"), {"the key 'program' is missing"}},
        Refused{
            withEvents(R"({"stepped": {"program": ["load"], "counter": "y"}})"), {"stepped/counter", "counter 'y'"}},
        Refused{withEvents(R"({"stepped": {"program": ["lode"], "counter": "x"}})"),
            {"stepped/program/0", "did you mean 'load'?"}},
        Refused{withEvents(R"({"stepped": {"program": ["unlock"], "counter": "x"}})"),
            {"stepped/program", "unlocks what it has not locked"}},
        Refused{withEvents(R"({"stepped": {"program": ["lock", "unlock"], "counter": "x"}})"),
            {"do/0/stepped", "'mutex' is missing"}},
        Refused{
            withEvents(R"({"stepped": {"program": ["load"], "counter": "x"}}, {"yield": true})"), {"nothing besides"}},
        Refused{withEvents(R"({"unlock": "m"})"), {"do/0", "has not locked"}},
        Refused{withEvents(R"({"lock": "m"}, {"unlock": "m"}, {"unlock": "m"})"), {"do/2", "has not locked"}},
        Refused{withEvents(R"({"wait": {"condition": "c", "mutex": "m"}})"), {"do/0", "waits with 'm'"}},
        Refused{withEvents(R"({"wait": {"condition": "c"}})"), {"do/0/wait", "'mutex' is missing"}},
        Refused{withEvents(R"({"signal": "m"})"), {"do/0/signal", "unknown condition"}},
        Refused{withEvents(R"({"barrier": 1})"), {"do/0/barrier"}},
        Refused{withEvents(R"({"increment": {"counter": "x", "times": 0}})"), {"increment/times"}},
        Refused{withEvents(R"({"increment": {"counter": "x", "how": "atomik"}})"), {"did you mean 'atomic'?"}},
        Refused{withEvents(R"({"increment": {"counter": "x", "how": "mutex"}})"), {"'mutex' is missing"}},
        Refused{withEvents(R"({"increment": {"counter": "x", "mutex": "m"}})"), {"increment/mutex"}},
        Refused{withEvents(R"({"increment": {"times": 1}})"), {"'counter' is missing"}},
        Refused{withEvents(R"({"write": {"file": "f", "bytes": 0}})"), {"write/bytes"}},
        Refused{withEvents(R"({"write": {"file": "f", "bytes": 1, "sync": 1}})"), {"write/sync", "true or false"}},
        Refused{withEvents(R"({"read": {"file": "f", "bytes": 999999999999}})"), {"read/bytes"}},
        Refused{withEvents(R"({"send": {"pipe": "q", "bytes": 1}})"), {"unknown pipe 'q'"}},
        Refused{withEvents(R"({"receive": "p"})"), {"do/0/receive", "found the text \"p\""}},
        Refused{withEvents(R"({"yield": false})"), {"do/0/yield", "expected true"}},
        Refused{withEvents(R"({"mark": ""})"), {"do/0/mark"}}, Refused{withEvents(R"({"mark": 5})"), {"do/0/mark"}},
        Refused{withEvents(R"({"crash": "segfault"})"), {"do/0/crash", "unknown way to crash"}},
        Refused{withEvents(R"({"allocate": {"megabytes": 0}})"), {"allocate/megabytes"}},
        Refused{withEvents(R"({"spawn": {"as": "fork", "count": 1}})"), {"spawn/as"}}));

TEST(WorkloadSpecTest, CountsMoreIncrementsThanANumberHoldsAsAnError)
{
    const auto spec = parseWorkload(
        R"({"resources": {"x": {"type": "counter"}}, "tasks": {"T": {"loop": 1000000000, "phases": [{"loop": 1000000000,
            "do": [{"increment": {"counter": "x", "times": 1000000000}}]}]}}})",
        kBounds);
    ASSERT_FALSE(spec);
    EXPECT_THAT(spec.error().message, HasSubstr("counter 'x' would be incremented more than 2^62 times"));
}

TEST(WorkloadSpecTest, KeepsControlCharactersAndLongTextsOutOfItsMessages)
{
    const auto spec = parseWorkload(withEvents(R"({"\u001b[31m)" + std::string(500, 'a') + R"(": 1})"), kBounds);
    ASSERT_FALSE(spec);
    EXPECT_EQ(spec.error().message.find('\x1b'), std::string::npos);
    EXPECT_LT(spec.error().message.size(), 400U);
}

TEST(WorkloadSpecTest, TakesPlainNumbersAsMicrosecondsAsRtAppDoes)
{
    EXPECT_EQ(std::get<step::Run>(acceptEvent(R"({"run": 1500})")).cpuTime, 1500 * kMicrosecond);
    EXPECT_EQ(std::get<step::Run>(acceptEvent(R"({"run": "1.5ms"})")).cpuTime, 1500 * kMicrosecond);
    EXPECT_EQ(std::get<step::Sleep>(acceptEvent(R"({"sleep": 0})")).length, 0);
    EXPECT_EQ(std::get<step::RunFor>(acceptEvent(R"({"runtime": 0.5})")).wallTime, 500);
    EXPECT_EQ(std::get<step::Timer>(acceptEvent(R"({"timer": "20ms"})")).period, 20 * kMillisecond);
}

TEST(WorkloadSpecTest, ReadsEveryEvent)
{
    EXPECT_EQ(std::get<step::Lock>(acceptEvent(R"({"lock": "m"})")).mutex, 0U);
    EXPECT_EQ(std::get<step::Unlock>(acceptEvent(R"({"lock": "m"}, {"unlock": "m"})")).mutex, 0U);
    EXPECT_EQ(
        std::get<step::Wait>(acceptEvent(R"({"lock": "m"}, {"wait": {"condition": "c", "mutex": "m"}})")).mutex, 0U);
    EXPECT_FALSE(std::get<step::Signal>(acceptEvent(R"({"signal": "c"})")).everyWaiter);
    EXPECT_TRUE(std::get<step::Signal>(acceptEvent(R"({"broadcast": "c"})")).everyWaiter);
    EXPECT_EQ(std::get<step::Barrier>(acceptEvent(R"({"barrier": "b"})")).barrier, 0U);
    const auto increment = std::get<step::Increment>(
        acceptEvent(R"({"increment": {"counter": "x", "times": 7, "how": "mutex", "mutex": "m", "record": true}})"));
    EXPECT_EQ(increment.times, 7U);
    EXPECT_EQ(increment.how, step::Increment::How::Mutex);
    EXPECT_TRUE(increment.record);
    EXPECT_TRUE(std::get<step::Write>(acceptEvent(R"({"write": {"file": "f", "bytes": 10, "sync": true}})")).sync);
    EXPECT_EQ(std::get<step::Read>(acceptEvent(R"({"read": {"file": "f", "bytes": 10}})")).bytes, 10U);
    EXPECT_EQ(std::get<step::Send>(acceptEvent(R"({"send": {"pipe": "p", "bytes": 64}})")).bytes, 64U);
    EXPECT_EQ(std::get<step::Receive>(acceptEvent(R"({"receive": {"pipe": "p", "bytes": 64}})")).bytes, 64U);
    EXPECT_TRUE(std::holds_alternative<step::Yield>(acceptEvent(R"({"yield": true})")));
    EXPECT_EQ(std::get<step::Mark>(acceptEvent(R"({"mark": "a"}, {"mark": "b"})")).mark, 1U);
    EXPECT_EQ(std::get<step::Crash>(acceptEvent(R"({"crash": "kill"})")).how, step::Crash::How::Kill);
    EXPECT_EQ(std::get<step::Allocate>(acceptEvent(R"({"allocate": {"megabytes": 3}})")).megabytes, 3U);
    EXPECT_TRUE(std::get<step::Spawn>(acceptEvent(R"({"spawn": {"as": "process", "count": 99999}})")).processes);
}

TEST(WorkloadSpecTest, CountsCoresAmongThoseThatTheRunMayUse)
{
    const auto spec = parseWorkload(withTask(R"("cpus": [1], "do": [{"run": 1}])"), WorkloadBounds{8, {2, 5}});
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_THAT(spec->tasks.at(0).cpus, ElementsAre(5));
}

TEST(WorkloadSpecTest, TakesThoseOfTheCoresThatThereAre)
{
    const auto spec = parseWorkload(withTask(R"("cpus": [0, 1, 2], "do": [{"run": 1}])"), WorkloadBounds{8, {3}});
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_THAT(spec->tasks.at(0).cpus, ElementsAre(3));
}

TEST(WorkloadSpecTest, ReadsATaskWithEverything)
{
    const WorkloadSpec spec = accept(withTask(
        R"("instance": 3, "as": "process", "gil": "gil", "cpus": [1], "policy": "SCHED_BATCH", "nice": 10,
           "delay": "2ms", "loop": 4, "phases": [{"loop": 5, "do": [{"run": 1}]}, {"do": [{"run": 2}]}])"));
    const TaskSpec& task = spec.tasks.at(0);
    EXPECT_EQ(task.instances, 3);
    EXPECT_TRUE(task.process);
    EXPECT_EQ(task.gil, 0U);
    EXPECT_THAT(task.cpus, ElementsAre(1));
    EXPECT_EQ(task.policy, SCHED_BATCH);
    EXPECT_EQ(task.nice, 10);
    EXPECT_EQ(task.delay, 2 * kMillisecond);
    EXPECT_EQ(task.loop, 4U);
    EXPECT_EQ(task.phases.at(0).loop, 5U);
    EXPECT_EQ(task.phases.at(1).loop, 1U);
}

TEST(WorkloadSpecTest, NumbersTheInstancesUnlessThereIsOnlyOne)
{
    TaskSpec task;
    task.name = "Thread";
    EXPECT_EQ(task.instanceName(0), "Thread");
    task.instances = 2;
    EXPECT_EQ(task.instanceName(0), "Thread 1");
    EXPECT_EQ(task.instanceName(1), "Thread 2");
}

TEST(WorkloadSpecTest, KnowsHowManyAccessesATaskRecords)
{
    const auto recorded = [](const std::string& loop, const std::string& steps) {
        return accept(R"({"resources": {"x": {"type": "counter"}}, "tasks": {"T": {"loop": )" + loop
            + R"(, "phases": [{"loop": 5, "do": [)" + steps + R"(]}, {"do": [{"run": 1}]}]}}})")
            .tasks.at(0)
            .recordedAccesses();
    };
    EXPECT_EQ(recorded("3", R"({"increment": {"counter": "x", "times": 10}})"), 0U);
    EXPECT_EQ(recorded("3", R"({"increment": {"counter": "x", "times": 10, "record": true}},
        {"increment": {"counter": "x", "times": 1, "record": true, "how": "atomic"}}, {"run": 1})"),
        3U * 5 * 2 * 11);
    EXPECT_EQ(recorded("1000", R"({"increment": {"counter": "x", "times": 1000000000000, "record": true}})"),
        1000U * 5 * 2 * std::uint64_t{1'000'000'000'000});
}

TEST(WorkloadSpecTest, CountsTheParticipantsOfABarrierOverAllTasksThatUseIt)
{
    const WorkloadSpec spec = accept(R"({"resources": {"b": {"type": "barrier"}}, "tasks": {
        "A": {"instance": 2, "do": [{"barrier": "b"}, {"barrier": "b"}]}, "B": {"do": [{"barrier": "b"}]},
        "C": {"do": [{"run": 1}]}}})");
    EXPECT_EQ(spec.barriers.at(0).participants, 3);
    EXPECT_FALSE(spec.barriers.at(0).betweenProcesses);
}

TEST(WorkloadSpecTest, KnowsWhichResourcesProcessesShare)
{
    const WorkloadSpec spec = accept(R"({"resources": {"own": {"type": "mutex"}, "shared": {"type": "mutex"},
        "x": {"type": "counter"}}, "tasks": {
        "A": {"do": [{"lock": "own"}, {"unlock": "own"}, {"lock": "shared"}, {"unlock": "shared"}]},
        "B": {"as": "process", "do": [{"increment": {"counter": "x", "how": "mutex", "mutex": "shared"}}]}}})");
    EXPECT_FALSE(spec.mutexes.at(0).betweenProcesses);
    EXPECT_TRUE(spec.mutexes.at(1).betweenProcesses);
    EXPECT_TRUE(spec.counters.at(0).betweenProcesses);
}

TEST(WorkloadSpecTest, GivesRealtimePoliciesRtAppsDefaultPriority)
{
    EXPECT_EQ(accept(withTask(R"("policy": "SCHED_FIFO", "do": [{"run": 1}])")).tasks.at(0).priority, 10);
    EXPECT_EQ(accept(withTask(R"("policy": "SCHED_RR", "priority": 3, "do": [{"run": 1}])")).tasks.at(0).priority, 3);
}

} // namespace
} // namespace timeslice::workload_spec_test
