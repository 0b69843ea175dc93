// What is found wrong with a scenario's workloads, scripts and numbers before anything runs.
#include "core/session/check_scenario.h"

#include "core/scenario/catalogue.h"
#include "tests/core/scenario/made_scenario.h"
#include "tests/places/places.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::check_scenario_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<ScriptCompiler> compiler()
{
    static const auto kCompiler = std::make_shared<ScriptCompiler>([] { return findInterpreters(); });
    return kCompiler;
}

class CheckScenario : public testing::Test {
protected:
    CheckScenario()
    {
        std::string name = (std::filesystem::temp_directory_path() / "check-XXXXXX").string();
        m_directory = mkdtemp(name.data());
        m_document["variants"][1]["workload"] = json::parse(R"({"tasks": {"T": {"do": [{"run": 1}]}}})");
    }
    ~CheckScenario() override { std::filesystem::remove_all(m_directory); }

    void write(const std::string& file, const std::string& text) { std::ofstream(m_directory / file) << text; }
    json& workload() { return m_document["variants"][0]["workload"]; }
    std::vector<std::string> mistakes(Scripts scripts = Scripts::Compiled)
    {
        write("x.json", m_document.dump(2));
        const auto read =
            readScenarioFile(m_directory / "x.json", Expressions::Checked, scenarioCheck(m_compiler, scripts));
        std::vector<std::string> all;
        if (!read) {
            for (const ScenarioMistake& mistake : read.error().mistakes) {
                all.push_back(mistake.what);
            }
        }
        return all;
    }

    std::filesystem::path m_directory;
    json m_document = madeScenario();
    std::shared_ptr<ScriptCompiler> m_compiler = compiler();
};

TEST(CheckShipped, EveryLessonPasses)
{
    const ScenarioCheck check = scenarioCheck(compiler());
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test::resourceFolder() / "scenarios")) {
        if (entry.path().extension() == ".json") {
            const auto read = readScenarioFile(entry.path(), Expressions::Checked, check);
            EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().error().message);
            ++files;
        }
    }
    EXPECT_GT(files, 40U);
}

TEST_F(CheckScenario, FindsNothingInWhatIsRight)
{
    EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(CheckScenario, FindsAllThatIsWrongWithAWorkload)
{
    workload() = json::parse(R"({
      "resources": {"m": {"type": "mutx"}, "x": {"type": "counter", "initial": "one"}, "f": {"type": "file"}},
      "tasks": {
        "A": {"instance": 0, "nice": 40, "do": [{"lock": "m"}, {"lokc": "m"}, {"increment": {"counter": "y", "times": 0}}]},
        "B": {"loops": 3, "do": [{"write": {"file": "f"}}, {"run": "5 parsecs"}, {"run": 1, "sleep": 1}]},
        "C": {"do": [{"run": "{work}"}]}
      }})");
    const std::string in = "variants/0/workload/";
    EXPECT_THAT(mistakes(),
        ElementsAre( // (written by dump(): in the order of the keys)
            in + "resources/m/type: unknown type of resource 'mutx'; did you mean 'mutex'?",
            in
                + "resources/x/initial: expected a whole number from -9007199254740992 to 9007199254740992, found the "
                  "text \"one\"",
            in + "tasks/A/do/1: unknown event 'lokc'; did you mean 'lock'?",
            in + "tasks/A/do/2/increment/counter: unknown counter 'y'; known: x",
            in + "tasks/A/do/2/increment/times: expected a whole number from 1 to 1099511627776, found the number 0",
            in + "tasks/A/instance: expected a whole number from 1 to 1000000, found the number 0",
            in + "tasks/A/nice: expected a whole number from -20 to 19, found the number 40",
            in + "tasks/B/do/0/write: the key 'bytes' is missing",
            in
                + "tasks/B/do/1/run: expected a duration such as \"5ms\" (ns, us, ms or s; a plain number is "
                  "microseconds), not negative and at most 24 hours, found the text \"5 parsecs\"",
            in
                + "tasks/B/do/2: an event has exactly one key, this one has 2; give each event an object of its own, "
                  "since their order matters",
            in + "tasks/B: unknown key 'loops'; did you mean 'loop'?"));
}

TEST_F(CheckScenario, FindsWhatIsWrongWithAWorkloadAtAKnobsEnd)
{
    m_document["limits"]["threads"] = 7;
    EXPECT_THAT(mistakes(),
        ElementsAre("variants/0/workload/tasks/Thread/instance: this makes 8 threads and processes, more than this "
                    "run's limit of 7 (when threads is 8)"));
}

TEST_F(CheckScenario, LeavesItToTheMachineWhichCoresItHas)
{
    workload()["tasks"]["Thread"]["cpus"] = {5};
    EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(CheckScenario, FindsNumbersThatNoRunReports)
{
    workload()["resources"] = json::parse(R"({"x": {"type": "counter"}, "m": {"type": "mutex"}})");
    const auto asked = [this](const std::string& pointer) {
        m_document["verdict"]["metric"]["value"] = pointer;
        const std::vector<std::string> all = mistakes();
        return all.empty() ? std::string() : all.front();
    };
    const std::string at = "verdict/metric/value: ";
    EXPECT_EQ(asked("/counters/x/lost"), "");
    EXPECT_EQ(asked("/counters/0/lost"), "");
    EXPECT_EQ(asked("/threads/Thread 2/running_s"), "");
    EXPECT_EQ(asked("/locks/m/hold_ms/p95"), "");
    EXPECT_EQ(asked("/latency_ms/p50"), "");
    EXPECT_EQ(asked("/extra/whatever/the script/says"), "");
    EXPECT_EQ(asked("/counters/y/lost"), at + "this variant's workload has, among its counters, no 'y'; it has x");
    EXPECT_EQ(asked("/counters/x/lots"), at + "'x' has no 'lots'; did you mean 'lost'?");
    EXPECT_EQ(asked("/counters/x"), at + "'x' is no number; it has actual, expected, lost, lost_share and name");
    EXPECT_EQ(asked("/latency_ms/p99"), at + "'latency_ms' has no 'p99'; did you mean 'p95'?");
    EXPECT_EQ(asked("/wall_s/p50"), at + "'wall_s' is the number 0.0 already; there is no 'p50' in it");
    EXPECT_EQ(asked("/name"), at + "'name' is no number but a text");
    EXPECT_EQ(asked("/memory/pss"), at + "the memory is not looked at; \"memory\": true in this file sees to it");
    m_document["memory"] = true;
    EXPECT_EQ(asked("/memory/pss"), "");
    EXPECT_EQ(asked("/memory/psss"), at + "'memory' has no 'psss'; did you mean 'pss'?");
}

TEST_F(CheckScenario, FindsThemInTextsThatDependOnThem)
{
    m_document["verdict"]["fails"] = json::parse(R"([
        {"text": "%1", "numbers": [{"variant": "a", "value": "/wall_s/p50", "format": "{:d}"}],
          "when": {"variant": "a", "value": "/latency_ms/p99", "to": 1}}, "No."])");
    const std::vector<std::string> all = mistakes();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all[0], testing::StartsWith("verdict/fails/0/numbers/0/value: "));
    EXPECT_THAT(all[1], testing::StartsWith("verdict/fails/0/when/value: "));
    m_document["verdict"]["fails"] = m_document["verdict"]["fails"][0];
    m_document["verdict"]["fails"].erase("when");
    EXPECT_THAT(mistakes(), testing::ElementsAre(testing::StartsWith("verdict/fails/numbers/0/value: ")));
}

TEST_F(CheckScenario, SaysNothingOfNamesThatOnlyTheRunGives)
{
    const auto asked = [this](const std::string& workload, const std::string& pointer) {
        this->workload() = json::parse(workload);
        m_document["verdict"]["metric"]["value"] = pointer;
        return mistakes();
    };
    const std::string births = R"({"tasks": {"T": {"do": [{"birth": {"times": 3}}]}}})";
    EXPECT_THAT(asked(births, "/threads/Worker 2/running_s"), IsEmpty());
    EXPECT_THAT(asked(births, "/threads/Worker 2/walking_s"), testing::SizeIs(1)) << "but what a thread has is known";
    const std::string processes =
        R"({"resources": {"g": {"type": "gil"}}, "tasks": {"P": {"as": "process", "gil": "g", "do": [{"run": 1}]}}})";
    EXPECT_THAT(asked(processes, "/locks/g of P/hold_s"), IsEmpty());
    EXPECT_THAT(asked(processes, "/processes/P/status"), IsEmpty());
}

TEST_F(CheckScenario, TakesANumberOfAChartThatOneOfTheVariantsHas)
{
    workload()["resources"] = json::parse(R"({"x": {"type": "counter"}})");
    m_document["chart"] = json::parse(R"({"kind": "table", "title": "T", "measures": [
      {"value": "/counters/x/actual", "label": "x"}, {"value": "/exit/text", "label": "end"},
      {"value": "/counters/z/actual", "label": "z"}, {"value": "/wall_s", "over": "/exit/text", "label": "odd"}]})");
    EXPECT_THAT(mistakes(),
        ElementsAre(HasSubstr("chart/measures/2/value: "), "chart/measures/3/over: 'text' is no number but a text"));
}

TEST_F(CheckScenario, HasPythonCompileAScriptAndRunsNothingOfIt)
{
    m_document["variants"][1] = {
        {"id", "b"}, {"title", "B"}, {"engine", "cpython"}, {"python", {{"script", "job.py"}}}};
    const std::string ran = (m_directory / "ran").string();
    write("job.py", "open('" + ran + "', 'w')\n");
    EXPECT_THAT(mistakes(), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(ran));
    write("job.py", "import time\n\ndef worker(:\n    pass\n");
    EXPECT_THAT(mistakes(Scripts::Remembered), IsEmpty()) << "nobody has compiled this text";
    EXPECT_THAT(mistakes(),
        ElementsAre(testing::MatchesRegex("variants/1/python/script: job\\.py:3:12: .*\\(CPython 3\\..*\\)")));
    EXPECT_EQ(mistakes(Scripts::Remembered), mistakes());
    write("job.py", "x = '\\d'\n");
    EXPECT_THAT(mistakes(), IsEmpty()) << "a warning is no mistake";
    write("job.py", "\tx = 1\n        y = 2\n");
    EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("job.py:1")));
}

TEST_F(CheckScenario, CompilesAScriptOnceForAllItsVariantsAndSettings)
{
    std::size_t asked = 0;
    m_compiler = std::make_shared<ScriptCompiler>([&asked] {
        ++asked;
        return findInterpreters();
    });
    m_document["variants"][1] = {
        {"id", "b"}, {"title", "B"}, {"engine", "cpython"}, {"python", {{"script", "job.py"}}}};
    m_document["variants"][2] = {
        {"id", "c"}, {"title", "C"}, {"engine", "cpython"}, {"python", {{"script", "job.py"}}}};
    write("job.py", "def\n");
    EXPECT_THAT(mistakes(), ElementsAre(HasSubstr("variants/1/python/script: job.py:1")));
    mistakes();
    EXPECT_EQ(asked, 1U);
}

TEST_F(CheckScenario, SaysNothingOfAScriptForWhichThereIsNoInterpreter)
{
    m_compiler = std::make_shared<ScriptCompiler>([] { return std::vector<Interpreter>(); });
    m_document["variants"][1] = {
        {"id", "b"}, {"title", "B"}, {"engine", "cpython"}, {"python", {{"script", "job.py"}}}};
    write("job.py", "def\n");
    EXPECT_THAT(mistakes(), IsEmpty());
}

} // namespace
} // namespace timeslice::check_scenario_test
