// All that is wrong with a scenario's file at once: each thing once, and nothing that follows from another.
#include "core/scenario/scenario.h"
#include "tests/core/scenario/made_scenario.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::mistakes_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

/// A folder for the file that is gone after the test.
class Mistakes : public testing::Test {
protected:
    Mistakes()
    {
        std::string name = (std::filesystem::temp_directory_path() / "mistakes-XXXXXX").string();
        m_directory = mkdtemp(name.data());
    }
    ~Mistakes() override { std::filesystem::remove_all(m_directory); }

    void write(const std::string& file, const std::string& text) { std::ofstream(m_directory / file) << text; }
    /// "LINE: WHAT" for each.
    std::vector<std::string> of(const std::string& text, const ScenarioCheck& check = {})
    {
        write("x.json", text);
        const auto read = readScenarioFile(m_directory / "x.json", Expressions::Checked, check);
        std::vector<std::string> all;
        if (!read) {
            for (const ScenarioMistake& mistake : read.error().mistakes) {
                all.push_back(std::to_string(mistake.line) + ": " + mistake.what);
            }
        }
        return all;
    }
    /// Of madeScenario() with one thing in another's place, without their lines.
    std::vector<std::string> after(const std::string& pointer, const json& value)
    {
        json document = madeScenario();
        document[json::json_pointer(pointer)] = value;
        std::vector<std::string> all = of(document.dump(2));
        for (std::string& mistake : all) {
            mistake.erase(0, mistake.find(' ') + 1);
        }
        return all;
    }

    std::filesystem::path m_directory;
};

TEST_F(Mistakes, AScriptWithoutAnEngineForItIsToldByThatName)
{
    json document = madeScenario();
    json& variant = document["variants"][0];
    variant.erase("workload");
    variant["python"] = {{"script", "x.py"}};
    const std::vector<std::string> all = of(document.dump(2));
    ASSERT_EQ(all.size(), 1U) << testing::PrintToString(all);
    EXPECT_THAT(all[0], testing::HasSubstr("\"engine\": \"cpython\""));
}

TEST_F(Mistakes, AreAllToldInTheOrderOfTheText)
{
    EXPECT_THAT(of(R"json({
  "id": "Made Up", "chapter": "gil", "order": 3,
  "titel": "Made up",
  "question": 7,
  "predictions": [
    {"id": "yes", "text": "yes", "from": 0, "to": 2},
    {"id": "yes", "text": "", "from": 1, "to": "=thread + 1"}
  ],
  "knobs": [
    {"id": "threads", "lable": "Threads", "type": "integer", "min": 2, "max": 8, "initial": 2}
  ],
  "variants": [
    {"id": "a", "title": "{thread} threads", "workload": {"tasks": {"T": {"instance": "=4 / (threads - 8)", "do": []}}}},
    {"id": "b", "title": "B", "engine": "cpython", "python": {"script": "missing.py"}}
  ],
  "verdict": {
    "text": "It is so.", "metric": {"variant": "c", "value": "/wal_s", "at": 5},
    "band": [3, 1], "format": "{:q}", "caption": "as much", "holds": "Yes.", "fails": "No {more"
  },
  "why": "",
  "limits": {"time": "3 parsecs", "threads": 0}
})json"),
        ElementsAre("2: id: expected an id of lower-case letters, digits and hyphens, found the text \"Made Up\"",
            "3: unknown key 'titel'; did you mean 'title'?", //
            "4: question: expected a text, found the number 7", "7: predictions/1: the id 'yes' is taken",
            "7: predictions/1/text: expected a text that is not empty, found the text \"\"",
            "7: predictions/1/to: in the expression 'thread + 1': unknown knob 'thread'; did you mean 'threads'?",
            "10: knobs/0: unknown key 'lable'; did you mean 'label'?",
            "13: variants/0/title: in the expression 'thread': unknown knob 'thread'; did you mean 'threads'?",
            "13: variants/0/workload/tasks/T/instance: in the expression '4 / (threads - 8)': division by zero (when "
            "threads is 8)",
            "14: variants/1/python/script: cannot read missing.py beside the scenario's file: No such file or "
            "directory",
            "17: verdict/metric/variant: unknown variant 'c'; known: a and b",
            "17: verdict/metric/value: a variant's report has no 'wal_s'; did you mean 'wall_s'?",
            "17: verdict/metric/at: the series has no value 5; it has no knob",
            "18: verdict/band: the first number must not be greater than the second",
            "18: verdict/format: the format \"{:q}\" must hold exactly one of {:.2f} (0 to 9 decimals), {:d}, {%}, "
            "{:.1%} or {bytes}",
            "18: verdict/fails: '{' without '}' in \"No {more\"; write '{{' for a brace",
            "21: limits/time: expected a duration such as \"5ms\" (ns, us, ms or s), found the text \"3 parsecs\"",
            "21: limits/threads: expected a whole number from 1 to 4096, found the number 0"));
}

TEST_F(Mistakes, AreOneLineEachInTheMessage)
{
    write("x.json", R"({"id": "x", "titel": "X"})");
    const auto read = readScenario(m_directory / "x.json");
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().kind, ErrorKind::Usage);
    EXPECT_EQ(read.error().message,
        "x.json:1:1: the key 'chapter' is missing\nx.json:1:1: the key 'order' is missing\n"
        "x.json:1:1: the key 'question' is missing\nx.json:1:1: the key 'predictions' is missing\n"
        "x.json:1:1: the key 'variants' is missing\nx.json:1:1: the key 'verdict' is missing\n"
        "x.json:1:1: the key 'why' is missing\nx.json:1:22: unknown key 'titel'; did you mean 'title'?");
}

TEST_F(Mistakes, OfTheRightFileThereAreNone)
{
    EXPECT_THAT(of(madeScenario().dump()), IsEmpty());
}

TEST_F(Mistakes, OfAnEngineAreNoneOfTheVariantsJob)
{
    EXPECT_THAT(after("/variants/0/engine", "modell"),
        ElementsAre("variants/0/engine: unknown engine 'modell'; did you mean 'model'?"));
    EXPECT_THAT(after("/engine", 1).size(), 1U);
}

TEST_F(Mistakes, OfAKnobAreNoneOfWhatUsesIt)
{
    EXPECT_THAT(after("/knobs/0/id", 5), ElementsAre("knobs/0/id: expected a name, found the number 5"));
    EXPECT_THAT(
        after("/knobs/0/type", "integr"), ElementsAre("knobs/0/type: unknown type 'integr'; did you mean 'integer'?"));
    EXPECT_THAT(after("/knobs/0/min", "two"),
        ElementsAre("knobs/0/min: expected a whole number from -1000000000 to 1000000000, found the text \"two\""));
    EXPECT_THAT(after("/knobs/0/max", 1), ElementsAre("knobs/0: 'min' is greater than 'max'"));
    EXPECT_THAT(after("/knobs/2/choices", "plain"),
        ElementsAre("knobs/2/choices: expected an array of texts, found "
                    "the text \"plain\""));
    EXPECT_THAT(after("/knobs", 3), ElementsAre("knobs: expected an array of knobs, found the number 3"));
    EXPECT_THAT(after("/knobs/0/label", 3), ElementsAre("knobs/0/label: expected a text, found the number 3"));
}

TEST_F(Mistakes, InTheNamesOfAnExpressionAreToldAlsoWhereAKnobsValuesAreWrong)
{
    json document = madeScenario();
    document["knobs"][0]["initial"] = 3; // not in steps of two
    document["predictions"][1]["to"] = "=threds + 1";
    document["variants"][0]["title"] = "{nobody} threads";
    document["variants"][0]["note"] = "{work each";
    document["verdict"]["band"][1] = "=4 / (threads - 3) / 0"; // is wrong only with numbers
    EXPECT_THAT(of(document.dump()),
        testing::UnorderedElementsAre(
            "1: knobs/0/initial: expected a whole number from 2 to 8 threads in steps of 2, found '3'",
            "1: predictions/1/to: in the expression 'threds + 1': unknown knob 'threds'; did you mean 'threads'?",
            "1: variants/0/note: '{' without '}' in \"{work each\"; write '{{' for a brace",
            "1: variants/0/title: in the expression 'nobody': unknown knob 'nobody'; known: cores, how, loud, threads "
            "and work"));
    document["knobs"][0]["id"] = 5;
    document["knobs"][0]["initial"] = 2;
    EXPECT_THAT(of(document.dump()), ElementsAre("1: knobs/0/id: expected a name, found the number 5"))
        << "which names there are is not known";
}

TEST_F(Mistakes, OfAVariantAreNoneOfWhoReadsItsNumbers)
{
    EXPECT_THAT(after("/variants/0/id", "A"),
        ElementsAre("variants/0/id: expected an id of lower-case letters, digits and hyphens, found the text \"A\""));
    EXPECT_THAT(
        after("/variants", json::object()), ElementsAre("variants: expected an array of variants, found an object"));
    EXPECT_THAT(after("/claims", "same-time"),
        ElementsAre("claims: expected an array of ids of claims, found the text \"same-time\""));
}

TEST_F(Mistakes, OfASeriesAreNoneOfItsChart)
{
    json document = madeScenario();
    document["series"] = {{"knob", "thread"}, {"values", json::array({2, 4})}};
    document["chart"] = {{"kind", "curve"}, {"title", "T"}, {"relative", "yes"}, {"fit", "amdahl"},
        {"measures", json::array({{{"value", "/wall_s"}, {"label", "time"}}})}};
    document["verdict"]["metric"]["at"] = 4;
    document["verdict"]["metric"]["where"] = "bend";
    std::vector<std::string> all = of(document.dump());
    EXPECT_THAT(all,
        ElementsAre("1: chart/relative: expected true or false, found the text \"yes\"",
            "1: series/knob: unknown knob of this scenario 'thread'; did you mean 'threads'?"));
}

TEST_F(Mistakes, OfNumbersAreNoneOfTheirOrder)
{
    EXPECT_THAT(after("/predictions/1/from", "1"),
        ElementsAre("predictions/1/from: expected a number (or an expression of knobs such as \"=2 * threads\"), found "
                    "the text \"1\""));
    EXPECT_THAT(after("/verdict/band/1", true),
        ElementsAre("verdict/band/1: expected a number (or an expression of knobs such as \"=2 * threads\"), found "
                    "true"));
}

TEST_F(Mistakes, AreFoundWhereAKnobIsAtItsEndAndWhereAMachineIsSmall)
{
    EXPECT_THAT(after("/predictions/0/to", "=threads / 4"),
        ElementsAre("predictions/1: overlaps the prediction 'yes'; one measurement can agree with one only (when "
                    "threads is 8)"));
    EXPECT_THAT(after("/verdict/band/0", "=4 - cores"),
        ElementsAre("verdict/band: the first number must not be greater than the second (with 1 core)"));
    EXPECT_THAT(after("/variants/0/note", "{1 / loud}"),
        ElementsAre("variants/0/note: in the expression '1 / loud': division by zero"));
    EXPECT_THAT(after("/variants/0/note", "{1 / (1 - loud)}"),
        ElementsAre("variants/0/note: in the expression '1 / (1 - loud)': division by zero (when loud is true)"));
    EXPECT_THAT(after("/variants/0/note", "{1 / (1 - how)}"),
        ElementsAre("variants/0/note: in the expression '1 / (1 - how)': division by zero (when how is atomic)"));
}

TEST_F(Mistakes, AreThoseOfTheCheckToo)
{
    const ScenarioCheck check = [](const Scenario& resolved, int cores) {
        std::vector<JsonComplaint> complaints;
        if (cores == 1 && resolved.knobValues.contains("threads")) {
            complaints.push_back({"variants/0/workload", "too much for one core"});
        }
        complaints.push_back({"variants/1", "is " + resolved.variants[1].title});
        return complaints;
    };
    EXPECT_THAT(of(madeScenario().dump(), check),
        ElementsAre(
            "1: variants/0/workload: too much for one core (when threads is 8, with 1 core)", "1: variants/1: is B"));
}

} // namespace
} // namespace timeslice::mistakes_test
