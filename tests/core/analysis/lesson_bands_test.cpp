// Each lesson's verdict on reports inside, at the edge of and outside its pass band.
#include "core/analysis/metric.h"
#include "core/analysis/report.h"
#include "core/scenario/catalogue.h"
#include "tests/places/places.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace timeslice::lesson_bands_test {
namespace {

const Catalogue& shipped()
{
    static const Catalogue catalogue = readCatalogue(test::resourceFolder() / "scenarios").value();
    return catalogue;
}

/// A report in which whatever a verdict asks for stands where the test can put it: each of the scenario's pointers
/// is one to a number of its variant's own.
class Trial {
public:
    explicit Trial(const Scenario& scenario)
        : m_scenario(scenario)
    {
        VerdictSpec& verdict = m_scenario.verdict;
        verdict.metric.term.pointer = "/extra/asked";
        if (verdict.metric.over) {
            verdict.metric.over->pointer = "/extra/over";
        }
        if (verdict.headline) {
            ask(*verdict.headline);
        }
        for (std::vector<Explanation>* explanations : {&verdict.holds, &verdict.fails}) {
            for (Explanation& explanation : *explanations) {
                ask(explanation.said);
            }
        }
    }

    Scenario& scenario() { return m_scenario; }

    /// As if the run, or each repetition at each value of the knob, had given these.
    Verdict judged(const std::vector<double>& asked, const std::vector<double>& over) const
    {
        RunReport report;
        report.machine.cores = 64;
        for (const VariantSpec& spec : m_scenario.variants) {
            VariantReport variant;
            variant.id = spec.id;
            variant.name = spec.title;
            variant.source = Source::Measured;
            variant.exit = endOf(spec.expects);
            variant.extra = {{"headline", 1}};
            if (m_scenario.series) {
                SeriesReport& series = report.series ? *report.series : report.series.emplace();
                series.values = m_scenario.series->values;
                series.numbers = m_scenario.series->numbers;
                for (std::size_t step = 0; step < asked.size(); ++step) {
                    SeriesPoint& point = series.points.emplace_back();
                    point.step = step;
                    point.report = variant;
                    point.report.extra["asked"] = asked[step];
                    point.report.extra["over"] = over[step];
                }
            }
            variant.extra["asked"] = asked.back();
            variant.extra["over"] = over.back();
            report.variants.push_back(std::move(variant));
        }
        return judge(m_scenario, report);
    }

private:
    static void ask(MeasuredText& text)
    {
        for (TextNumber& number : text.numbers) {
            number.term.pointer = "/extra/headline";
            if (number.over) {
                number.over->pointer = "/extra/headline";
            }
        }
    }

    static Exit endOf(Ending expected)
    {
        Exit exit;
        exit.kind = expected == Ending::Deadlock ? Exit::Kind::Deadlocked
            : expected == Ending::Crash          ? Exit::Kind::Signalled
                                                 : Exit::Kind::Exited;
        exit.code = expected == Ending::Crash ? SIGSEGV : 0;
        return exit;
    }

    Scenario m_scenario;
};

/// Whether it is one of these texts, up to its first number, and has all its numbers.
bool saysOneOf(const std::vector<Explanation>& explanations, const std::string& why)
{
    return why.find("–") == std::string::npos
        && std::any_of(explanations.begin(), explanations.end(), [&](const Explanation& explanation) {
               const std::string& text = explanation.said.text;
               const std::size_t first = explanation.said.numbers.empty() ? text.size() : text.find("%1");
               return why.starts_with(text.substr(0, first)) && (!explanation.said.numbers.empty() || why == text);
           });
}

class OfALesson : public testing::TestWithParam<std::string> {
protected:
    static const Scenario& lesson()
    {
        const auto& all = shipped().scenarios;
        return *std::find_if(all.begin(), all.end(), [](const Scenario& one) { return one.id == GetParam(); });
    }
};

class Band : public OfALesson { };
class PlaceOnACurve : public OfALesson { };

TEST_P(Band, DecidesByItsEdgesWhetherTheClaimHolds)
{
    Trial trial(lesson());
    Scenario& scenario = trial.scenario();
    if (scenario.series) { // one value of the knob, and the summary of one repetition is that one
        scenario.series->values.clear();
        scenario.series->numbers.clear();
        scenario.verdict.metric.term.at.clear();
        if (scenario.verdict.metric.over) {
            scenario.verdict.metric.over->at.clear();
        }
    }
    scenario.verdict.metric.term.of = Summary::Median; // what is made of several is Metric's
    const auto [low, high] = std::pair(scenario.verdict.low, scenario.verdict.high);
    ASSERT_LE(low, high);
    const auto holds = [&](double value) { return trial.judged({value}, {1}).holds; };
    const double middle = low + (high - low) / 2;
    for (const double inside : {low, middle, high}) {
        EXPECT_EQ(holds(inside), true) << inside;
        EXPECT_TRUE(matchingPrediction(scenario, inside).has_value())
            << inside << " may come out, and no prediction is right then";
    }
    const double beyond = 1e-6 * std::max(1.0, std::abs(high));
    EXPECT_EQ(holds(low - beyond), false);
    EXPECT_EQ(holds(high + beyond), false);
    EXPECT_TRUE(saysOneOf(scenario.verdict.holds, trial.judged({middle}, {1}).why));
    EXPECT_TRUE(saysOneOf(scenario.verdict.fails, trial.judged({high + beyond}, {1}).why));
}

TEST_P(PlaceOnACurve, IsWithinTheBandWhereTheCurveBendsOrCrossesThere)
{
    Trial trial(lesson());
    const Scenario& scenario = trial.scenario();
    const Metric& metric = scenario.verdict.metric;
    const std::vector<double>& numbers = scenario.series->numbers;
    bool held = false;
    for (std::size_t place = 0; place < numbers.size(); ++place) {
        std::vector<double> asked;
        for (std::size_t step = 0; step < numbers.size(); ++step) {
            const bool there = step >= place;
            asked.push_back(metric.kind == Metric::Kind::Crossing ? (there ? 0.5 : 2)
                    : metric.leastIsBest                          ? (there ? 1 : 10)
                                                                  : (there ? 10 : 1));
        }
        const Verdict verdict = trial.judged(asked, std::vector<double>(numbers.size(), 1.0));
        EXPECT_EQ(verdict.measured, numbers[place]);
        EXPECT_EQ(verdict.holds, scenario.verdict.low <= numbers[place] && numbers[place] <= scenario.verdict.high);
        held = held || verdict.holds.value_or(false);
    }
    EXPECT_TRUE(held) << "no value of the knob lies within the band";
}

TEST(HogAndSleeper, IsCalledSoonerThanAloneOrNowAndThenLateAsItWas)
{
    const auto& all = shipped().scenarios;
    const auto lesson =
        std::find_if(all.begin(), all.end(), [](const Scenario& one) { return one.id == "hog-and-sleeper"; });
    ASSERT_NE(lesson, all.end());
    const Scenario scenario = resolve(*lesson, 2).value();
    struct Late {
        double half; // of the wake-ups: at most, ms
        double most;
        double all;
    };
    const auto said = [&](const Late& alone, const Late& beside) {
        RunReport report;
        report.machine.cores = 2;
        for (const auto& [id, late] : {std::pair("alone", alone), std::pair("beside", beside)}) {
            VariantReport& variant = report.variants.emplace_back();
            variant.id = id;
            variant.exit.kind = Exit::Kind::Exited;
            Quantiles& delays = variant.latencyMillis.emplace();
            delays.p50 = late.half;
            delays.p95 = late.most;
            delays.max = late.all;
        }
        return judge(scenario, report);
    };
    const Late alone{0.12, 0.16, 0.21};
    const Verdict never = said(alone, {0.07, 0.09, 0.11});
    EXPECT_EQ(never.headline, "0.12 → 0.07 ms");
    EXPECT_THAT(never.why, testing::HasSubstr("the latest of all 40 was 0.11 ms late, and 0.21 ms alone"));
    const Verdict seldom = said(alone, {0.07, 2.91, 3.94});
    EXPECT_EQ(seldom.headline, "0.12 → 0.07 ms");
    EXPECT_THAT(seldom.why, testing::HasSubstr("even sooner than alone"));
    EXPECT_THAT(seldom.why, testing::HasSubstr("up to 3.94 ms late"));
    const Verdict noSooner = said(alone, {0.13, 0.2, 3.94});
    EXPECT_THAT(noSooner.why, testing::Not(testing::HasSubstr("sooner than alone")));
    EXPECT_THAT(noSooner.why, testing::HasSubstr("half of the times within 0.13 ms"));
    EXPECT_EQ(said(alone, {0.13, 30, 40}).holds, false);
}

std::vector<std::string> lessons(bool onACurve)
{
    std::vector<std::string> ids;
    for (const Scenario& scenario : shipped().scenarios) {
        if ((scenario.verdict.metric.kind != Metric::Kind::Number) == onACurve) {
            ids.push_back(scenario.id);
        }
    }
    return ids;
}

std::string nameOf(const testing::TestParamInfo<std::string>& lesson)
{
    std::string name = lesson.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Course, Band, testing::ValuesIn(lessons(false)), nameOf);
INSTANTIATE_TEST_SUITE_P(Course, PlaceOnACurve, testing::ValuesIn(lessons(true)), nameOf);

} // namespace
} // namespace timeslice::lesson_bands_test
