// `timeslice run`, `list` and `doctor` on this machine as it is.
#include "core/session/process_tree.h"
#include "tests/places/places.h"
#include "tests/system/program.h"

#include <csignal>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sched.h>
#include <set>
#include <thread>

namespace timeslice::system::run_test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class RunTest : public SystemTest {
protected:
    /// The default scenario at its smallest, with more arguments.
    std::vector<std::string> shortRun(std::vector<std::string> more = {}) const
    {
        more.insert(more.begin(), {"run", "three-ways", "--set", "work=40ms"});
        return more;
    }
};

/// The width and height that a PNG's header states.
std::pair<unsigned, unsigned> pngSize(const std::string& png)
{
    const auto number = [&](std::size_t at) {
        unsigned value = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            value = value << 8 | static_cast<unsigned char>(png.at(at + i));
        }
        return value;
    };
    return {number(16), number(20)};
}

/// Every key of timeslice.report/1 is there and of its type.
void expectReport(const json& report)
{
    EXPECT_EQ(report.at("schema"), "timeslice.report/1");
    EXPECT_TRUE(report.at("scenario").is_string());
    EXPECT_GE(report.at("machine").at("cores").get<int>(), 1);
    EXPECT_THAT(report.at("machine").at("kernel").get<std::string>(), HasSubstr("Linux"));
    EXPECT_TRUE(report.at("machine").at("cpu").is_string());
    EXPECT_THAT((std::set<std::string>{"measured", "inferred"}), Contains(report.at("source").get<std::string>()));
    for (const json& variant : report.at("variants")) {
        for (const char* key : {"name", "engine"}) {
            EXPECT_TRUE(variant.at(key).is_string()) << key;
        }
        for (const char* key :
            {"wall_s", "cpu_s", "parallelism", "steal_s", "events", "lost_events", "recording_cost_s"}) {
            EXPECT_TRUE(variant.at(key).is_number()) << key;
            EXPECT_GE(variant.at(key).get<double>(), 0) << key;
        }
        for (const char* key : {"voluntary", "preempted", "migrations"}) {
            EXPECT_TRUE(variant.at("context_switches").at(key).is_number_unsigned()) << key;
        }
        for (const json& thread : variant.at("threads")) {
            for (const char* key : {"tid", "pid", "running_s", "runnable_s", "blocked_s", "lock_wait_s"}) {
                EXPECT_TRUE(thread.at(key).is_number()) << key;
            }
            EXPECT_TRUE(thread.at("name").is_string());
        }
        for (const json& lock : variant.at("locks")) {
            for (const char* key :
                {"id", "pid", "holds", "hold_s", "wait_s", "drop_requests", "max_concurrent_holders"}) {
                EXPECT_TRUE(lock.at(key).is_number()) << key;
            }
            for (const char* key : {"timeout", "voluntary", "exit"}) {
                EXPECT_TRUE(lock.at("handoffs").at(key).is_number()) << key;
            }
            for (const char* key : {"p50", "p95", "max"}) {
                EXPECT_TRUE(lock.at("hold_ms").at(key).is_number()) << key;
            }
            EXPECT_LE(lock.at("max_concurrent_holders").get<int>(), 1);
        }
        EXPECT_TRUE(variant.at("counters").is_array());
        EXPECT_TRUE(variant.contains("exit"));
        if (variant.at("wall_s").get<double>() > 0) {
            EXPECT_NEAR(variant.at("parallelism").get<double>(),
                variant.at("cpu_s").get<double>() / variant.at("wall_s").get<double>(), 0.01);
        }
    }
}

TEST_F(RunTest, DoesNotBlameTheMachineForAVariantThatWasLeftOut)
{
    const Outcome outcome = timeslice({"run", "three-ways", "--variant", "processes"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, testing::ContainsRegex("no answer\\.\n.* was not run"));
    EXPECT_THAT(outcome.out, testing::Not(HasSubstr("not visible")));
}

TEST_F(RunTest, SaysWhatEachVariantTookAndWhatItMeans)
{
    const Outcome outcome = timeslice(shortRun());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
        AllOf(HasSubstr("The same job, three ways"), HasSubstr("Threads, no lock"), HasSubstr("Processes"),
            HasSubstr("cores"), HasSubstr("switches")));
    EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(RunTest, QuietSaysNothing)
{
    const Outcome outcome = timeslice(shortRun({"--quiet", "--report", path("r.json")}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, IsEmpty());
    EXPECT_TRUE(fs::exists(path("r.json")));
}

TEST_F(RunTest, AReportOnStandardOutputIsNothingButTheReport)
{
    const Outcome outcome = timeslice(shortRun({"--report", "-"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json report = json::parse(outcome.out);
    expectReport(report);
    EXPECT_EQ(report.at("scenario"), "three-ways");
    EXPECT_EQ(report.at("variants").size(), 3U);
    const json& verdict = report.at("verdict");
    EXPECT_EQ(verdict.at("claim"), "same-time");
    EXPECT_TRUE(verdict.at("text").is_string());
    EXPECT_EQ(verdict.at("band").size(), 2U);
    EXPECT_TRUE(verdict.at("holds").is_boolean() || (verdict.at("holds").is_null() && verdict.contains("why")));
}

TEST_F(RunTest, WritesEveryKindOfOutput)
{
    const Outcome outcome = timeslice(shortRun(
        {"--png", path("a.png"), "--svg", path("a.svg"), "--csv", path("a.csv"), "--trace", path("a.json"), "--save",
            path("a.timeslice"), "--report", path("r.json"), "--size", "800x600", "--scale", "2", "--theme", "dark"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const std::string png = readText(path("a.png"));
    EXPECT_THAT(png, StartsWith("\x89PNG"));
    EXPECT_EQ(pngSize(png), std::make_pair(1600U, 1200U));
    EXPECT_THAT(readText(path("a.svg")), HasSubstr("<svg"));
    EXPECT_THAT(readText(path("a.csv")), StartsWith("variant,track,name,begin_ns,duration_ns,state,subject,cause"));
    const json trace = json::parse(readText(path("a.json")));
    EXPECT_FALSE(trace.at("traceEvents").empty());
    expectReport(json::parse(readText(path("r.json"))));
    for (const char* name : {"a.png", "a.svg", "a.csv", "a.json", "a.timeslice", "r.json"}) {
        EXPECT_THAT(outcome.out, HasSubstr(path(name))) << "not told: " << name;
    }
}

TEST_F(RunTest, RunsOnlyTheVariantAskedFor)
{
    const Outcome outcome = timeslice(shortRun({"--variant", "processes", "--report", "-"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json report = json::parse(outcome.out);
    ASSERT_EQ(report.at("variants").size(), 1U);
    EXPECT_TRUE(report.at("verdict").at("holds").is_null());
}

TEST_F(RunTest, ForcedInferenceSaysSo)
{
    const Outcome outcome = timeslice(shortRun({"--inferred", "--report", path("r.json")}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("Inferred"));
    const json report = json::parse(readText(path("r.json")));
    EXPECT_EQ(report.at("source"), "inferred");
    expectReport(report);
}

TEST_F(RunTest, OnOneCoreTheVerdictIsNotVisibleHereAndSaysWhy)
{
    const Outcome outcome = timeslice(shortRun({"--report", path("r.json")}), {}, [] {
        cpu_set_t allowed;
        sched_getaffinity(0, sizeof allowed, &allowed);
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &allowed)) {
                CPU_ZERO(&allowed);
                CPU_SET(cpu, &allowed);
                break;
            }
        }
        sched_setaffinity(0, sizeof allowed, &allowed);
    });
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json report = json::parse(readText(path("r.json")));
    EXPECT_EQ(report.at("machine").at("cores"), 1);
    EXPECT_TRUE(report.at("verdict").at("holds").is_null());
    EXPECT_THAT(report.at("verdict").at("why").get<std::string>(), HasSubstr("core"));
}

TEST_F(RunTest, AWorkloadThatCrashesFailsAndItsOutputsAreWrittenAllTheSame)
{
    const Outcome outcome =
        timeslice({"run", scenarioFile(R"({"tasks": {"Thread": {"do": [{"run": "5ms"}, {"crash": "segv"}]}}})"),
            "--report", path("r.json"), "--png", path("a.png"), "--save", path("a.timeslice")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.out, HasSubstr("segmentation fault"));
    expectReport(json::parse(readText(path("r.json"))));
    EXPECT_THAT(readText(path("a.png")), StartsWith("\x89PNG"));
    EXPECT_THAT(timeslice({"info", path("a.timeslice")}).out, HasSubstr("segmentation fault"));
}

TEST_F(RunTest, AtTheTimeLimitItFailsAndSaysSo)
{
    const Outcome outcome = timeslice(
        {"run", scenarioFile(R"({"tasks": {"Thread": {"do": [{"sleep": "1000s"}]}}})", R"({"time": "200ms"})")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.out, HasSubstr("time limit of 200 ms"));
}

TEST_F(RunTest, ADeadlockIsAFailureUnlessItIsTheLesson)
{
    // Long holds and many rounds: that the two never cross in any of them is out of the question.
    const Outcome lesson = timeslice(
        {"run", "ab-ba", "--variant", "crossed", "--set", "hold=20ms", "--set", "rounds=50", "--report", "-"});
    EXPECT_EQ(lesson.status, 0) << lesson.err;
    EXPECT_THAT(lesson.out, HasSubstr("waits for"));
    const Outcome accident = timeslice({"run", scenarioFile(R"({
        "resources": {"A": {"type": "mutex"}, "B": {"type": "mutex"}, "both": {"type": "barrier"}},
        "tasks": {"Left": {"do": [{"lock": "A"}, {"barrier": "both"}, {"lock": "B"}, {"unlock": "B"}, {"unlock": "A"}]},
                  "Right": {"do": [{"lock": "B"}, {"barrier": "both"}, {"lock": "A"}, {"unlock": "A"}, {"unlock": "B"}]}}})")});
    EXPECT_EQ(accident.status, 1);
    EXPECT_THAT(accident.out, HasSubstr("Left holds A and waits for B; Right holds B and waits for A"));
}

TEST_F(RunTest, CtrlCEndsTheRunAndKeepsWhatWasRecorded)
{
    Program program(SystemTest::program(),
        {"run", scenarioFile(R"({"tasks": {"Thread": {"do": [{"runtime": "15s"}]}}})"), "--report", path("r.json")},
        folder());
    while (descendants(program.pid()).size() < 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(program.pid(), SIGINT);
    const Outcome outcome = program.wait();
    EXPECT_EQ(outcome.status, 128 + SIGINT);
    EXPECT_THAT(outcome.err, HasSubstr("stopped by SIGINT (Ctrl-C) before any run had ended"));
    const json report = json::parse(readText(path("r.json")), nullptr, false);
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report.at("stopped"), true);
}

TEST_F(RunTest, CtrlCEndsASeriesWhichSaysHowFarItCame)
{
    // Of the last of its runs nobody lives to see the end.
    std::string text = readText(scenarioFile(
        R"json({"tasks": {"Thread": {"do": [{"runtime": "=10 ^ (3 * count)"}]}}})json", R"({"time": "100s"})"));
    text.replace(text.find(R"("knobs": [])"), 11,
        R"("knobs": [{"id": "count", "label": "Count", "type": "integer", "min": 1, "max": 3, "initial": 1}],
           "series": {"knob": "count", "values": [1, 3]})");
    writeText(path("a-test.json"), text);
    Program running(program(), {"run", path("a-test.json"), "--report", path("r.json"), "--once"}, folder());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (running.outSoFar().find("count=1 #1") == std::string::npos && !running.hasEnded()
        && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(running.pid(), SIGINT);
    const Outcome outcome = running.wait();
    EXPECT_EQ(outcome.status, 128 + SIGINT) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("stopped by SIGINT (Ctrl-C) after 1 of 2 runs; what is said is of it"));
    EXPECT_EQ(json::parse(readText(path("r.json"))).at("stopped"), true);
}

TEST_F(RunTest, KilledItLeavesNothingBehind)
{
    Program program(SystemTest::program(),
        {"run",
            scenarioFile(R"({"tasks": {"Process": {"instance": 2, "as": "process", "do": [{"runtime": "15s"}]}}})")},
        folder());
    while (descendants(program.pid()).size() < 4) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::vector<Pid> all = descendants(program.pid());
    ::kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().status, 128 + SIGKILL);
    for (const Pid pid : all) {
        for (int i = 0; i < 10'000 && ::kill(pid, 0) == 0; ++i) {
            const std::string stat = readText("/proc/" + std::to_string(pid) + "/stat");
            if (stat.find(") Z ") != std::string::npos) {
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        const std::string stat = readText("/proc/" + std::to_string(pid) + "/stat");
        EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos) << stat;
    }
}

TEST_F(RunTest, AnOrdinaryUserCanRunIt)
{
    if (geteuid() != 0) {
        GTEST_SKIP() << "every other test runs as an ordinary user already";
    }
    constexpr uid_t kNobody = 65534;
    const fs::path tree = folder() / "installed";
    fs::create_directories(tree / "bin");
    fs::create_directories(tree / "share/timeslice");
    for (const char* name : {"timeslice", "timeslice-worker", "timeslice-guard"}) {
        fs::copy(test::programFolder() / name, tree / "bin" / name);
    }
    fs::copy(test::resourceFolder() / "scenarios", tree / "share/timeslice/scenarios", fs::copy_options::recursive);
    fs::permissions(folder(), fs::perms::all);
    const Outcome outcome = Program(tree / "bin/timeslice",
        shortRun({"--png", path("nobody.png"), "--report", path("r.json")}), folder(),
        {{"HOME", "/nonexistent"}, {"TIMESLICE_RESOURCES", ""}, {"XDG_RUNTIME_DIR", ""}}, [] {
            if (setgid(kNobody) != 0 || setuid(kNobody) != 0) {
                _exit(124);
            }
        }).wait();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const json report = json::parse(readText(path("r.json")));
    expectReport(report);
    EXPECT_THAT(readText(path("nobody.png")), StartsWith("\x89PNG"));
    int paranoid = 99;
    std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> paranoid;
    if (paranoid <= 2) {
        EXPECT_EQ(report.at("source"), "measured") << outcome.out;
    } else {
        EXPECT_THAT(outcome.out, HasSubstr("perf_event_paranoid"));
    }
}

TEST_F(RunTest, ListNamesEveryScenarioWithItsVariantsAndKnobs)
{
    const Outcome outcome = timeslice({"list"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
        AllOf(HasSubstr("three-ways"), HasSubstr("processes"), HasSubstr("threads=2"),
            HasSubstr("work=200ms (40ms to 2s)")));
    EXPECT_EQ(timeslice({"list", "--default"}).out, "gil-two-threads\n");
}

TEST_F(RunTest, ListAsJsonHasEveryScenario)
{
    const Outcome outcome = timeslice({"list", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    std::set<std::string> ids;
    for (const json& scenario : json::parse(outcome.out)) {
        ids.insert(scenario.at("id").get<std::string>());
        for (const char* key : {"chapter", "title", "question", "engine"}) {
            EXPECT_TRUE(scenario.at(key).is_string()) << key;
        }
        EXPECT_TRUE(scenario.at("claims").is_array());
        EXPECT_FALSE(scenario.at("variants").empty());
        EXPECT_TRUE(scenario.at("knobs").is_array());
        EXPECT_EQ(scenario.at("runnable").get<bool>(), scenario.at("why_not").is_null());
    }
    for (const auto& file : fs::directory_iterator(test::resourceFolder() / "scenarios")) {
        if (file.path().extension() == ".json") {
            EXPECT_THAT(ids, Contains(file.path().stem().string()));
        }
    }
}

TEST_F(RunTest, ADamagedScenarioIsReportedAndTheOthersAreListed)
{
    fs::create_directories(folder() / "resources");
    fs::copy(test::resourceFolder() / "scenarios", folder() / "resources/scenarios", fs::copy_options::recursive);
    writeText(folder() / "resources/scenarios/broken.json", "{");
    const Outcome outcome = timeslice({"list"}, {{"TIMESLICE_RESOURCES", path("resources")}});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("broken.json"));
    EXPECT_THAT(outcome.out, HasSubstr("three-ways"));
}

TEST_F(RunTest, DoctorSaysWhatCanBeMeasured)
{
    const Outcome outcome = timeslice({"doctor"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(
        outcome.out, AllOf(HasSubstr("context switches"), HasSubstr("perf_event_paranoid"), HasSubstr("cores")));
    const json found = json::parse(timeslice({"doctor", "--json"}).out);
    std::set<std::string> ids;
    for (const json& finding : found.at("findings")) {
        ids.insert(finding.at("id").get<std::string>());
        EXPECT_THAT(
            (std::set<std::string>{"good", "limited", "bad"}), Contains(finding.at("level").get<std::string>()));
        EXPECT_FALSE(finding.at("text").get<std::string>().empty());
    }
    for (const char* id : {"context_switches", "perf_event_paranoid", "locked_memory_bytes", "cores", "stolen_share",
             "realtime", "memfd", "wakeups"}) {
        EXPECT_THAT(ids, Contains(id));
    }
}

} // namespace
} // namespace timeslice::system::run_test
