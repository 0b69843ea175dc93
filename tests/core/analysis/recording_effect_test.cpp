#include "core/analysis/recording_effect.h"

#include <gtest/gtest.h>

namespace timeslice::recording_effect_test {
namespace {

VariantSpec spec(const std::string& id, const char* workload)
{
    VariantSpec variant;
    variant.id = id;
    variant.workload = nlohmann::json::parse(workload);
    return variant;
}

VariantReport reported(const std::string& id, std::int64_t expected, std::int64_t actual, bool recorded)
{
    VariantReport report;
    report.id = id;
    report.name = "Variant " + id;
    report.counters.push_back({"x", expected, actual});
    if (recorded) {
        report.counters.back().found = LossesFound{expected - actual, 0, 1, 1};
    }
    return report;
}

TEST(RecordingEffect, ComparesAVariantWithTheOneThatDoesTheSameUnrecorded)
{
    Scenario scenario;
    scenario.variants.push_back(spec("watched",
        R"({"tasks": {"T": {"cpus": [0, 1], "do": [{"increment": {"counter": "x", "times": 1000, "record": true}}]}}})"));
    scenario.variants.push_back(spec("one-core",
        R"({"tasks": {"T": {"cpus": [0], "do": [{"increment": {"counter": "x", "times": 1000, "record": true}}]}}})"));
    scenario.variants.push_back(spec("alone",
        R"({"tasks": {"T": {"cpus": [0, 1], "do": [{"increment": {"counter": "x", "times": 100000, "record": false}}]}}})"));
    RunReport report;
    report.variants = {reported("watched", 1000, 590, true), reported("one-core", 1000, 900, true),
        reported("alone", 100'000, 62'000, false)};
    const auto effect = recordingEffect(scenario, report, report.variants[0]);
    ASSERT_TRUE(effect.has_value());
    EXPECT_EQ(describe(*effect),
        "With each load and store recorded 41.0\u00a0% of the updates are lost; unrecorded, in “Variant alone”, "
        "38.0\u00a0%.");
    EXPECT_FALSE(recordingEffect(scenario, report, report.variants[1])) << "nothing does the same on one core";
    EXPECT_FALSE(recordingEffect(scenario, report, report.variants[2])) << "it is not recorded";
    report.variants[2].exit = {Exit::Kind::Signalled, 9, "killed"};
    EXPECT_FALSE(recordingEffect(scenario, report, report.variants[0]));
}

} // namespace
} // namespace timeslice::recording_effect_test
