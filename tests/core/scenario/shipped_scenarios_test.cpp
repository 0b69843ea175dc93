// Every scenario that is shipped, read as the program reads it.
#include "core/scenario/catalogue.h"
#include "core/scenario/scenario.h"
#include "tests/places/places.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace timeslice::shipped_scenarios_test {
namespace {

Catalogue shipped()
{
    auto catalogue = readCatalogue(test::resourceFolder().string() + "/scenarios");
    EXPECT_TRUE(catalogue.has_value()) << catalogue.error().message;
    return catalogue ? std::move(*catalogue) : Catalogue{};
}

std::vector<std::string> distinct(std::vector<std::string> values)
{
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

/// The lowest, highest and each listed value of a knob.
std::vector<std::string> corners(const Knob& knob)
{
    switch (knob.type) {
    case Knob::Type::Integer:
        return distinct(
            {std::to_string(std::llround(knob.minimum)), std::to_string(std::llround(knob.maximum)), knob.initial});
    case Knob::Type::Duration: {
        std::vector<std::string> values = knob.choices;
        values.push_back(std::to_string(std::llround(knob.minimum)) + "ns");
        values.push_back(std::to_string(std::llround(knob.maximum)) + "ns");
        return values;
    }
    case Knob::Type::Choice:
    case Knob::Type::Jobs:
        return knob.choices;
    case Knob::Type::Toggle:
        return {"false", "true"};
    }
    return {};
}

void visitStrings(const nlohmann::json& value, const std::function<void(const std::string&)>& visit)
{
    if (value.is_string()) {
        visit(value.get_ref<const std::string&>());
    }
    if (value.is_structured()) {
        for (const auto& [key, inside] : value.items()) {
            visitStrings(inside, visit);
        }
    }
}

/// Every combination of the knobs' corners; where there are too many, each knob's with the others as they are.
std::vector<Scenario> settingsOf(const Scenario& original)
{
    constexpr std::size_t kMostSettings = 200;
    std::size_t combinations = 1;
    for (const Knob& knob : original.knobs) {
        combinations *= corners(knob).size();
    }
    std::vector<Scenario> settings{original};
    for (const Knob& knob : original.knobs) {
        std::vector<Scenario> more;
        for (const Scenario& setting : combinations > kMostSettings ? std::vector<Scenario>{original} : settings) {
            for (const std::string& value : corners(knob)) {
                more.push_back(setting);
                const auto set = setKnob(more.back(), knob.id, value);
                EXPECT_TRUE(set.has_value()) << original.id << ": " << (set ? "" : set.error().message);
            }
        }
        if (combinations > kMostSettings) {
            settings.insert(settings.end(), more.begin(), more.end());
        } else {
            settings = std::move(more);
        }
    }
    return settings;
}

TEST(ShippedScenarios, AreAllReadWithoutComplaint)
{
    const Catalogue catalogue = shipped();
    for (const DamagedScenario& damaged : catalogue.damaged) {
        ADD_FAILURE() << damaged.error().message;
    }
    EXPECT_FALSE(catalogue.scenarios.empty());
}

TEST(ShippedScenarios, LieInFilesNamedAfterTheirIds)
{
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        EXPECT_EQ(std::filesystem::path(scenario.sourcePath).stem(), scenario.id);
    }
}

TEST(ShippedScenarios, IncludeTheOneThatOpensFirst)
{
    EXPECT_TRUE(findScenario(shipped(), kDefaultScenario).has_value());
}

TEST(ShippedScenarios, HoldTheirPlaceInTheirChapterAlone)
{
    std::set<std::pair<std::string, int>> places;
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        EXPECT_TRUE(places.emplace(scenario.chapter, scenario.order).second)
            << scenario.id << " shares place " << scenario.order << " of its chapter";
    }
}

TEST(ShippedScenarios, ResolveAtEveryCornerOfTheirKnobsOnOneToEightCores)
{
    for (const Catalogue catalogue = shipped(); const Scenario& original : catalogue.scenarios) {
        for (const Scenario& setting : settingsOf(original)) {
            for (const int cores : {1, 2, 3, 8}) {
                const auto resolved = resolve(setting, cores);
                ASSERT_TRUE(resolved.has_value()) << resolved.error().message << " on " << cores << " cores";
            }
        }
    }
}

TEST(ShippedScenarios, KeepNoExpressionOnceResolved)
{
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        const auto resolved = resolve(scenario, 2);
        ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
        for (const VariantSpec& variant : resolved->variants) {
            visitStrings(variant.workload, [&](const std::string& text) {
                EXPECT_FALSE(text.starts_with('=') || text.find_first_of("{}") != std::string::npos)
                    << scenario.id << ": " << text;
            });
        }
        for (const std::string& text : {resolved->question, resolved->why, resolved->verdict.caption}) {
            EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << scenario.id << ": " << text;
        }
    }
}

TEST(ShippedScenarios, OfferThreeOrFourPredictionsOneOfWhichAgreesWithTheClaim)
{
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        EXPECT_THAT(scenario.predictions.size(), testing::AllOf(testing::Ge(3U), testing::Le(4U))) << scenario.id;
        const auto resolved = resolve(scenario, 2);
        ASSERT_TRUE(resolved.has_value());
        const double middle = (resolved->verdict.low + resolved->verdict.high) / 2;
        EXPECT_EQ(std::count_if(resolved->predictions.begin(), resolved->predictions.end(),
                      [&](const Prediction& p) { return p.low <= middle && middle <= p.high; }),
            1)
            << scenario.id;
    }
}

TEST(ShippedScenarios, ExplainThemselves)
{
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        EXPECT_FALSE(scenario.why.empty()) << scenario.id;
        EXPECT_FALSE(scenario.lookFor.empty()) << scenario.id;
        // A series compares its own runs. Of the rows for other versions of Python few machines have more than one.
        const auto always = std::count_if(scenario.variants.begin(), scenario.variants.end(),
            [](const VariantSpec& variant) { return !variant.python.interpreter.ends_with(",other"); });
        EXPECT_THAT(always, testing::AllOf(testing::Ge(scenario.series ? 1 : 2), testing::Le(7))) << scenario.id;
        EXPECT_THAT(scenario.knobs.size(), testing::AllOf(testing::Ge(1U), testing::Le(4U))) << scenario.id;
        EXPECT_NE(scenario.question.find('?'), std::string::npos) << scenario.id;
        for (const VariantSpec& variant : scenario.variants) {
            EXPECT_FALSE(variant.code.empty()) << scenario.id << "/" << variant.id;
        }
    }
}

TEST(ShippedScenarios, DoTheSameTotalWorkInEachOfTheThreeWays)
{
    auto scenario = findScenario(shipped(), "three-ways");
    ASSERT_TRUE(scenario.has_value());
    ASSERT_TRUE(setKnob(*scenario, "threads", "4").has_value());
    ASSERT_TRUE(setKnob(*scenario, "work", "400ms").has_value());
    const auto resolved = resolve(*scenario, 2);
    ASSERT_TRUE(resolved.has_value());
    for (const VariantSpec& variant : resolved->variants) {
        const nlohmann::json& task = variant.workload["tasks"].front();
        EXPECT_EQ(task["instance"].get<int>() * task["do"][0]["run"].get<double>(), 400'000.0) << variant.id;
    }
}

/// The last argument of the scripts that count is how many steps all workers take together.
TEST(ShippedScenarios, CountToTheSameNumberInEachPython)
{
    for (const char* id : {"gil-two-threads", "gil-two-processes", "gil-interval", "gil-escapes"}) {
        auto scenario = findScenario(shipped(), id);
        ASSERT_TRUE(scenario.has_value()) << id;
        ASSERT_TRUE(setKnob(*scenario, "millions", "7").has_value());
        const auto resolved = resolve(*scenario, 4);
        ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
        for (const VariantSpec& variant : resolved->variants) {
            EXPECT_EQ(variant.python.arguments.back(), "7000000") << id << "/" << variant.id;
        }
    }
}

TEST(ShippedScenarios, ShowTheScriptThatTheyRun)
{
    std::size_t scripts = 0;
    for (const Catalogue catalogue = shipped(); const Scenario& scenario : catalogue.scenarios) {
        for (const VariantSpec& variant : scenario.variants) {
            if (isPython(variant.engine)) {
                ++scripts;
                EXPECT_TRUE(variant.python.script.is_absolute()) << scenario.id << "/" << variant.id;
                EXPECT_THAT(variant.code, testing::HasSubstr("import timeslice")) << scenario.id << "/" << variant.id;
                EXPECT_THAT(variant.code, testing::HasSubstr("work_end()")) << scenario.id << "/" << variant.id;
            }
        }
    }
    EXPECT_GT(scripts, 0U);
}

} // namespace
} // namespace timeslice::shipped_scenarios_test
