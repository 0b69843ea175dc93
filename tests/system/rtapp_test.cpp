// `timeslice record --workload`: a file in rt-app's grammar, from the command line to the outputs.
#include "tests/system/program.h"

#include <csignal>
#include <gmock/gmock.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>

namespace timeslice::system::rtapp_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class RtappTest : public SystemTest {
protected:
    std::string file(const std::string& text) const
    {
        writeText(path("w.json"), text);
        return path("w.json");
    }
    static std::string data(const std::string& name)
    {
        return (test::testDataFolder() / "rtapp" / (name + ".json")).string();
    }
    Outcome record(const std::vector<std::string>& arguments) const
    {
        std::vector<std::string> all{"record", "--workload"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return timeslice(all);
    }
    json report() const { return json::parse(readText(path("r.json"))); }
};

std::set<std::string> threadNames(const json& report)
{
    std::set<std::string> names;
    for (const json& thread : report.at("variants").at(0).at("threads")) {
        names.insert(thread.at("name").get<std::string>());
    }
    return names;
}

TEST_F(RtappTest, WritesTheOutputsOfARecording)
{
    const Outcome outcome = record({data("locks"), "--png", path("a.png"), "--save", path("a.timeslice"), "--report",
        path("r.json"), "--trace", path("t.json"), "--csv", path("a.csv"), "--svg", path("a.svg")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(readText(path("a.png")), StartsWith("\x89PNG"));
    EXPECT_TRUE(json::accept(readText(path("t.json"))));
    EXPECT_EQ(timeslice({"info", path("a.timeslice")}).status, 0);
    const json report = this->report();
    EXPECT_THAT(threadNames(report), testing::IsSupersetOf({"worker 1", "worker 2", "worker 3"}));
    const json& lock = report.at("variants").at(0).at("locks").at(0);
    EXPECT_EQ(lock.at("name"), "m");
    EXPECT_EQ(lock.at("holds"), 30);
    EXPECT_EQ(lock.at("max_concurrent_holders"), 1);
}

TEST_F(RtappTest, EachKindOfEventRunsFromItsFile)
{
    for (const char* name : {"run", "runtime", "sleep", "timer", "shared_timer", "conditions", "sync", "barrier",
             "suspend", "semaphore", "memory", "yield", "fork", "phases"}) {
        const Outcome outcome = record({data(name), "--quiet", "--report", path("r.json")});
        EXPECT_EQ(outcome.status, 0) << name << ": " << outcome.err;
        EXPECT_EQ(outcome.err, "") << name;
        EXPECT_EQ(report().at("variants").at(0).at("lost_events"), 0) << name;
    }
}

TEST_F(RtappTest, AlsoWhereTasksNoteTheirOwnSwitches)
{
    const Outcome outcome = record({data("fork"), "--inferred", "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(report().at("source"), "inferred");
    EXPECT_THAT(threadNames(report()), testing::Contains("child fork 6"));
}

TEST_F(RtappTest, AMistakeInTheFileIsToldWithItsPlaceAndNothingRuns)
{
    const Outcome outcome = record({file("{\"tasks\": {\n  \"a\": {\"run\": -1}}}"), "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("w.json:2:9: tasks/a/run: expected a whole number from 0"));
    EXPECT_FALSE(fs::exists(path("r.json")));
    EXPECT_EQ(record({path("missing.json")}).status, 2);
    EXPECT_EQ(record({folder().string()}).status, 2);
    EXPECT_EQ(record({"/dev/zero"}).status, 2);
    EXPECT_EQ(record({data("run"), "--", "true"}).status, 2);
    EXPECT_EQ(record({data("run"), "--no-gil"}).status, 2);
    EXPECT_EQ(record({data("run"), "--png", path("no/such/folder.png")}).status, 2);
}

TEST_F(RtappTest, AllMistakesOfAFileAreToldAtOnce)
{
    const Outcome outcome =
        record({file("{\"tasks\": {\n  \"a\": {\"run\": -1, \"slep\": 2},\n  \"b\": {\"lock\": 3}}}")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err,
        testing::AllOf(HasSubstr("w.json:2:9: tasks/a/run: "), HasSubstr("w.json:2:20: tasks/a/slep: "),
            HasSubstr("w.json:3:9: tasks/b/lock: ")));
}

TEST_F(RtappTest, ADeviceThatIsNotHereIsThisMachinesMatter)
{
    for (const std::string device : {"/proc/no-such-device", "/proc/self/maps/x", "/"}) {
        const Outcome outcome =
            record({file(R"({"tasks": {"a": {"loop": 1, "iorun": 10}}, "global": {"io_device": ")" + device + "\"}}")});
        EXPECT_EQ(outcome.status, 3) << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr("cannot write to " + device));
    }
}

TEST_F(RtappTest, WhatThisProgramOrMachineCannotDoIsRefusedByName)
{
    const Outcome node = record({file(R"({"tasks": {"a": {"loop": 1, "nodes_membind": [1023], "run": 1}}})")});
    EXPECT_EQ(node.status, 3);
    EXPECT_THAT(node.err, HasSubstr("cannot take its memory from node 1023"));
    const Outcome core = record({file(R"({"tasks": {"a": {"cpus": [1023], "run": 1}}})")});
    EXPECT_EQ(core.status, 3);
    EXPECT_THAT(core.err, HasSubstr("core 1023 is not here"));
}

/// Without any capability, which being root does not bring back at exec, and without a limit that would allow it.
void dropPrivileges()
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_RTPRIO, &none);
    setrlimit(RLIMIT_NICE, &none);
    prctl(PR_SET_SECUREBITS, SECBIT_NOROOT); // who may not has no capability to lose
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct no[2]{};
    syscall(SYS_capset, &header, no);
}

TEST_F(RtappTest, APolicyThatIsNotPermittedIsRefusedWithWhatItTakes)
{
    const std::vector<std::string> tasks{R"("policy": "SCHED_FIFO", "run": 1)", R"("priority": -5, "run": 1)",
        R"("policy": "SCHED_DEADLINE", "dl-runtime": 10000, "dl-period": 100000, "run": 1)"};
    for (const std::string& task : tasks) {
        const std::string workload = file(R"({"tasks": {"a": {"loop": 1, )" + task + "}}}");
        const Outcome outcome = timeslice({"record", "--workload", workload}, {}, dropPrivileges);
        EXPECT_EQ(outcome.status, 3) << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr("CAP_SYS_NICE")) << task;
    }
}

TEST_F(RtappTest, ATaskgroupIsAGroupOfTheKernelsOrIsRefusedWithWhatItTakes)
{
    const Outcome outcome = record({data("taskgroup"), "--report", path("r.json")});
    if (outcome.status == 0) {
        EXPECT_THAT(threadNames(report()), testing::IsSupersetOf({"inside", "outside"}));
    } else {
        EXPECT_EQ(outcome.status, 3);
        EXPECT_THAT(outcome.err, HasSubstr("cannot put a thread into the taskgroup /timeslice-test/"));
    }
}

TEST_F(RtappTest, TaskgroupsAreRemovedThoughTheirWorkerIsKilled)
{
    const fs::path group = "/sys/fs/cgroup/cpu/timeslice-killed";
    const std::string inner = R"("taskgroup": "/timeslice-killed/inner")";
    if (fs::exists(group)
        || record({file(R"({"tasks": {"a": {"loop": 1, )" + inner + R"(, "run": 1}}})")}).status != 0) {
        GTEST_SKIP() << "no control groups can be made here at " << group;
    }
    EXPECT_FALSE(fs::exists(group)) << "it ended by itself";
    for (const bool worker : {true, false}) {
        Program recorded(program(),
            {"record", "--workload", file(R"({"tasks": {"a": {)" + inner + R"(, "run": 100, "sleep": 1000}}})")},
            folder());
        const auto inGroup = [&] { return readText(group / "inner/tasks"); };
        while (inGroup().empty() && !recorded.hasEnded()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        const std::string thread = inGroup();
        ASSERT_NE(thread, "");
        ::kill(worker ? std::stoi(thread) : recorded.pid(), SIGKILL);
        const Outcome outcome = recorded.wait();
        EXPECT_EQ(outcome.status, 128 + SIGKILL) << outcome.err;
        for (int i = 0; i < 10'000 && fs::exists(group); ++i) { // by the guard, which timeslice may be gone before
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        EXPECT_FALSE(fs::exists(group)) << (worker ? "the worker" : "timeslice") << " was killed";
    }
}

TEST_F(RtappTest, ADurationEndsAWorkloadThatDoesNot)
{
    const Outcome outcome = record({data("endless"), "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json report = this->report();
    EXPECT_GE(report.at("variants").at(0).at("wall_s").get<double>(), 1.0);
    EXPECT_EQ(report.at("variants").at(0).at("exit").at("code"), 0);
}

TEST_F(RtappTest, CtrlCEndsAWorkloadWithoutEndAndTheOutputsAreWritten)
{
    Program recorded(program(),
        {"record", "--workload", file(R"({"tasks": {"a": {"run": 100, "sleep": 1000}, "b": {"suspend", "run": 1}}})"),
            "--save", path("a.timeslice"), "--report", path("r.json")},
        folder());
    // It has begun when a part of the recording is there.
    while (!fs::exists(path("a.timeslice")) && !recorded.hasEnded()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    ::kill(recorded.pid(), SIGINT);
    const Outcome outcome = recorded.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("Ctrl-C ends it"));
    EXPECT_THAT(threadNames(report()), testing::IsSupersetOf({"a", "b"}));
    EXPECT_EQ(timeslice({"info", path("a.timeslice")}).status, 0);
}

TEST_F(RtappTest, StandardInputIsAFileToo)
{
    const Outcome outcome = Program(program(), {"record", "--workload", "-", "--report", path("r.json")}, folder(), {},
        {}, R"({"tasks": {"a": {"loop": 1, "run": 10}}})")
                                .wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(threadNames(report()), testing::Contains("a"));
}

} // namespace
} // namespace timeslice::system::rtapp_test
