// `timeslice record`: any program, with its own input, output and exit status.
#include "tests/core/record/refused_call.h"
#include "tests/system/program.h"

#include <cerrno>
#include <csignal>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/syscall.h>

namespace timeslice::system::record_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using RecordTest = SystemTest;

TEST_F(RecordTest, PassesTheCommandsExitStatusOn)
{
    EXPECT_EQ(timeslice({"record", "--", "true"}).status, 0);
    EXPECT_EQ(timeslice({"record", "--", "sh", "-c", "exit 42"}).status, 42);
    EXPECT_EQ(timeslice({"record", "--", "sh", "-c", "kill -TERM $$"}).status, 128 + SIGTERM);
    EXPECT_EQ(timeslice({"record", "--", "sh", "-c", "kill -KILL $$"}).status, 128 + SIGKILL);
}

TEST_F(RecordTest, SaysThatACommandCannotBeRunAsAShellDoes)
{
    const Outcome missing = timeslice({"record", "--", "no-such-command"});
    EXPECT_EQ(missing.status, 127);
    EXPECT_THAT(missing.err, HasSubstr("no-such-command"));
    EXPECT_EQ(timeslice({"record", "--", "/etc/passwd"}).status, 126);
}

TEST_F(RecordTest, ANameThatIsNoUtf8IsReportedCleaned)
{
    const Outcome missing =
        timeslice({"record", "--report", path("r.json"), "--save", path("r.timeslice"), "--", "/nonexist\xff\x1b"});
    EXPECT_EQ(missing.status, 127) << missing.err;
    EXPECT_THAT(missing.err, testing::AllOf(HasSubstr("/nonexist\uFFFD\uFFFD"), testing::Not(HasSubstr("\x1b"))));
    EXPECT_FALSE(fs::exists(path("r.json"))) << "nothing ran";

    const std::string program = path("caf\xe9");
    fs::copy_file("/usr/bin/true", program);
    const std::string base = path("out\xff");
    const Outcome ran = timeslice({"record", "--report", base + ".json", "--save", base + ".timeslice", "--csv",
        base + ".csv", "--svg", base + ".svg", "--png", base + ".png", "--trace", base + ".trace.json", "--", program});
    EXPECT_EQ(ran.status, 0) << ran.err;
    const json report = json::parse(readText(base + ".json"));
    EXPECT_THAT(
        report.at("variants").at(0).at("name").get<std::string>(), testing::EndsWith("caf?")); // as in the terminal
    EXPECT_TRUE(json::accept(readText(base + ".trace.json")));
    for (const char* ending : {".csv", ".svg"}) {
        EXPECT_NO_THROW((void)json(readText(base + ending)).dump()) << ending << " is UTF-8";
    }
    EXPECT_TRUE(fs::exists(base + ".png"));
    EXPECT_EQ(json::parse(timeslice({"export", base + ".timeslice", "--report", "-"}).out), report);
    EXPECT_EQ(timeslice({"info", base + ".timeslice"}).status, 0);
}

TEST_F(RecordTest, TheDoubleDashMayBeLeftOut)
{
    const Outcome outcome = timeslice({"record", "--quiet", "echo", "--png", "hello"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "--png hello\n");
}

TEST_F(RecordTest, LeavesStandardInputAndOutputToTheCommand)
{
    const Outcome outcome =
        Program(program(), {"record", "--report", path("r.json"), "--", "cat"}, folder(), {}, {}, "some text\n").wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "some text\n");
    EXPECT_THAT(outcome.err, HasSubstr("switch"));
    const json report = json::parse(readText(path("r.json")));
    EXPECT_EQ(report.at("scenario"), "");
    EXPECT_EQ(report.at("variants").at(0).at("name"), "cat");
}

TEST_F(RecordTest, MeasuresTimeAndCoresOfACommandOverTheSameSpan)
{
    const std::string burnInBackground = "while :; do :; done & while :; do :; done & true";
    for (int i = 0; i < 5; ++i) {
        for (const std::vector<std::string>& command :
            std::vector<std::vector<std::string>>{{"true"}, {"sh", "-c", burnInBackground}}) {
            std::vector<std::string> arguments{"record", "--quiet", "--report", path("r.json"), "--"};
            arguments.insert(arguments.end(), command.begin(), command.end());
            const Outcome outcome = timeslice(arguments);
            ASSERT_EQ(outcome.status, 0) << outcome.err;
            const json report = json::parse(readText(path("r.json")));
            const json& variant = report.at("variants").at(0);
            const auto wall = variant.at("wall_s").get<double>();
            const auto cpu = variant.at("cpu_s").get<double>();
            const auto parallelism = variant.at("parallelism").get<double>();
            EXPECT_GT(wall, 0);
            EXPECT_GT(cpu, 0);
            EXPECT_NEAR(parallelism, cpu / wall, 1e-6);
            EXPECT_LE(parallelism, report.at("machine").at("cores").get<double>() + 0.001);
        }
    }
}

TEST_F(RecordTest, WritesTheOutputsAlsoWhenTheCommandFails)
{
    const Outcome outcome = timeslice({"record", "--png", path("a.png"), "--save", path("a.timeslice"), "--", "sh",
        "-c", "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; exit 3"});
    EXPECT_EQ(outcome.status, 3) << outcome.err;
    EXPECT_THAT(readText(path("a.png")), StartsWith("\x89PNG"));
    EXPECT_EQ(timeslice({"info", path("a.timeslice")}).status, 0);
}

TEST_F(RecordTest, NamesACommandOfSeveralLinesInOneShortLine)
{
    const Outcome recorded = timeslice({"record", "--save", path("a.timeslice"), "--", "sh", "-c", "true\n: \a\xff"});
    EXPECT_EQ(recorded.status, 0) << recorded.err;
    EXPECT_THAT(recorded.err, HasSubstr("  sh -c true :  ? "));
    EXPECT_THAT(timeslice({"info", path("a.timeslice")}).out, HasSubstr("  sh -c true :  ? "));
    const Outcome elided = timeslice({"record", "--", "true", std::string(100, 'x')});
    EXPECT_THAT(elided.err, StartsWith("  true " + std::string(54, 'x') + "… "));
}

TEST_F(RecordTest, SamplesWhereItIsTold)
{
    const Outcome outcome =
        timeslice({"record", "--inferred", "--report", path("r.json"), "--", "sh", "-c", "sleep 0.05"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("source"), "inferred");
}

TEST_F(RecordTest, WhereTheKernelRefusesItsRecordsItSamplesAndSaysWhy)
{
    const Outcome outcome = timeslice({"record", "--report", path("r.json"), "--", "sh", "-c", "sleep 0.05"}, {},
        [] { test::refuseCall(SYS_perf_event_open, ENOSYS); });
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("source"), "inferred");
    EXPECT_THAT(outcome.err, HasSubstr("timeslice: inferred because the kernel refuses context-switch records"));
}

TEST_F(RecordTest, WhatTheCommandLeavesInTheBackgroundMayFinish)
{
    const Outcome outcome =
        timeslice({"record", "--", "sh", "-c", "(sleep 0.3; echo late > " + path("late") + ") & echo early"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "early\n");
    EXPECT_EQ(readText(path("late")), "late\n");
    EXPECT_THAT(outcome.err, Not(HasSubstr("background")));
}

TEST_F(RecordTest, StandardDescriptorsThatAreClosedAreClosedForTheCommandToo)
{
    const std::string look = "ls /proc/self/fd | tr '\\n' ' ' >" + path("fds");
    for (const std::string closed : {"<&-", "2>&-", ""}) {
        Program("/bin/sh", {"-c", "exec /bin/sh -c \"" + look + "\" " + closed}, folder()).wait();
        const std::string plain = readText(path("fds"));
        Program("/bin/sh",
            {"-c", "exec " + program().string() + " record --quiet -- /bin/sh -c \"" + look + "\" " + closed}, folder())
            .wait();
        EXPECT_EQ(readText(path("fds")), plain) << closed;
    }
}

TEST_F(RecordTest, AnOptionThatThereIsNotIsNoCommand)
{
    const Outcome outcome = timeslice({"record", "--reprot", path("r.json"), "--", "true"});
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("--reprot"));
}

TEST_F(RecordTest, WhatTheCommandLeavesInTheBackgroundForGoodIsEnded)
{
    const Outcome outcome = timeslice({"record", "--", "sh", "-c", "setsid sleep 1000 & echo $!"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("1 process that went on in the background was ended"));
    const std::string stat = readText("/proc/" + std::to_string(std::stoi(outcome.out)) + "/stat");
    EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos) << stat;
}

TEST_F(RecordTest, ASignalReachesTheCommandAndItsEndIsRecorded)
{
    Program recorded(program(),
        {"record", "--report", path("r.json"), "--", "sh", "-c",
            "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"},
        folder());
    ASSERT_TRUE(recorded.says("ready\n"));
    ::kill(recorded.pid(), SIGTERM);
    EXPECT_EQ(recorded.wait().status, 9); // the command's own
    EXPECT_TRUE(json::parse(readText(path("r.json")), nullptr, false).is_object());
}

} // namespace
} // namespace timeslice::system::record_test
