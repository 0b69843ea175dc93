#include "core/scenario/scenario.h"
#include "tests/core/scenario/made_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::series_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json countedScenario()
{
    json document = madeScenario();
    const json knobs = json::array({{{"id", "n"}, {"label", "Workers"}, {"type", "integer"}, {"min", 1}, {"max", 16},
                                        {"initial", 2}},
        {{"id", "most"}, {"label", "At most"}, {"type", "integer"}, {"min", 1}, {"max", 8}, {"initial", 4}},
        {{"id", "nap"}, {"label", "Nap"}, {"type", "duration"}, {"min", "1us"}, {"max", "1s"}, {"initial", "5ms"}}});
    document["knobs"].insert(document["knobs"].end(), knobs.begin(), knobs.end());
    document["variants"][0]["title"] = "{n} workers";
    document["series"] = {{"knob", "n"}, {"values", {{"from", 1}, {"to", "=most"}}}, {"repeat", 3}};
    document["chart"] = {{"kind", "curve"}, {"title", "Speedup"},
        {"measures", json::array({{{"value", "/wall_s"}, {"label", "time"}, {"unit", "ms"}, {"factor", 1000}}})}};
    return document;
}

Scenario parsed(const json& document)
{
    auto scenario = parseScenario(document.dump(2), "made-up.json");
    EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().message);
    return scenario ? std::move(*scenario) : Scenario{};
}

std::string complaintAfter(const std::string& pointer, const json& value)
{
    json document = countedScenario();
    document[json::json_pointer(pointer)] = value;
    const auto scenario = parseScenario(document.dump(2), "made-up.json");
    EXPECT_FALSE(scenario.has_value());
    return scenario ? std::string() : scenario.error().message;
}

TEST(Series, StepsThroughTheValuesOfAKnobAndRepeatsThem)
{
    const Scenario scenario = parsed(countedScenario());
    ASSERT_TRUE(scenario.series.has_value());
    EXPECT_EQ(scenario.series->knob, "n");
    EXPECT_EQ(scenario.series->label, "Workers");
    EXPECT_THAT(scenario.series->values, ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(scenario.series->numbers, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(scenario.series->repeat, 3);
    EXPECT_EQ(scenario.chart->axis, "Workers") << "the knob's label, unless named";
    EXPECT_FALSE(parsed(madeScenario()).series.has_value());
}

TEST(Series, HasTheVariantsAsTheyAreAtEachValue)
{
    Scenario scenario = parsed(countedScenario());
    ASSERT_TRUE(setKnob(scenario, "most", "3").has_value());
    const auto resolved = resolve(scenario, 2);
    ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
    ASSERT_EQ(resolved->steps.size(), 3U);
    EXPECT_EQ(resolved->steps[2][0].title, "3 workers");
    EXPECT_EQ(resolved->variants[0].title, "2 workers") << "as the knob is set";
    const auto again = parseScenario(resolved->document.dump(), "recorded");
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_THAT(again->series->values, ElementsAre("1", "2", "3")) << "as a recording has it";
}

TEST(Series, TakesFactorsListsAndDurations)
{
    json document = countedScenario();
    document["series"]["values"] = {{"from", 1}, {"to", 16}, {"factor", 4}};
    EXPECT_THAT(parsed(document).series->values, ElementsAre("1", "4", "16"));
    document["series"]["values"] = json::array({1, "=2 * most"});
    EXPECT_THAT(parsed(document).series->values, ElementsAre("1", "8"));
    document["series"] = {{"knob", "nap"}, {"values", json::array({"500us", "5ms"})}};
    EXPECT_THAT(parsed(document).series->numbers, ElementsAre(500, 5000)) << "microseconds, as in expressions";
    document["series"] = {{"repeat", 20}};
    document["chart"]["kind"] = "histogram";
    EXPECT_EQ(parsed(document).series->steps(), 1U);
}

TEST(Series, SaysWhatIsWrongAndWhere)
{
    EXPECT_THAT(complaintAfter("/series/knob", "workers"), HasSubstr("series/knob: unknown knob of this scenario"));
    EXPECT_THAT(complaintAfter("/series/values", json::array({1, 17})), HasSubstr("series/values: knob 'n': expected"));
    EXPECT_THAT(complaintAfter("/series/values", json::array({2, 2})), HasSubstr("the value 2 is there twice"));
    EXPECT_THAT(complaintAfter("/series/values/to", 0), HasSubstr("must not be less than 'from'"));
    EXPECT_THAT(complaintAfter("/series/repeat", 0), HasSubstr("series/repeat: expected a whole number from 1"));
    EXPECT_THAT(complaintAfter("/series/repeat", 900), HasSubstr("these are more than 2000 runs"));
    EXPECT_THAT(complaintAfter("/series", json({{"repeat", 2}})), HasSubstr("a curve needs a series with a knob"));
    EXPECT_THAT(complaintAfter("/chart/kind", "pie"), HasSubstr("unknown chart 'pie'"));
    EXPECT_THAT(complaintAfter("/chart/measures/0/value", "/wal_s"), HasSubstr("did you mean 'wall_s'?"));
    EXPECT_THAT(complaintAfter("/chart/measures", json::array()), HasSubstr("shows one measure"));
    EXPECT_THAT(complaintAfter("/verdict/metric/at", 9), HasSubstr("verdict/metric/at: the series has no value 9"));
    EXPECT_THAT(complaintAfter("/verdict/metric/where", "top"), HasSubstr("unknown place on a curve 'top'"));
}

TEST(Series, KnowsWhichCurvesCrossAndWhichLawIsFitted)
{
    json document = countedScenario();
    document["chart"]["crossing"] = {"b", "a"};
    document["chart"]["relative"] = true;
    document["chart"]["fit"] = "amdahl";
    const Scenario scenario = parsed(document);
    EXPECT_EQ(scenario.chart->crossing, "b");
    EXPECT_EQ(scenario.chart->crossed, "a");
    EXPECT_TRUE(scenario.chart->fitAmdahl);
    EXPECT_THAT(complaintAfter("/chart/crossing", json::array({"a"})), HasSubstr("an array of two variants"));
    EXPECT_THAT(complaintAfter("/chart/crossing", json::array({"a", "c"})), HasSubstr("unknown variant 'c'"));
    EXPECT_THAT(complaintAfter("/chart/fit", "amdahl"), HasSubstr("it needs \"relative\": true"));
    EXPECT_THAT(complaintAfter("/chart/rows", "columns"), HasSubstr("unknown rows 'columns'"));
}

TEST(Series, LetsAVerdictAskWhereACurveBends)
{
    json document = countedScenario();
    document["verdict"]["metric"] = {{"variant", "a"}, {"value", "/wall_s"}, {"of", "least"}, {"where", "bend"}};
    const Scenario scenario = parsed(document);
    EXPECT_EQ(scenario.verdict.metric.kind, Metric::Kind::Bend);
    EXPECT_EQ(scenario.verdict.metric.term.of, Summary::Least);
    document["verdict"]["metric"]["where"] = "crossing";
    const auto crossing = parseScenario(document.dump(), "made-up.json");
    ASSERT_FALSE(crossing.has_value());
    EXPECT_THAT(crossing.error().message, HasSubstr("which curve does it cross?"));
}

} // namespace
} // namespace timeslice::series_test
