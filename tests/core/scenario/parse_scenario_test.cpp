#include "core/scenario/scenario.h"
#include "tests/core/scenario/made_scenario.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace timeslice::parse_scenario_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Scenario parsed(const json& document)
{
    auto scenario = parseScenario(document.dump(2), "made-up.json");
    EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().message);
    return scenario ? std::move(*scenario) : Scenario{};
}

std::string complaint(const std::string& text)
{
    const auto scenario = parseScenario(text, "made-up.json");
    EXPECT_FALSE(scenario.has_value());
    if (scenario) {
        return {};
    }
    EXPECT_EQ(scenario.error().kind, ErrorKind::Usage);
    return scenario.error().message;
}

/// The complaint about a document in which one thing is changed.
std::string complaintAfter(const std::string& pointer, const json& value)
{
    json document = madeScenario();
    document[json::json_pointer(pointer)] = value;
    return complaint(document.dump(2));
}

std::string complaintWithout(const std::string& pointer, const std::string& key)
{
    json document = madeScenario();
    document[json::json_pointer(pointer)].erase(key);
    return complaint(document.dump(2));
}

TEST(ParseScenario, ReadsEveryPart)
{
    const Scenario scenario = parsed(madeScenario());
    EXPECT_EQ(scenario.id, "made-up");
    EXPECT_EQ(scenario.chapter, "gil");
    EXPECT_EQ(scenario.order, 3);
    EXPECT_EQ(scenario.view, View::Timeline);
    EXPECT_EQ(scenario.engine, Engine::Native);
    ASSERT_EQ(scenario.predictions.size(), 2U);
    EXPECT_EQ(scenario.predictions[1].text, "no");
    ASSERT_EQ(scenario.knobs.size(), 4U);
    EXPECT_EQ(scenario.knobs[1].maximum, 1e9) << "durations are in nanoseconds";
    EXPECT_EQ(scenario.knobs[3].initial, "false");
    ASSERT_EQ(scenario.variants.size(), 2U);
    EXPECT_EQ(scenario.variants[0].code, "one\ntwo");
    EXPECT_EQ(scenario.variants[0].engine, Engine::Native);
    EXPECT_EQ(scenario.variants[1].engine, Engine::Model);
    EXPECT_EQ(scenario.variants[0].expects, Ending::Exit);
    EXPECT_EQ(scenario.variants[1].expects, Ending::Deadlock);
    EXPECT_EQ(scenario.verdict.metric.over->variant, "b");
    EXPECT_EQ(scenario.verdict.needsCores, 2);
    EXPECT_TRUE(scenario.verdict.needsMeasured);
    EXPECT_EQ(scenario.why, "First.\n\nSecond.");
    EXPECT_THAT(scenario.sources, testing::ElementsAre("A book, page 7", "Another"));
    EXPECT_EQ(scenario.limits.time, 3 * kSecond);
    EXPECT_EQ(scenario.limits.memoryBytes, 64 << 20);
    EXPECT_EQ(scenario.limits.realtimeCpu, 500 * kMillisecond);
}

TEST(ParseScenario, SaysFileLineAndColumnOfASyntaxError)
{
    EXPECT_THAT(complaint("{\n  \"id\": \"x\",\n  oops\n}"), HasSubstr("made-up.json:3:3: "));
    EXPECT_THAT(complaint("{\"id\": 1,}"), HasSubstr("made-up.json:1:10: "));
    EXPECT_THAT(complaint(""), HasSubstr("made-up.json:1:1: "));
    EXPECT_THAT(complaint("{\"id\": \"never closed"), HasSubstr("made-up.json:1:"));
}

TEST(ParseScenario, SaysWhereAWrongValueStandsWhatItIsAndWhatItShouldBe)
{
    EXPECT_THAT(complaintAfter("/title", 3), HasSubstr("title: expected a text, found the number 3"));
    EXPECT_THAT(complaintAfter("/variants/1/title", json::array()),
        HasSubstr("variants/1/title: expected a text, found an array"));
    EXPECT_THAT(complaintAfter("/order", "first"), HasSubstr("order: expected a whole number"));
    EXPECT_THAT(complaintAfter("/knobs/0/min", 1.5), HasSubstr("knobs/0/min: expected a whole number"));
    EXPECT_THAT(complaintAfter("/knobs/1/max", "5 minutes"), HasSubstr("knobs/1/max: expected a duration"));
    EXPECT_THAT(complaint("[1, 2]"), HasSubstr("expected an object, found an array"));
}

TEST(ParseScenario, GivesTheLineOfAWrongValue)
{
    const std::string message = complaint("{\n\"id\": \"x\",\n\"chapter\": \"gil\",\n\"order\": 1,\n  \"title\": 5,\n"
                                          "\"question\": \"?\", \"predictions\": [], \"variants\": [], \"verdict\": {},"
                                          " \"why\": \"\"}");
    EXPECT_THAT(message, HasSubstr("made-up.json:5:12: title: "));
}

TEST(ParseScenario, NamesTheNearestOfTheKnownKeysAndWords)
{
    EXPECT_THAT(complaintAfter("/titel", "x"), HasSubstr("unknown key 'titel'; did you mean 'title'?"));
    EXPECT_THAT(complaintAfter("/verdict/needCores", 2), HasSubstr("did you mean 'needsCores'?"));
    EXPECT_THAT(complaintAfter("/chapter", "lock"), HasSubstr("unknown chapter 'lock'; did you mean 'locks'?"));
    EXPECT_THAT(complaintAfter("/engine", "modell"), HasSubstr("did you mean 'model'?"));
    EXPECT_THAT(complaintAfter("/verdict/metric/variant", "c"), HasSubstr("unknown variant 'c'; known: a and b"));
}

TEST(ParseScenario, KnowsWhatAMetricMayReadOfAReport)
{
    EXPECT_THAT(complaintAfter("/verdict/metric/value", "/paralelism"),
        HasSubstr("verdict/metric/value: a variant's report has no 'paralelism'; did you mean 'parallelism'?"));
    EXPECT_THAT(complaintAfter("/verdict/metric/over/value", "/wall/p95"),
        HasSubstr("verdict/metric/over/value: a variant's report has no 'wall'; did you mean 'wall_s'?"));
    EXPECT_THAT(complaintAfter("/verdict/metric/value", "/"), HasSubstr("has no ''; it has wall_s, cpu_s"));
    EXPECT_THAT(
        complaint("{\n\"id\": \"x\", \"chapter\": \"gil\", \"order\": 1, \"title\": \"X\", \"question\": \"?\",\n"
                  "\"predictions\": [], \"variants\": [{\"id\": \"a\", \"title\": \"A\", \"workload\": {}}],\n"
                  "\"verdict\": {\"text\": \"t\", \"band\": [0, 1], \"format\": \"{:d}\", \"caption\": \"c\",\n"
                  " \"holds\": \"h\", \"fails\": \"f\", \"metric\": {\"variant\": \"a\", \"value\": \"/locs/0\"}},"
                  " \"why\": \"y\"}"),
        HasSubstr("made-up.json:5:"));
}

TEST(ParseScenario, ReadsWhatProvesThePointAndWhatABeginnerCannotKnow)
{
    json document = madeScenario();
    document["evidence"] = {"cores", "gil"};
    document["defines"] = "GIL: a lock.";
    const Scenario scenario = parsed(document);
    EXPECT_EQ(scenario.evidence, (std::vector<Evidence>{Evidence::Cores, Evidence::Locks}));
    EXPECT_EQ(scenario.defines, "GIL: a lock.");
    EXPECT_THAT(complaintAfter("/evidence", json::array({"core"})), HasSubstr("did you mean 'cores'?"));
    EXPECT_TRUE(scenario.evidenceThreads.empty());
}

TEST(ParseScenario, ReadsTheThreadsThatProveThePoint)
{
    json document = madeScenario();
    document["evidence"] = {"thread:Server", "gil", "thread:Client 2"};
    const Scenario scenario = parsed(document);
    EXPECT_EQ(scenario.evidence, (std::vector<Evidence>{Evidence::Locks}));
    EXPECT_EQ(scenario.evidenceThreads, (std::vector<std::string>{"Server", "Client 2"}));
    EXPECT_THAT(complaintAfter("/evidence", json::array({"thread:"})), HasSubstr("a thread's name"));
}

TEST(ParseScenario, ReadsWhetherMemoryIsRecordedAndProcessesAreGroups)
{
    json document = madeScenario();
    EXPECT_FALSE(parsed(document).memory);
    EXPECT_FALSE(parsed(document).groups);
    document["memory"] = true;
    document["groups"] = true;
    EXPECT_TRUE(parsed(document).memory);
    EXPECT_TRUE(parsed(document).groups);
    EXPECT_THAT(complaintAfter("/memory", "yes"), HasSubstr("true or false"));
}

TEST(ParseScenario, RecordsTheMemoryThatIsEvidence)
{
    json document = madeScenario();
    document["evidence"] = {"memory"};
    EXPECT_TRUE(parsed(document).memory);
    document["memory"] = false;
    const Result<Scenario> contradiction = parseScenario(document.dump(), "x.json");
    ASSERT_FALSE(contradiction.has_value());
    EXPECT_THAT(contradiction.error().message, HasSubstr("must be recorded"));
}

TEST(ParseScenario, ReadsAHeadlineThatCompares)
{
    json document = madeScenario();
    document["verdict"]["headline"] = {{"text", "%1 → %2 ms"},
        {"numbers",
            json::array({{{"variant", "a"}, {"value", "/wall_s"}, {"factor", 1000}, {"format", "{:d}"}},
                {{"variant", "b"}, {"value", "/wall_s"}, {"factor", 1000}, {"format", "{:d}"}}})}};
    const Scenario scenario = parsed(document);
    ASSERT_TRUE(scenario.verdict.headline.has_value());
    EXPECT_EQ(scenario.verdict.headline->numbers[1].term.variant, "b");
    EXPECT_EQ(scenario.verdict.headline->numbers[1].factor, 1000);
    document["verdict"]["headline"]["text"] = "%1 ms";
    EXPECT_THAT(complaint(document.dump()), HasSubstr("the text has no %2"));
}

TEST(ParseScenario, ReadsTextsThatDependOnWhatWasMeasured)
{
    json document = madeScenario();
    EXPECT_EQ(parsed(document).verdict.holds.size(), 1U);
    const json condition = {
        {"variant", "a"}, {"value", "/wall_s"}, {"over", {{"variant", "b"}, {"value", "/wall_s"}}}, {"from", 1}};
    json& holds = document["verdict"]["holds"];
    holds = json::array({{{"text", "Longer: %1."},
                             {"numbers", json::array({{{"variant", "a"}, {"value", "/wall_s"}, {"format", "{:d}"}}})},
                             {"when", condition}},
        "Not longer."});
    const std::vector<Explanation> read = parsed(document).verdict.holds;
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].said.text, "Longer: %1.");
    EXPECT_EQ(read[0].said.numbers.size(), 1U);
    ASSERT_TRUE(read[0].when.has_value());
    EXPECT_EQ(read[0].when->low, 1);
    EXPECT_EQ(read[0].when->high, std::numeric_limits<double>::infinity());
    EXPECT_EQ(read[0].when->metric.over->variant, "b");
    EXPECT_EQ(read[1].said.text, "Not longer.");
    EXPECT_FALSE(read[1].when.has_value());

    holds[0]["text"] = "Longer.";
    EXPECT_THAT(complaint(document.dump()), HasSubstr("the text has no %1"));
    holds[0]["text"] = "Longer: %1.";
    holds[0]["when"].erase("from");
    EXPECT_THAT(complaint(document.dump()), HasSubstr("says nothing without 'from' or 'to'"));
    holds[0]["when"] = condition;
    holds.erase(1);
    EXPECT_THAT(complaint(document.dump()), HasSubstr("the last text must have no 'when'"));
    holds = json::array({"Yes.", "No."});
    EXPECT_THAT(complaint(document.dump()), HasSubstr("is never shown"));
}

TEST(ParseScenario, MissesWhatIsMissing)
{
    EXPECT_THAT(complaintWithout("", "verdict"), HasSubstr("the key 'verdict' is missing"));
    EXPECT_THAT(complaintWithout("/knobs/0", "max"), HasSubstr("knobs/0: the key 'max' is missing"));
    EXPECT_THAT(complaintWithout("/knobs/2", "choices"), HasSubstr("knobs/2: the key 'choices' is missing"));
    EXPECT_THAT(complaintAfter("/variants", json::array()), HasSubstr("at least one variant"));
}

TEST(ParseScenario, RefusesWhatContradictsItself)
{
    EXPECT_THAT(complaintAfter("/variants/1/id", "a"), HasSubstr("the id 'a' is taken"));
    EXPECT_THAT(complaintAfter("/knobs/1/id", "threads"), HasSubstr("the id 'threads' is taken"));
    EXPECT_THAT(complaintAfter("/predictions/1/from", 0.5), HasSubstr("overlaps the prediction 'yes'"));
    EXPECT_THAT(complaintAfter("/predictions/1/from", 7), HasSubstr("must be less than 'to'"));
    EXPECT_THAT(complaintAfter("/verdict/band", json::array({3, 1})), HasSubstr("verdict/band"));
    EXPECT_THAT(complaintAfter("/verdict/band", json::array({1})), HasSubstr("two numbers"));
    EXPECT_THAT(complaintAfter("/knobs/0/min", 9), HasSubstr("'min' is greater than 'max'"));
    EXPECT_THAT(complaintAfter("/knobs/0/initial", 3), HasSubstr("in steps of 2"));
    EXPECT_THAT(complaintAfter("/knobs/0/id", "cores"), HasSubstr("another meaning"));
    EXPECT_THAT(complaintAfter("/verdict/claim", "hog"), HasSubstr("unknown claim of this scenario"));
    EXPECT_THAT(complaintAfter("/verdict/maxStolen", 2), HasSubstr("a share from 0 to 1"));
    EXPECT_THAT(complaintAfter("/title", "{threads} threads"), HasSubstr("cannot contain '{'"));
}

TEST(ParseScenario, RefusesAFormatThatCouldNotBeWritten)
{
    for (const char* format : {"", "no number", "{:s}", "{:.10f}", "{:.2f} and {:.2f}", "}{", "{", "{:.2f"}) {
        EXPECT_THAT(complaintAfter("/verdict/format", format), HasSubstr("verdict/format")) << format;
    }
}

TEST(ParseScenario, TellsAWrongExpressionWhenTheFileIsReadNotWhenItIsRun)
{
    EXPECT_THAT(complaintAfter("/variants/0/workload/tasks/Thread/instance", "=thread"),
        HasSubstr("variants/0/workload/tasks/Thread/instance: in the expression 'thread': unknown knob 'thread'; did "
                  "you mean 'threads'?"));
    EXPECT_THAT(complaintAfter("/variants/0/note", "{work each"), HasSubstr("variants/0/note: '{' without '}'"));
}

TEST(ParseScenario, RefusesAKeyThatStandsTwice)
{
    EXPECT_THAT(complaint("{\"id\": \"a\", \"id\": \"b\"}"), HasSubstr("the key 'id' stands twice"));
}

TEST(ParseScenario, RefusesNestingThatWouldExhaustTheStack)
{
    EXPECT_THAT(complaint(std::string(100'000, '[') + std::string(100'000, ']')), HasSubstr("levels deep"));
}

TEST(ParseScenario, KeepsControlCharactersOfAFileOffTheTerminal)
{
    EXPECT_THAT(complaintAfter("/chapter", "\x1b[31mred"), testing::Not(HasSubstr("\x1b")));
}

TEST(ReadScenario, SaysWhyAFileCannotBeRead)
{
    const auto missing = readScenario("/nonexistent/x.json");
    ASSERT_FALSE(missing.has_value());
    EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/x.json: No such file"));
    const auto directory = readScenario(std::filesystem::temp_directory_path());
    ASSERT_FALSE(directory.has_value());
    EXPECT_THAT(directory.error().message, HasSubstr("Is a directory"));
}

TEST(ReadScenario, CallsTheFileByItsNameInMessages)
{
    const auto path = std::filesystem::temp_directory_path() / ("broken-" + std::to_string(getpid()) + ".json");
    std::ofstream(path) << "{\n]";
    const auto scenario = readScenario(path);
    std::filesystem::remove(path);
    ASSERT_FALSE(scenario.has_value());
    EXPECT_THAT(scenario.error().message, testing::StartsWith(path.filename().string() + ":2:1: "));
}

} // namespace
} // namespace timeslice::parse_scenario_test
