#include "core/scenario/scenario.h"
#include "tests/core/scenario/made_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::knobs_test {
namespace {

using testing::HasSubstr;

Scenario made()
{
    return parseScenario(madeScenario().dump(), "made-up.json").value();
}

std::string complaint(const std::string& id, const std::string& value)
{
    Scenario scenario = made();
    const auto set = setKnob(scenario, id, value);
    EXPECT_FALSE(set.has_value()) << id << "=" << value;
    EXPECT_TRUE(scenario.knobValues.empty()) << "a refused value must leave no trace";
    return set ? "" : set.error().message;
}

TEST(SetKnob, TakesValuesWithinTheRangeAndLeavesTheRestAtItsInitialValue)
{
    Scenario scenario = made();
    ASSERT_TRUE(setKnob(scenario, "threads", "8").has_value());
    ASSERT_TRUE(setKnob(scenario, "work", "1.5 ms").has_value());
    ASSERT_TRUE(setKnob(scenario, "loud", "true").has_value());
    EXPECT_EQ(knobValue(scenario, "threads"), "8");
    EXPECT_EQ(knobValue(scenario, "work"), "1.5 ms");
    EXPECT_EQ(knobValue(scenario, "how"), "plain");
}

TEST(SetKnob, SaysWhatItTakes)
{
    EXPECT_THAT(complaint("threads", "9"), HasSubstr("a whole number from 2 to 8 threads in steps of 2, found '9'"));
    EXPECT_THAT(complaint("threads", "3"), HasSubstr("in steps of 2"));
    EXPECT_THAT(complaint("threads", "two"), HasSubstr("found 'two'"));
    EXPECT_THAT(complaint("threads", ""), HasSubstr("found ''"));
    EXPECT_THAT(complaint("threads", "4x"), HasSubstr("found '4x'"));
    EXPECT_THAT(complaint("work", "2s"), HasSubstr("a duration from 1 ms to 1 s, such as 5ms"));
    EXPECT_THAT(complaint("work", "5"), HasSubstr("a duration")) << "a number without unit could mean anything";
    EXPECT_THAT(complaint("how", "atomik"), HasSubstr("plain or atomic, found 'atomik'; did you mean 'atomic'?"));
    EXPECT_THAT(complaint("loud", "yes"), HasSubstr("true or false"));
}

TEST(SetKnob, TakesATableOfJobsByItsNameOrAsAText)
{
    auto document = madeScenario();
    document["knobs"].push_back({{"id", "table"}, {"label", "Jobs"}, {"type", "jobs"},
        {"choices", {"convoy", "gaming"}}, {"initial", "convoy"}});
    document["variants"][0]["note"] = "{table}";
    Scenario scenario = parseScenario(document.dump(), "x").value();
    EXPECT_EQ(resolve(scenario, 2)->variants[0].note, "convoy");
    ASSERT_TRUE(setKnob(scenario, "table", "gaming"));
    ASSERT_TRUE(setKnob(scenario, "table", "A 0 {5}ms; B = 20ms prio 2")) << "what is in it is the workload's matter";
    const auto wrong = setKnob(scenario, "table", "convoi");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("or a table of jobs such as 'A 0 100ms; B 10ms 20ms prio 2'"));
    EXPECT_THAT(wrong.error().message, HasSubstr("did you mean 'convoy'?"));
    EXPECT_FALSE(setKnob(scenario, "table", std::string(Knob::kLongestJobs, ' ') + ";"));
    const Scenario resolved = resolve(scenario, 2).value();
    EXPECT_EQ(resolved.variants[0].note, "A 0 {5}ms; B = 20ms prio 2") << "it is no expression";
    const Scenario again = parseScenario(resolved.document.dump(), "recording").value();
    EXPECT_EQ(knobValue(again, "table"), "A 0 {5}ms; B = 20ms prio 2");
}

TEST(SetKnob, ListsTheKnobsThereAre)
{
    const std::string message = complaint("thread", "2");
    EXPECT_THAT(message, HasSubstr("did you mean 'threads'?"));
    EXPECT_THAT(message, HasSubstr("threads, work, how and loud"));
}

TEST(Resolve, PutsTheKnobsValuesEverywhere)
{
    Scenario scenario = made();
    ASSERT_TRUE(setKnob(scenario, "threads", "4").has_value());
    const Scenario resolved = resolve(scenario, 2).value();
    const nlohmann::json& task = resolved.variants[0].workload["tasks"]["Thread"];
    EXPECT_TRUE(task["instance"].is_number_integer()) << "a whole number stays one";
    EXPECT_EQ(task["instance"], 4);
    EXPECT_EQ(task["do"][0]["run"], "5ms");
    EXPECT_EQ(task["do"][1]["run"], 1250) << "microseconds";
    EXPECT_EQ(resolved.variants[0].title, "4 threads");
    EXPECT_EQ(resolved.variants[0].note, "5\u00a0ms each");
    EXPECT_EQ(resolved.predictions[1].high, 5);
    EXPECT_EQ(resolved.verdict.high, 4);
    EXPECT_EQ(resolved.verdict.format, "{:.2f}×") << "its braces are of another kind";
}

TEST(Resolve, KnowsHowManyCoresThereAre)
{
    auto document = madeScenario();
    document["variants"][1]["note"] = "{cores} cores";
    const Scenario scenario = parseScenario(document.dump(), "x").value();
    EXPECT_EQ(resolve(scenario, 6)->variants[1].note, "6 cores");
}

TEST(Resolve, ComesBackFromARecordingAsItWas)
{
    Scenario scenario = made();
    ASSERT_TRUE(setKnob(scenario, "threads", "4").has_value());
    const Scenario resolved = resolve(scenario, 2).value();
    const Scenario again = parseScenario(resolved.document.dump(), "recording").value();
    EXPECT_EQ(again.variants[0].title, "4 threads");
    EXPECT_EQ(knobValue(again, "threads"), "4");
    EXPECT_EQ(resolve(again, 8)->document, resolved.document) << "resolving again changes nothing";
}

TEST(Resolve, KeepsBracesThatWereMeantAsBraces)
{
    auto document = madeScenario();
    document["variants"][0]["code"] = "cpus = {{0}}";
    const Scenario resolved = resolve(parseScenario(document.dump(), "x").value(), 2).value();
    EXPECT_EQ(resolved.variants[0].code, "cpus = {0}");
    EXPECT_TRUE(parseScenario(resolved.document.dump(), "recording").has_value());
}

TEST(Resolve, RefusesKnobsThatMakeTheScenarioContradictItself)
{
    auto document = madeScenario();
    // 0.5 at 2 and at 8 threads; 1.4 at 4: then it overlaps. Reading the file tries the ends only.
    document["predictions"][0]["to"] = "=1.5 - (threads - 5)^2 / 9";
    Scenario scenario = parseScenario(document.dump(), "x").value();
    ASSERT_TRUE(setKnob(scenario, "threads", "4").has_value());
    const auto resolved = resolve(scenario, 2);
    ASSERT_FALSE(resolved.has_value());
    EXPECT_THAT(resolved.error().message, HasSubstr("scenario 'made-up': predictions/1: overlaps"));
}

} // namespace
} // namespace timeslice::knobs_test
