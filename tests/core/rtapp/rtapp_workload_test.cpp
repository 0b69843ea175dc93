// The grammar: what is read out of it, and what is refused.
#include "tests/core/rtapp/rtapp_support.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sstream>

namespace timeslice::rtapp_test::rtapp_workload_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string withTask(const std::string& members, const std::string& global = "")
{
    return R"({"tasks": {"T": {)" + members + "}}" + (global.empty() ? "" : R"(, "global": {)" + global + "}") + "}";
}

TEST(RtappWorkloadTest, EventsComeInTheOrderOfTheTextAndAKeyMayComeTwice)
{
    const RtappWorkload workload = accept(withTask(R"("sleep": 2, "run": 1, "loop": 3, "run": 4, "run0": 5)"));
    const PhaseSpec& phase = workload.spec.tasks.at(0).phases.at(0);
    ASSERT_THAT(phase.steps, SizeIs(4));
    EXPECT_EQ(std::get<step::Sleep>(phase.steps[0]).length, 2 * kMicrosecond);
    EXPECT_EQ(std::get<step::Run>(phase.steps[1]).cpuTime, kMicrosecond);
    EXPECT_EQ(std::get<step::Run>(phase.steps[2]).cpuTime, 4 * kMicrosecond);
    EXPECT_EQ(std::get<step::Run>(phase.steps[3]).cpuTime, 5 * kMicrosecond);
    EXPECT_EQ(phase.loop, 3U);
    EXPECT_EQ(phase.pathOf(2), "tasks/T/run#2");
}

TEST(RtappWorkloadTest, AKeyThatBeginsAsAnEventIsCalledIsThatEvent)
{
    const RtappWorkload workload =
        accept(withTask(R"("runtime_a": 1, "run_a": 1, "memrun_1": {"type": "read", "size": 1, "count": 1}, "mem_2": 1,
            "lock1": "m", "unlock1": "m", "sleepy": 1, "broadcast": "c", "yield9": null)"));
    const std::vector<TaskStep>& steps = workload.spec.tasks.at(0).phases.at(0).steps;
    ASSERT_THAT(steps, SizeIs(9));
    EXPECT_TRUE(std::holds_alternative<step::RunFor>(steps[0]));
    EXPECT_TRUE(std::holds_alternative<step::Run>(steps[1]));
    EXPECT_EQ(std::get<step::UseMemory>(steps[2]).how, step::UseMemory::How::Read);
    EXPECT_EQ(std::get<step::UseMemory>(steps[3]).how, step::UseMemory::How::Fill);
    EXPECT_TRUE(std::get<step::Signal>(steps[7]).everyWaiter);
    EXPECT_TRUE(std::holds_alternative<step::Yield>(steps[8]));
}

TEST(RtappWorkloadTest, CommentsCommasTooManyAndKeysAloneAreTaken)
{
    const RtappWorkload workload = accept(R"({ // "tasks": none
        "tasks": { /* , } */ "a,}": { "suspend", "run": 1, }, "b": { "cpus": [0, 1, ], "run": 1 /* x */ , /* y */ } , }
    })");
    ASSERT_THAT(workload.spec.tasks, SizeIs(2));
    EXPECT_EQ(workload.spec.tasks[0].name, "a,}");
    EXPECT_TRUE(std::holds_alternative<step::Suspend>(workload.spec.tasks[0].phases[0].steps[0]));
    EXPECT_THAT(workload.spec.tasks[1].cpus, ElementsAre(0, 1));
}

TEST(RtappWorkloadTest, LoopsAreThoseOfRtApp)
{
    const auto loops = [](const std::string& members) {
        const TaskSpec task = accept(withTask(members)).spec.tasks.at(0);
        return std::pair(task.loop, task.phases.at(0).loop);
    };
    EXPECT_EQ(loops(R"("run": 1)"), std::pair(kEndless, std::uint64_t{1}));
    EXPECT_EQ(loops(R"("loop": -1, "run": 1)"), std::pair(std::uint64_t{1}, kEndless));
    EXPECT_EQ(loops(R"("loop": 7, "run": 1)"), std::pair(std::uint64_t{1}, std::uint64_t{7}));
    EXPECT_EQ(loops(R"("phases": {"p": {"run": 1}})"), std::pair(kEndless, std::uint64_t{1}));
    EXPECT_EQ(
        loops(R"("loop": 3, "phases": {"p": {"loop": 5, "run": 1}})"), std::pair(std::uint64_t{3}, std::uint64_t{5}));
}

TEST(RtappWorkloadTest, WhatHasNoDurationAndNoEndIsSaidToBeEndless)
{
    EXPECT_TRUE(accept(withTask(R"("run": 1)")).endless);
    EXPECT_TRUE(accept(withTask(R"("loop": 1, "phases": {"p": {"loop": -1, "run": 1}})", R"("duration": -1)")).endless);
    EXPECT_FALSE(accept(withTask(R"("loop": 1, "run": 1)")).endless);
    const RtappWorkload limited = accept(withTask(R"("run": 1)", R"("duration": 2)"));
    EXPECT_FALSE(limited.endless);
    EXPECT_EQ(limited.spec.duration, 2 * kSecond);
}

TEST(RtappWorkloadTest, ABarrierWaitsForEachUseOfEachInstance)
{
    const RtappWorkload workload = accept(R"({"tasks": {"a": {"instance": 3, "barrier": "b"},
        "b": {"barrier0": "b", "barrier1": "b"}, "c": {"instance": 0, "run": 1}}})");
    EXPECT_EQ(workload.spec.barriers.at(0).participants, 5);
}

TEST(RtappWorkloadTest, TimersAreSharedUnlessTheyAreUnique)
{
    const RtappWorkload workload = accept(R"({"tasks": {
        "a": {"timer": {"ref": "tick", "period": 5}, "timer": {"ref": "unique", "period": 6, "mode": "absolute"}},
        "b": {"timer": {"ref": "tick", "period": 7}, "timer": {"ref": "unique", "period": 8}}}})");
    ASSERT_THAT(workload.spec.timers, SizeIs(3));
    EXPECT_TRUE(workload.spec.timers[0].shared);
    EXPECT_FALSE(workload.spec.timers[1].shared);
    EXPECT_TRUE(workload.spec.timers[1].absolute);
    EXPECT_FALSE(workload.spec.timers[2].absolute);
}

TEST(RtappWorkloadTest, TheSecondOfTwoTasksWithOneNameGetsANumber)
{
    const RtappWorkload workload = accept(R"({"tasks": {"a": {"run": 1}, "a": {"run": 2}, "a1": {"run": 3}}})");
    ASSERT_THAT(workload.spec.tasks, SizeIs(3));
    EXPECT_EQ(workload.spec.tasks[1].name, "a1");
    EXPECT_EQ(workload.spec.tasks[2].name, "a11");
}

TEST(RtappWorkloadTest, PoliciesHaveTheDefaultsOfRtApp)
{
    const RtappWorkload workload = accept(R"({"tasks": {
        "a": {"run": 1}, "b": {"policy": "SCHED_RR", "run": 1}, "c": {"policy": "SCHED_OTHER", "priority": -6, "run": 1},
        "d": {"policy": "SCHED_DEADLINE", "dl-runtime": 5, "run": 1},
        "e": {"policy": "SCHED_DEADLINE", "runtime": 5, "period": 20, "deadline": 10},
        "f": {"policy": "SCHED_OTHER", "dl-runtime": 100, "util_min": 10, "util_max": 512, "run": 1}},
        "global": {"default_policy": "SCHED_FIFO"}})");
    const std::vector<TaskSpec>& tasks = workload.spec.tasks;
    ASSERT_THAT(tasks, SizeIs(6));
    EXPECT_EQ(tasks[0].policy, SCHED_FIFO);
    EXPECT_EQ(tasks[0].priority, 10);
    EXPECT_TRUE(tasks[0].lockPages);
    EXPECT_EQ(tasks[1].policy, SCHED_RR);
    EXPECT_EQ(tasks[2].nice, -6);
    EXPECT_FALSE(tasks[2].lockPages);
    EXPECT_EQ(tasks[3].deadline, 5 * kMicrosecond);
    EXPECT_EQ(tasks[3].period, 5 * kMicrosecond);
    EXPECT_EQ(tasks[4].runtime, 5 * kMicrosecond);
    EXPECT_EQ(tasks[4].deadline, 10 * kMicrosecond);
    EXPECT_TRUE(std::holds_alternative<step::RunFor>(tasks[4].phases[0].steps.at(0)));
    EXPECT_EQ(tasks[5].runtime, 100 * kMicrosecond);
    EXPECT_EQ(tasks[5].utilMin, 10);
    EXPECT_EQ(tasks[5].utilMax, 512);
}

TEST(RtappWorkloadTest, APhaseChangesWhatItNamesAndGoesBackToTheCoresOfItsTask)
{
    const RtappWorkload workload = accept(withTask(R"("cpus": [1], "phases": {
        "p1": {"cpus": [0], "priority": 5, "run": 1}, "p2": {"run": 1},
        "p3": {"policy": "SCHED_FIFO", "run": 1}, "p4": {"priority": 40, "run": 1}})"));
    const std::vector<PhaseSpec>& phases = workload.spec.tasks.at(0).phases;
    const auto scheduling = [&](std::size_t phase) {
        return std::get<step::Schedule>(phases.at(phase).steps.at(0)).scheduling;
    };
    EXPECT_THAT(scheduling(0).cpus, ElementsAre(0));
    EXPECT_EQ(scheduling(0).nice, 5);
    EXPECT_FALSE(scheduling(0).policy.has_value());
    EXPECT_THAT(scheduling(1).cpus, ElementsAre(1));
    EXPECT_FALSE(scheduling(1).nice.has_value());
    EXPECT_EQ(scheduling(2).policy, SCHED_FIFO);
    EXPECT_EQ(scheduling(2).priority, 10);
    EXPECT_EQ(scheduling(3).policy, SCHED_FIFO) << "the policy of the phase before";
    EXPECT_EQ(scheduling(3).priority, 40);
    const RtappWorkload still = accept(withTask(R"("phases": {"p1": {"run": 1}})"));
    EXPECT_THAT(still.spec.tasks.at(0).phases.at(0).steps, SizeIs(1)) << "nothing is set where nothing changes";
}

TEST(RtappWorkloadTest, WhatIsDoneOtherwiseHereIsSaid)
{
    const RtappWorkload workload = accept(withTask(R"("resume": "U", "run": 1)",
        R"("calibration": 128, "gnuplot": true, "ftrace": "main,task", "logdir": "./", "log_size": "file")"));
    EXPECT_THAT(workload.notes,
        ElementsAre(HasSubstr("128 ns"), HasSubstr("gnuplot and ftrace are of rt-app's own logs"),
            HasSubstr("nobody is ever woken by \"U\"")));
    EXPECT_THAT(
        accept(withTask(R"("suspend": "X", "resume": "T")", R"("calibration": "CPU0", "ftrace": "none")")).notes,
        IsEmpty());
}

struct Refused {
    std::string text;
    std::vector<std::string> says;
    ErrorKind kind = ErrorKind::Usage;
};

class WrongRtappTest : public testing::TestWithParam<Refused> { };

TEST_P(WrongRtappTest, IsRefusedWithThePlaceAndTheReason)
{
    const auto workload = readRtappWorkload(GetParam().text, "file.json", twoCores());
    ASSERT_FALSE(workload) << GetParam().text;
    EXPECT_EQ(workload.error().kind, GetParam().kind);
    EXPECT_THAT(workload.error().message, testing::StartsWith("file.json:"));
    for (const std::string& part : GetParam().says) {
        EXPECT_THAT(workload.error().message, HasSubstr(part));
    }
}

TEST(RtappMistakes, AreAllToldInTheOrderOfTheTextAndNoneThatFollowsFromAnother)
{
    const auto workload = readRtappWorkload(R"({
"tasks": {
  "a": {"policy": "SCHED_FIF", "priority": 50, "dl-period": 4, "run": -1, "slep": 5},
  "b": {"cpus": [7], "timer": {"reff": "t", "period": "x"}, "unlock": "m"},
  "c": {"phases": {"p": 3, "q": {"memrun": {"type": "chase", "size": -1, "count": 1}}, "r": {"loop": 1}}},
  "d": {"policy": "SCHED_DEADLINE", "dl-runtime": "2ms", "run": 1},
  "e": {"fork": "f", "run": 1}
},
"global": {"durration": 1, "pi_enabled": 1},
"resources": {"m": {"type": "mutx"}, "n": 1}
})",
        "file.json", twoCores());
    ASSERT_FALSE(workload);
    EXPECT_EQ(workload.error().kind, ErrorKind::Usage) << "although of core 7 it is this machine that has none";
    std::istringstream lines(workload.error().message);
    std::vector<std::string> places; // LINE and path
    for (std::string line; std::getline(lines, line);) {
        const std::size_t column = line.find(':', 10);
        const std::size_t path = line.find(": ", column) + 2;
        places.push_back(line.substr(10, column - 10) + " " + line.substr(path, line.find(": ", path) - path));
    }
    EXPECT_THAT(places,
        ElementsAre("3 tasks/a/policy", "3 tasks/a/run", "3 tasks/a/slep", "4 tasks/b/cpus/0", "4 tasks/b/timer/reff",
            "4 tasks/b/timer/period", "5 tasks/c/phases/p", "5 tasks/c/phases/q/memrun/size", "5 tasks/c/phases/r",
            "6 tasks/d/dl-runtime", "7 tasks/e/fork", "9 global/durration", "9 global/pi_enabled",
            "10 resources/m/type", "10 resources/n"))
        << workload.error().message;
}

INSTANTIATE_TEST_SUITE_P(Text, WrongRtappTest,
    testing::Values(Refused{"", {"file.json:1:1: "}}, Refused{"{\n\"tasks\": {,}}", {"file.json:2:"}},
        Refused{"{\"suspend\",\n \"tasks\": nope}", {"file.json:2:"}},
        Refused{R"({"tasks": {"T": {"run": 1e999}}})", {"number overflow"}},
        Refused{"[]", {"expected an object", "found an array"}}, Refused{"{}", {"'tasks' is missing"}},
        Refused{R"({"task": {}})", {"file.json:1:2: task: unknown key 'task'; did you mean 'tasks'?"}},
        Refused{R"({"tasks": {"T": {"run": 1}}, "tasks": {}})", {"file.json:1:30: ", "stands twice"}},
        Refused{R"({"tasks": {"T": {"cpus": [{}]}}})", {"object in an array"}},
        Refused{
            R"({"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}}}})",
            {"more than 16 levels"}}));

INSTANTIATE_TEST_SUITE_P(Tasks, WrongRtappTest,
    testing::Values(Refused{R"({"tasks": {}})", {"at least one named task"}},
        Refused{R"({"tasks": {"T": 7}})", {"tasks/T: expected a task", "found the number 7"}},
        Refused{R"({"tasks": {"": {"run": 1}}})", {"1 to 32 printable"}},
        Refused{withTask(R"("loop": 1)"), {"no event"}},
        Refused{withTask(R"("loop": 0, "run": 1)"), {"tasks/T/loop", "-1 for rounds without end"}},
        Refused{withTask(R"("loop": 2147483648, "run": 1)"), {"from -1 to 2147483647"}},
        Refused{withTask(R"("loop": 1, "loop": 2, "run": 1)"), {"tasks/T/loop#2: stands twice"}},
        Refused{withTask(R"("instance": 10000, "run": 1)"), {"tasks/T/instance", "10000 threads", "may have 256"}},
        Refused{withTask(R"("instance": -1, "run": 1)"), {"tasks/T/instance", "from 0 to"}},
        Refused{withTask(R"("instance": 0, "run": 1)"), {"no task would start"}},
        Refused{withTask(R"("delay": -1, "run": 1)"), {"tasks/T/delay"}},
        Refused{withTask(R"("phases": {})"), {"at least one phase"}},
        Refused{withTask(R"("phases": {"p": {"loop": 1}})"), {"tasks/T/phases/p: there is no event"}},
        Refused{withTask(R"("run": 1, "phases": {"p": {"run": 1}})"), {"tasks/T/run: an event beside"}},
        Refused{withTask(R"("exec": 5000)"), {"unknown key or event 'exec'"}},
        Refused{withTask(R"("slep": 5000)"), {"did you mean 'sleep'?"}},
        Refused{withTask(R"("taskgroup": "tg1", "run": 1)"), {"tasks/T/taskgroup: expected a path"}},
        Refused{withTask(R"("taskgroup": "/a/../../b", "run": 1)"), {"tasks/T/taskgroup: expected a path"}},
        Refused{withTask(R"("taskgroup": "/g", "phases": {"p": {"policy": "SCHED_RR", "run": 1}})"),
            {"tasks/T/phases/p: a taskgroup ('/g') goes with"}}));

INSTANTIATE_TEST_SUITE_P(Events, WrongRtappTest,
    testing::Values(Refused{withTask(R"("run": -5)"), {"tasks/T/run: ", "from 0 to", "found the number -5"}},
        Refused{withTask(R"("run": 1, "run": "2ms")"), {"tasks/T/run#2", "found the text \"2ms\""}},
        Refused{withTask(R"("run")"), {"tasks/T/run", "found null"}},
        Refused{withTask(R"("sleep": 1.5)"), {"a whole number", "1.5"}},
        Refused{withTask(R"("lock": 3)"), {"tasks/T/lock", "expected a text"}},
        Refused{withTask(R"("unlock": "m")"), {"tasks/T/unlock: unlocks 'm', which the task has not locked"}},
        Refused{withTask(R"("wait": {"ref": "c", "mutex": "m"})"), {"tasks/T/wait: waits with 'm'"}},
        Refused{withTask(R"("sync": {"ref": "c"})"), {"tasks/T/sync: the key 'mutex' is missing"}},
        Refused{withTask(R"("timer": {"ref": "t", "perod": 5})"), {"unknown key 'perod'; did you mean 'period'?"}},
        Refused{withTask(R"("timer": {"ref": "t", "period": 5, "mode": "abs"})"), {"tasks/T/timer/mode", "'abs'"}},
        Refused{withTask(R"("fork": "Q")"), {"tasks/T/fork: unknown task 'Q'"}},
        Refused{withTask(R"("fork": "T", "barrier": "b")"), {"tasks/T/fork", "cannot be forked"}},
        Refused{withTask(R"("mem": -1)"), {"tasks/T/mem"}},
        Refused{withTask(R"("memrun": {"type": "walk", "size": 1, "count": 1})"), {"unknown type of memrun 'walk'"}},
        Refused{withTask(R"("memrun": {"type": "chase", "size": 64, "count": 1})"), {"at least two strides"}},
        Refused{withTask(R"("memrun": {"type": "chase", "size": 640, "stride": 9, "count": 1})"), {"a multiple of 8"}},
        Refused{withTask(R"("memrun": {"type": "read", "size": 64, "stride": 8, "count": 1})"), {"\"chase\" only"}},
        Refused{withTask(R"("memrun": {"type": "read", "size": 64, "count": 1, "ref": "r"},
                            "memrun": {"type": "read", "size": 65, "count": 1, "ref": "r"})"),
            {"tasks/T/memrun#2/ref", "must agree"}},
        Refused{withTask("\"signal\": \"a\\u0007b\""), {"printable"}}));

INSTANTIATE_TEST_SUITE_P(Scheduling, WrongRtappTest,
    testing::Values(Refused{withTask(R"("policy": "SCHED_FIF", "run": 1)"), {"did you mean 'SCHED_FIFO'?"}},
        Refused{withTask(R"("policy": "SCHED_FIFO", "priority": 100, "run": 1)"), {"tasks/T/priority", "1 to 99"}},
        Refused{withTask(R"("priority": 20, "run": 1)"), {"-20 to 19"}},
        Refused{withTask(R"("policy": "SCHED_DEADLINE", "run": 1)"), {"needs a \"dl-runtime\""}},
        Refused{withTask(R"("policy": "SCHED_DEADLINE", "dl-runtime": 5, "dl-period": 4, "run": 1)"), {"<="}},
        Refused{withTask(R"("dl-period": 4, "run": 1)"), {"tasks/T/dl-period", "SCHED_DEADLINE only"}},
        Refused{withTask(R"("policy": "SCHED_FIFO", "dl-runtime": 4, "run": 1)"), {"tasks/T/dl-runtime"}},
        Refused{withTask(R"("util_max": 1025, "run": 1)"), {"tasks/T/util_max", "1024"}},
        Refused{withTask(R"("cpus": [], "run": 1)"), {"a list of cores"}},
        Refused{withTask(R"("cpus": [0, 7], "run": 1)"), {"tasks/T/cpus", "core 7 is not here", "cores 0 and 1"},
            ErrorKind::Unsupported},
        Refused{withTask(R"("nodes_membind": [-1], "run": 1)"), {"nodes_membind"}}));

INSTANTIATE_TEST_SUITE_P(Global, WrongRtappTest,
    testing::Values(Refused{withTask(R"("run": 1)", R"("duration": -2)"), {"global/duration"}},
        Refused{withTask(R"("run": 1)", R"("duration": "2s")"), {"global/duration", "found the text"}},
        Refused{withTask(R"("run": 1)", R"("calibration": "CPUx")"), {"global/calibration", "\"CPU0\""}},
        Refused{withTask(R"("run": 1)", R"("calibration": 0)"), {"global/calibration"}},
        Refused{withTask(R"("run": 1)", R"("default_policy": "OTHER")"), {"global/default_policy"}},
        Refused{withTask(R"("run": 1)", R"("pi_enabled": 1)"), {"global/pi_enabled", "true or false"}},
        Refused{withTask(R"("run": 1)", R"("mem_buffer_size": 0)"), {"global/mem_buffer_size"}},
        Refused{withTask(R"("run": 1)", R"("io_device": "")"), {"global/io_device"}},
        Refused{withTask(R"("run": 1)", R"("durration": 1)"), {"did you mean 'duration'?"}},
        Refused{R"({"resources": {"m": {"type": "mutx"}}, "tasks": {"T": {"run": 1}}})",
            {"resources/m/type", "did you mean 'mutex'?"}}));

} // namespace
} // namespace timeslice::rtapp_test::rtapp_workload_test
