// What the command line says to wrong or incomplete input, and with which exit status.
#include "tests/system/program.h"

#include <csignal>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace timeslice::system::usage_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

using UsageTest = SystemTest;

constexpr const char* kBriefWork = R"({"tasks": {"Thread": {"do": [{"run": "1ms"}]}}})";

TEST_F(UsageTest, HelpAndVersionSucceed)
{
    const Outcome help = timeslice({"--help"});
    EXPECT_EQ(help.status, 0);
    for (const char* command : {"list", "run", "check", "record", "export", "info", "doctor"}) {
        EXPECT_THAT(help.out, HasSubstr(command));
        EXPECT_EQ(timeslice({command, "--help"}).status, 0) << command;
    }
    EXPECT_EQ(timeslice({"help"}).out, help.out);
    EXPECT_EQ(timeslice({"help", "run"}).out, timeslice({"run", "--help"}).out);
    EXPECT_EQ(timeslice({"help", "rnu"}).status, 2);
    const Outcome version = timeslice({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.out, testing::StartsWith("timeslice 0."));
}

TEST_F(UsageTest, WithoutADisplayTheWindowSaysWhatToDoInstead)
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"--scenario", "three-ways"}}) {
        const Outcome outcome = timeslice(arguments);
        EXPECT_EQ(outcome.status, 3);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr("no display"), HasSubstr("timeslice run")));
    }
}

TEST_F(UsageTest, ATableOfJobsThatCannotRunIsToldBeforeAnythingRuns)
{
    const auto complaint = [this](const std::string& table) {
        const Outcome outcome = timeslice({"run", "textbook", "--set", "jobs=" + table});
        EXPECT_EQ(outcome.status, 2) << table;
        EXPECT_EQ(outcome.out, "") << table;
        return outcome.err;
    };
    EXPECT_THAT(complaint("convoi"), HasSubstr("did you mean 'convoy'?"));
    EXPECT_THAT(complaint("A 0 0"), HasSubstr("knob 'jobs': job 1 (A): its length must be more than 0"));
    EXPECT_THAT(complaint("A 0 -5ms"), HasSubstr("job 1 (A): its length must be more than 0"));
    EXPECT_THAT(complaint("A 0 99999999s"), HasSubstr("job 1 (A): its length must be more than 0, and an hour at the"));
    EXPECT_THAT(complaint("A -1ms 5ms"), HasSubstr("job 1 (A): it would arrive before the start"));
    EXPECT_THAT(complaint("A 0 5ms; A 0 5ms"), HasSubstr("job 2 (A): job 1 has that name, too"));
    EXPECT_THAT(complaint("A 0 5ms pri 2"), HasSubstr("did you mean 'prio'?"));
    EXPECT_THAT(complaint("@" + path("nowhere.txt")), HasSubstr("cannot read the jobs of"));
    std::string many;
    for (int i = 0; i < 10'000; ++i) {
        many += "J" + std::to_string(i) + " 0 1ms\n";
    }
    writeText(path("many.txt"), many);
    EXPECT_THAT(complaint("@" + path("many.txt")),
        HasSubstr("10000 threads, a thread for each job, more than this run's limit of 64"));
    writeText(path("more.txt"), many + "J 0 1ms\n");
    EXPECT_THAT(complaint("@" + path("more.txt")), HasSubstr("10001 jobs; 10000 is the most that is scheduled"));
}

TEST_F(UsageTest, ATableOfJobsOfAFileRunsAndIsInTheReport)
{
    writeText(path("jobs.txt"), "# two jobs\nA 0 3ms\nB 1ms 2ms prio 2\n");
    const Outcome outcome = timeslice({"run", "textbook", "--set", "jobs=@" + path("jobs.txt"), "--variant",
        "closed-form", "--quiet", "--report", "-"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto report = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(report.at("source"), "calculated");
    const nlohmann::json& dispatch = report.at("variants").at(0).at("extra").at("dispatch");
    EXPECT_EQ(dispatch.at("table"), "A 0 3ms; B 1ms 2ms prio 2");
    EXPECT_EQ(dispatch.at("jobs").at(1).at("turnaround_ms"), 4) << "srtf: A has 2 ms left when B comes with as much";
}

TEST_F(UsageTest, AnUnknownCommandIsAnsweredWithTheNearest)
{
    const Outcome outcome = timeslice({"reord", "--", "true"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("record"));
}

TEST_F(UsageTest, UnknownOptionsAndMissingArgumentsAreUsageErrors)
{
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--nonsense"}, {"run"},
             {"run", "three-ways", "--nonsense"}, {"run", "three-ways", "--png"},
             {"run", "three-ways", "--scale", "big"}, {"run", "three-ways", "--theme", "pink"}, {"export"}, {"info"},
             {"record"}, {"record", "--"}, {"doctor", "more"}, {"--theme", "pink"}}) {
        const Outcome outcome = timeslice(arguments);
        EXPECT_EQ(outcome.status, 2) << testing::PrintToString(arguments);
        EXPECT_NE(outcome.err, "") << testing::PrintToString(arguments);
    }
}

TEST_F(UsageTest, AnUnknownScenarioIsAnsweredWithTheNearest)
{
    const Outcome outcome = timeslice({"run", "three-way"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("three-ways"));
    EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(UsageTest, AnUnknownKnobIsAnsweredWithThoseThereAre)
{
    const Outcome outcome = timeslice({"run", "three-ways", "--set", "thread=2"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("thread"), HasSubstr("interval")));
}

TEST_F(UsageTest, AKnobsValueOutOfRangeOrOfTheWrongKindIsRefused)
{
    for (const char* setting :
        {"threads=0", "threads=9", "threads=two", "threads=", "interval=5", "interval=1h", "threads", "=3"}) {
        const Outcome outcome = timeslice({"run", "three-ways", "--set", setting});
        EXPECT_EQ(outcome.status, 2) << setting;
        EXPECT_NE(outcome.err, "") << setting;
    }
    EXPECT_THAT(timeslice({"run", "three-ways", "--set", "threads=9"}).err, AllOf(HasSubstr("1"), HasSubstr("8")));
}

TEST_F(UsageTest, AnUnknownVariantIsAnsweredWithThoseThereAre)
{
    const Outcome outcome = timeslice({"run", "three-ways", "--variant", "proceses"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("processes"));
}

TEST_F(UsageTest, AMalformedScenarioFileIsRefusedWithFileAndLine)
{
    writeText(path("broken.json"), "{\n  \"id\": \"x\",\n  \"title\": }\n");
    const Outcome outcome = timeslice({"run", path("broken.json")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("broken.json"), HasSubstr("3")));
}

TEST_F(UsageTest, AScenarioFileThatIsNotThereOrCannotBeReadIsRefused)
{
    EXPECT_EQ(timeslice({"run", path("none.json")}).status, 2);
    EXPECT_EQ(timeslice({"run", folder().string() + "/"}).status, 2);
}

TEST_F(UsageTest, AWorkloadThatMakesNoSenseIsRefusedWithItsPlace)
{
    const Outcome outcome = timeslice({"run", scenarioFile(R"({"tasks": {"Thread": {"do": [{"lokc": "m"}]}}})")});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("a-test.json"), HasSubstr("lokc"), HasSubstr("lock")));
}

TEST_F(UsageTest, AnOutputThatCannotBeWrittenIsSaidBeforeTheRun)
{
    const std::string scenario = scenarioFile(kBriefWork);
    for (const char* option : {"--png", "--svg", "--csv", "--trace", "--save", "--report"}) {
        const Outcome outcome = timeslice({"run", scenario, option, path("no/such/folder/file")});
        EXPECT_EQ(outcome.status, 2) << option;
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(option), HasSubstr("no/such/folder"))) << option;
        EXPECT_THAT(outcome.out, IsEmpty()) << option; // the run did not begin
    }
    EXPECT_EQ(timeslice({"run", scenario, "--png", folder().string()}).status, 2);
    EXPECT_EQ(timeslice({"record", "--png", path("no/such/file"), "--", "touch", path("touched")}).status, 2);
    EXPECT_FALSE(fs::exists(path("touched")));
}

TEST_F(UsageTest, WhatMakesNoPictureIsSaidBeforeTheRun)
{
    const std::string scenario = scenarioFile(kBriefWork);
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{"--size", "800"},
             {"--size", "0x0"}, {"--size", "800x600x2"}, {"--size", "1x1"}, {"--size", "999999x999999"},
             {"--scale", "0"}, {"--scale", "-1"}, {"--scale", "1000"}, {"--from", "soon"}, {"--to", "5"},
             {"--from", "20ms", "--to", "10ms"}, {"--png", "-"}, {"--save", "-"}, {"--svg", "-"}}) {
        std::vector<std::string> arguments{"run", scenario};
        arguments.insert(arguments.end(), wrong.begin(), wrong.end());
        const Outcome outcome = timeslice(arguments);
        EXPECT_EQ(outcome.status, 2) << testing::PrintToString(wrong);
        EXPECT_THAT(outcome.out, IsEmpty()) << testing::PrintToString(wrong);
    }
    EXPECT_EQ(timeslice({"run", scenario, "--report", "-", "--csv", "-"}).status, 2);
}

TEST_F(UsageTest, TwoOutputsInOneFileAreRefusedBeforeTheRun)
{
    const std::string scenario = scenarioFile(kBriefWork);
    fs::create_symlink(folder(), folder() / "link");
    for (const std::string& other : {path("x"), path("./x"), path("link/x")}) {
        const Outcome outcome = timeslice({"run", scenario, "--report", path("x"), "--csv", other});
        EXPECT_EQ(outcome.status, 2) << other;
        EXPECT_THAT(outcome.err, AllOf(HasSubstr("--report"), HasSubstr("--csv"), HasSubstr("same file"))) << other;
        EXPECT_THAT(outcome.out, IsEmpty()) << other;
        EXPECT_FALSE(fs::exists(path("x")));
    }
}

TEST_F(UsageTest, APictureWhoseNamePromisesAnotherFormatIsRefused)
{
    const std::string scenario = scenarioFile(kBriefWork);
    for (const auto& [option, name] : std::map<std::string, std::string>{{"--png", "x.JPG"}, {"--svg", "x.png"}}) {
        const Outcome outcome = timeslice({"run", scenario, option, path(name)});
        EXPECT_EQ(outcome.status, 2) << option;
        EXPECT_THAT(outcome.err, HasSubstr(option)) << option;
        EXPECT_THAT(outcome.out, IsEmpty()) << option;
    }
    EXPECT_THAT(timeslice({"run", scenario, "--size", "800x600"}).err, HasSubstr("none was asked for"));
    EXPECT_THAT(timeslice({"run", scenario, "--scale", "2"}).err, HasSubstr("none was asked for"));
}

TEST_F(UsageTest, APictureOfNothingIsAnErrorAndNotAnEmptyFile)
{
    const Outcome outcome =
        timeslice({"run", scenarioFile(kBriefWork), "--from", "1000s", "--png", path("x.png"), "--csv", path("x.csv")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("the picture would be empty"));
    EXPECT_FALSE(fs::exists(path("x.png")));
    EXPECT_TRUE(fs::exists(path("x.csv"))); // the others are written all the same
}

TEST_F(UsageTest, AFullDiskFailsThatOutputAndNoOther)
{
    if (!fs::exists("/dev/full")) {
        GTEST_SKIP() << "there is no /dev/full here";
    }
    const Outcome outcome =
        timeslice({"run", scenarioFile(kBriefWork), "--csv", "/dev/full", "--report", path("r.json")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("/dev/full"), HasSubstr("space")));
    EXPECT_TRUE(nlohmann::json::parse(readText(path("r.json")), nullptr, false).is_object());
}

TEST_F(UsageTest, WhatCannotBePrintedFailsTheCommand)
{
    if (!fs::exists("/dev/full")) {
        GTEST_SKIP() << "there is no /dev/full here";
    }
    const std::string scenario = scenarioFile(kBriefWork);
    ASSERT_EQ(timeslice({"run", scenario, "--quiet", "--save", path("a.timeslice")}).status, 0);
    const auto fullDisk = [] { dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
    for (const std::vector<std::string>& arguments :
        std::vector<std::vector<std::string>>{{"list"}, {"list", "--json"}, {"list", "--default"}, {"check", scenario},
            {"--help"}, {"--version"}, {"run", "--help"}, {"run", scenario}, {"run", scenario, "--quiet", "--csv", "-"},
            {"run", scenario, "--quiet", "--report", "-"}, {"run", scenario, "--quiet", "--trace", "-"},
            {"export", path("a.timeslice"), "--report", "-"}, {"info", path("a.timeslice")}, {"doctor"},
            {"doctor", "--json"}, {"help"}, {"help", "run"}}) {
        const Outcome outcome = timeslice(arguments, {}, fullDisk);
        EXPECT_EQ(outcome.status, 1) << testing::PrintToString(arguments);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr("standard output"), HasSubstr("No space left on device")))
            << testing::PrintToString(arguments);
    }
    const Outcome recorded = timeslice({"record", "--", "true"}, {}, fullDisk);
    EXPECT_EQ(recorded.status, 0) << recorded.err; // it prints nothing there: standard output is the command's
}

TEST_F(UsageTest, AReaderThatWentAwayIsNoNews)
{
    const auto nobodyReads = [](bool ignored) {
        return [ignored] {
            int ends[2];
            if (::pipe(ends) != 0) {
                _exit(126);
            }
            dup2(ends[1], STDOUT_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            std::signal(SIGPIPE, ignored ? SIG_IGN : SIG_DFL);
        };
    };
    const Outcome ended = timeslice({"list"}, {}, nobodyReads(false));
    EXPECT_EQ(ended.status, 128 + SIGPIPE);
    EXPECT_EQ(ended.err, "");
    const Outcome failed = timeslice({"list"}, {}, nobodyReads(true));
    EXPECT_EQ(failed.status, 1);
    EXPECT_EQ(failed.err, "");
}

TEST_F(UsageTest, APartOfTheProgramThatIsMissingIsNamed)
{
    const Outcome outcome = timeslice({"run", scenarioFile(kBriefWork)}, {{"TIMESLICE_WORKER", "/no/such/worker"}});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_THAT(outcome.err, HasSubstr("/no/such/worker"));
}

TEST_F(UsageTest, StandardDescriptorsThatAreClosedDoNoHarm)
{
    const Outcome outcome = timeslice({"run", scenarioFile(kBriefWork), "--report", path("r.json")}, {}, [] {
        ::close(STDIN_FILENO);
        ::close(STDOUT_FILENO);
    });
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(nlohmann::json::parse(readText(path("r.json"))).at("variants").at(0).at("exit").is_null(), false);
}

} // namespace
} // namespace timeslice::system::usage_test
