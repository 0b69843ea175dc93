// Variants that are Python scripts: what a scenario's file says of them, and what becomes of the script's text.
#include "core/scenario/scenario.h"
#include "tests/core/scenario/made_scenario.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace timeslice::python_variant_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// A scenario's file with a script beside it.
class PythonVariant : public testing::Test {
protected:
    PythonVariant()
    {
        std::string name = (std::filesystem::temp_directory_path() / "python-variant-XXXXXX").string();
        m_directory = mkdtemp(name.data());
        write("job.py", kScript);
        json& variant = m_document["variants"][1];
        variant = {{"id", "b"}, {"title", "B"}, {"engine", "cpython"},
            {"python",
                {{"script", "job.py"}, {"arguments", {"{threads}", "{work}", "=work / threads", "{threads}x"}}}}};
    }
    ~PythonVariant() override { std::filesystem::remove_all(m_directory); }

    void write(const std::string& name, const std::string& text)
    {
        std::ofstream(m_directory / name, std::ios::binary) << text;
    }
    Result<Scenario> read()
    {
        write("made-up.json", m_document.dump(2));
        return readScenario(m_directory / "made-up.json");
    }
    std::string complaint()
    {
        const auto scenario = read();
        EXPECT_FALSE(scenario.has_value());
        return scenario ? "" : scenario.error().message;
    }
    json& python() { return m_document["variants"][1]["python"]; }

    static constexpr const char* kScript = "d = {1: '{'}\nprint(\"=1\", '{threads}')\n";
    std::filesystem::path m_directory;
    json m_document = madeScenario();
};

TEST_F(PythonVariant, CarriesItsScriptsTextAndWhereItStands)
{
    const auto scenario = read();
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    const VariantSpec& variant = scenario->variants[1];
    EXPECT_EQ(variant.engine, Engine::CPython);
    EXPECT_EQ(variant.python.script, m_directory / "job.py");
    EXPECT_EQ(variant.python.interpreter, "cpython");
    EXPECT_EQ(variant.code, kScript);
    EXPECT_EQ(scenario->document["variants"][1]["code"], kScript);
    EXPECT_TRUE(variant.workload.is_null());
}

TEST_F(PythonVariant, IsResolvedInItsArgumentsAndNotInItsScript)
{
    auto scenario = read();
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    ASSERT_TRUE(setKnob(*scenario, "threads", "8").has_value());
    const auto resolved = resolve(*scenario, 2);
    ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
    const VariantSpec& variant = resolved->variants[1];
    EXPECT_THAT(variant.python.arguments, ElementsAre("8", "5ms", "625", "8x"));
    EXPECT_EQ(variant.code, kScript);
    EXPECT_EQ(variant.python.script, m_directory / "job.py");
}

TEST_F(PythonVariant, ComesBackFromARecordingWhereItsScriptIsNot)
{
    const auto scenario = read();
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    const auto resolved = resolve(*scenario, 2);
    ASSERT_TRUE(resolved.has_value());
    std::filesystem::remove_all(m_directory);
    const auto again = parseScenario(resolved->document.dump(), "run.timeslice");
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->variants[1].code, kScript);
    EXPECT_EQ(again->variants[1].python.script, "job.py");
    EXPECT_THAT(again->variants[1].python.arguments, ElementsAre("2", "5ms", "2500", "2x"));
    EXPECT_EQ(resolve(*again, 8)->document, resolved->document);
}

TEST_F(PythonVariant, NeedsAScriptThatCanBeRead)
{
    python()["script"] = "jobs.py";
    const std::string missing = complaint();
    EXPECT_THAT(missing, testing::StartsWith("made-up.json:"));
    EXPECT_THAT(missing,
        HasSubstr(
            "variants/1/python/script: cannot read jobs.py beside the scenario's file: No such file or directory"));
    std::filesystem::create_directory(m_directory / "folder.py");
    python()["script"] = "folder.py";
    EXPECT_THAT(complaint(), HasSubstr("cannot read folder.py beside the scenario's file: Is a directory"));
    ASSERT_EQ(mkfifo((m_directory / "pipe.py").c_str(), 0600), 0);
    python()["script"] = "pipe.py"; // reading it would wait for a writer for ever
    EXPECT_THAT(complaint(), HasSubstr("cannot read pipe.py"));
    write("empty.py", "");
    python()["script"] = "empty.py";
    EXPECT_THAT(complaint(), HasSubstr("is empty"));
    write("latin.py", "# caf\xe9\n");
    python()["script"] = "latin.py";
    EXPECT_THAT(complaint(), HasSubstr("is not UTF-8 text"));
    write("long.py", std::string(300 << 10, '#'));
    python()["script"] = "long.py";
    EXPECT_THAT(complaint(), HasSubstr("longer than a scenario's script may be, 256 KiB"));
}

TEST_F(PythonVariant, ReachesNoFileBeyondItsOwnFolder)
{
    for (const char* name : {"/etc/passwd", "../job.py", "sub/job.py", ".py", "..py", "job", "job.txt"}) {
        python()["script"] = name;
        EXPECT_THAT(complaint(), HasSubstr("variants/1/python/script: expected the name of a script beside this file"))
            << name;
    }
    python()["script"] = std::string("a\0.py", 5);
    EXPECT_THAT(complaint(), HasSubstr("expected the name of a script"));
}

TEST_F(PythonVariant, SaysWhichInterpreterItNeeds)
{
    const auto need = [this](const char* engine, const char* interpreter) {
        m_document["variants"][1]["engine"] = engine;
        python().erase("interpreter");
        if (interpreter) {
            python()["interpreter"] = interpreter;
        }
        const auto scenario = read();
        return scenario ? scenario->variants[1].python.interpreter : scenario.error().message;
    };
    EXPECT_EQ(need("cpython", nullptr), "cpython");
    EXPECT_EQ(need("cpython", "cpython>=3.12"), "cpython>=3.12");
    EXPECT_EQ(need("cpython", "cpython>=3.8,<3.10"), "cpython>=3.8,<3.10");
    EXPECT_EQ(need("cpython", "cpython>=3.12,<3.13,other"), "cpython>=3.12,<3.13,other");
    EXPECT_EQ(need("cpython", "cpython>=3.12,other"), "cpython>=3.12,other");
    EXPECT_EQ(need("python:free-threaded", nullptr), "free-threaded");
    EXPECT_EQ(need("python:pypy", "pypy"), "pypy");
    EXPECT_EQ(need("python:jython", nullptr), "jython");
    EXPECT_THAT(need("python:ironpython", nullptr), HasSubstr("unknown engine 'python:ironpython'"));
    EXPECT_THAT(need("python", nullptr), HasSubstr("unknown engine 'python'"));
    for (const char* wrong :
        {"cpython>=3", "cpython>=3.x", "cpython>= 3.12", "cpython>=.12", "cpython>=3.", "cpython<3.12",
            "cpython>=3.8,3.10", "cpython>=3.8,<3", "python3", "pypy", "", "cpython>=3.12.1", "cpython,other"}) {
        EXPECT_THAT(need("cpython", wrong), HasSubstr("variants/1/python/interpreter: expected")) << wrong;
    }
    EXPECT_THAT(need("python:pypy", "cpython"), HasSubstr("variants/1/python/interpreter: expected \"pypy\""));
}

TEST_F(PythonVariant, SaysWhatItsThreadsDoWhereTheyCanBeStepped)
{
    EXPECT_TRUE(read()->variants[1].python.stepped.is_null());
    python()["stepped"] = "load";
    EXPECT_THAT(complaint(), HasSubstr("variants/1/python/stepped: expected a workload that is stepped"));
    python()["stepped"] = nlohmann::json{{"tasks", {{"Thread", {{"do", nlohmann::json::array()}}}}}};
    const auto scenario = read();
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    EXPECT_EQ(scenario->variants[1].python.stepped, python()["stepped"]);
}

TEST_F(PythonVariant, TakesItsEngineFromTheScenario)
{
    m_document["engine"] = "python:pypy";
    m_document["variants"][0]["engine"] = "native";
    m_document["variants"][1].erase("engine");
    const auto scenario = read();
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    EXPECT_EQ(scenario->variants[1].engine, Engine::OtherPython);
    EXPECT_EQ(scenario->variants[1].python.interpreter, "pypy");
}

TEST_F(PythonVariant, RefusesWhatDoesNotGoTogether)
{
    const json good = m_document;
    m_document["variants"][1]["workload"] = json::object();
    EXPECT_THAT(complaint(), HasSubstr("variants/1: unknown key 'workload'"));
    m_document = good;
    m_document["variants"][1]["engine"] = "native";
    EXPECT_THAT(complaint(), HasSubstr("variants/1/python: needs an engine that runs scripts"));
    m_document = good;
    m_document["variants"][1].erase("python");
    EXPECT_THAT(complaint(), HasSubstr("variants/1: the key 'python' is missing"));
    m_document = good;
    m_document["variants"][1]["code"] = "print()";
    EXPECT_THAT(complaint(), HasSubstr("variants/1/code: the code of a Python variant is its script's text"));
    m_document = good;
    python().erase("script");
    EXPECT_THAT(complaint(), HasSubstr("variants/1/python: the key 'script' is missing"));
    m_document = good;
    python()["argument"] = json::array();
    EXPECT_THAT(complaint(), HasSubstr("did you mean 'arguments'?"));
    m_document = good;
    python()["arguments"] = {"ok", true};
    EXPECT_THAT(complaint(), HasSubstr("variants/1/python/arguments/1: expected a text, found true"));
    python()["arguments"] = {std::string("a\0b", 3)};
    EXPECT_THAT(complaint(), HasSubstr("arguments/0: a program's argument cannot contain the character 0"));
    python()["arguments"] = {"{thread}"};
    EXPECT_THAT(complaint(), HasSubstr("unknown knob 'thread'; did you mean 'threads'?"));
    m_document["variants"][1] = "b";
    EXPECT_THAT(complaint(), HasSubstr("variants/1: expected an object"));
}

TEST_F(PythonVariant, ReadsNoFileWhenItDidNotComeFromOne)
{
    const auto scenario = parseScenario(m_document.dump(), (m_directory / "made-up.json").string());
    ASSERT_FALSE(scenario.has_value());
    EXPECT_THAT(scenario.error().message, HasSubstr("variants/1: the key 'code' is missing"));
}

TEST(ScenarioView, CanBeADistribution)
{
    json document = madeScenario();
    for (const View view : {View::Latency, View::Holds}) {
        document["view"] = traitsOf(view).word;
        const auto scenario = parseScenario(document.dump(), "made-up.json");
        ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
        EXPECT_EQ(scenario->view, view);
    }
}

} // namespace
} // namespace timeslice::python_variant_test
