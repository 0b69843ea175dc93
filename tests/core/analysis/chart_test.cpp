#include "core/analysis/chart.h"

#include "core/analysis/metric.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::chart_test {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

VariantSpec specOf(const std::string& id, const std::string& title)
{
    VariantSpec spec;
    spec.id = id;
    spec.title = title;
    return spec;
}

ChartMeasure wallMillis()
{
    ChartMeasure measure;
    measure.pointer = "/wall_s";
    measure.label = "time";
    measure.unit = "ms";
    measure.factor = 1000;
    measure.format = "{:d}";
    return measure;
}

/// Runs of "one" and "two" at 1, 2 and 4 of something, each so many milliseconds long.
struct Runs {
    Scenario scenario;
    RunReport report;

    explicit Runs(ChartSpec::Kind kind)
    {
        scenario.variants = {specOf("one", "One way"), specOf("two", "Another")};
        scenario.series.emplace();
        ChartSpec& chart = scenario.chart.emplace();
        chart.kind = kind;
        chart.title = "How long it takes";
        chart.axis = "processes";
        chart.measures = {wallMillis()};
        SeriesReport& series = report.series.emplace();
        series.knob = "processes";
        series.values = {"1", "2", "4"};
        series.numbers = {1, 2, 4};
    }

    void add(const std::string& variant, std::size_t step, std::int64_t millis, Exit::Kind exit = Exit::Kind::Exited)
    {
        VariantReport run;
        run.id = variant;
        run.wall = millis * kMillisecond;
        run.exit.kind = exit;
        report.series->points.push_back({step, 0, false, std::move(run)});
    }
    Chart chart() const { return chartOf(scenario, report).value(); }
};

TEST(ChartOf, MakesNothingOfAScenarioWithoutOneAndNoPictureBeforeThereIsANumber)
{
    EXPECT_FALSE(chartOf(Scenario(), RunReport()).has_value());
    EXPECT_TRUE(Runs(ChartSpec::Kind::Curve).chart().empty());
    EXPECT_TRUE(Runs(ChartSpec::Kind::Histogram).chart().empty());
}

TEST(ChartOf, SummarizesTheRepetitionsOfEachPointAndKeepsTheirSpread)
{
    Runs runs(ChartSpec::Kind::Curve);
    for (const int millis : {30, 10, 20}) {
        runs.add("one", 0, millis);
    }
    runs.add("one", 0, 5000, Exit::Kind::TimeLimit); // it did not end: it says nothing of how long it takes
    const Chart chart = runs.chart();
    ASSERT_EQ(chart.cells.size(), 3U);
    const ChartCell& cell = chart.cells[0][0];
    EXPECT_DOUBLE_EQ(cell.value, 20);
    EXPECT_DOUBLE_EQ(cell.low, 10);
    EXPECT_DOUBLE_EQ(cell.high, 30);
    EXPECT_EQ(cell.count, 3U);
    EXPECT_EQ(cell.text, "20\u00a0ms");
    EXPECT_EQ(chart.cells[1][0].count, 0U) << "not run yet";
    EXPECT_EQ(chart.upward, "time, ms");
    EXPECT_EQ(chart.across, "processes");
    EXPECT_THAT(chart.names, ElementsAre("One way", "Another"));
    EXPECT_THAT(chart.at, ElementsAre(1, 2, 4));
}

TEST(ChartOf, TurnsTimesIntoSpeedupsAndMarksWhereTheyEnd)
{
    Runs runs(ChartSpec::Kind::Curve);
    runs.scenario.chart->relative = true;
    runs.scenario.chart->bend = true;
    runs.scenario.chart->idealUntil = 2;
    runs.add("one", 0, 100);
    runs.add("one", 1, 52);
    EXPECT_FALSE(runs.chart().bend.has_value()) << "where it bends is known when it is whole";
    runs.add("one", 2, 50);
    const Chart chart = runs.chart();
    EXPECT_DOUBLE_EQ(chart.cells[0][0].value, 1);
    EXPECT_NEAR(chart.cells[1][0].value, 100.0 / 52, 1e-12);
    EXPECT_DOUBLE_EQ(chart.cells[2][0].value, 2);
    EXPECT_EQ(chart.cells[2][0].text, "2.00×");
    EXPECT_THAT(chart.ideal, ElementsAre(DoubleEq(1), DoubleEq(2), DoubleEq(2)));
    EXPECT_EQ(chart.bend, 1U);
    EXPECT_EQ(chart.cells[0][1].count, 0U) << "of the other variant nothing is known";
}

TEST(ChartOf, CountsEachRunInExactlyOneBinAndCoversTheReferences)
{
    Runs runs(ChartSpec::Kind::Histogram);
    runs.scenario.chart->references = {{100, "right"}};
    for (const int millis : {12, 17, 17, 30, 99}) {
        runs.add("one", 0, millis);
    }
    const Chart chart = runs.chart();
    EXPECT_EQ(chart.runs, 5U);
    std::uint64_t counted = 0;
    for (std::size_t i = 0; i < chart.bins.size(); ++i) {
        counted += chart.bins[i].counts[0];
        EXPECT_EQ(chart.bins[i].counts[1], 0U);
        if (i > 0) {
            EXPECT_DOUBLE_EQ(chart.bins[i].low, chart.bins[i - 1].high) << "no gaps";
        }
    }
    EXPECT_EQ(counted, 5U);
    EXPECT_LE(chart.bins.front().low, 12);
    EXPECT_GE(chart.bins.back().high, 100);
    EXPECT_EQ(chart.across, "time, ms");
    EXPECT_EQ(chart.upward, "number of runs");
}

TEST(ChartOf, PutsAllRunsThatGaveTheSameIntoOneBin)
{
    Runs runs(ChartSpec::Kind::Histogram);
    runs.add("one", 0, 7);
    runs.add("one", 0, 7);
    const Chart chart = runs.chart();
    std::uint64_t most = 0;
    for (const ChartBin& bin : chart.bins) {
        most = std::max(most, bin.counts[0]);
    }
    EXPECT_EQ(most, 2U);
}

TEST(ChartOf, BinsAtPowersOfTenWhereTheAxisIsLogarithmic)
{
    Runs runs(ChartSpec::Kind::Histogram);
    runs.scenario.chart->logarithmic = true;
    runs.add("one", 0, 1);
    runs.add("one", 0, 1000);
    const Chart chart = runs.chart();
    EXPECT_EQ(chart.bins.front().counts[0], 1U);
    EXPECT_EQ(chart.bins.back().counts[0], 1U);
    EXPECT_NEAR(chart.bins[1].low / chart.bins[0].low, chart.bins[9].low / chart.bins[8].low, 1e-9);
}

TEST(ChartOf, OfARunThatIsNoSeriesHasABarForEachMeasureOfEachVariant)
{
    Runs runs(ChartSpec::Kind::Bars);
    runs.report.series.reset();
    runs.scenario.series.reset();
    ChartMeasure cpu = wallMillis();
    cpu.pointer = "/cpu_s";
    cpu.label = "CPU time";
    runs.scenario.chart->measures.push_back(cpu);
    VariantReport run;
    run.id = "two";
    run.name = "Another";
    run.wall = 5 * kMillisecond;
    run.cpu = 9 * kMillisecond;
    runs.report.variants = {run};
    const Chart chart = runs.chart();
    EXPECT_THAT(chart.groups, ElementsAre("One way", "Another"));
    EXPECT_THAT(chart.names, ElementsAre("time", "CPU time"));
    EXPECT_EQ(chart.cells[0][0].count, 0U);
    EXPECT_DOUBLE_EQ(chart.cells[1][0].value, 5);
    EXPECT_DOUBLE_EQ(chart.cells[1][1].value, 9);
}

TEST(ChartOf, HasNoNumbersOfAVariantThatWasNotRun)
{
    Runs runs(ChartSpec::Kind::Table);
    runs.report.series.reset();
    runs.scenario.series.reset();
    VariantReport run;
    run.id = "one";
    run.exit.kind = Exit::Kind::NotRun;
    runs.report.variants = {run};
    EXPECT_EQ(runs.chart().cells.empty() ? 0U : runs.chart().cells[0][0].count, 0U);
    run.exit.kind = Exit::Kind::Exited;
    runs.report.variants = {run};
    EXPECT_EQ(runs.chart().cells[0][0].count, 1U) << "a zero that was measured is one";
}

TEST(ChartOf, OfATableHasTheUnitsInItsHead)
{
    Runs runs(ChartSpec::Kind::Table);
    runs.report.series->keptStep = 1;
    runs.add("one", 1, 40);
    runs.add("one", 2, 80);
    const Chart chart = runs.chart();
    EXPECT_THAT(chart.names, ElementsAre("time, ms"));
    EXPECT_DOUBLE_EQ(chart.cells[0][0].value, 40) << "of the value whose timelines are kept";
}

/// A table of one run with these measures, of which each is a number in its report; turned over or not.
Chart tableOf(const std::vector<std::pair<ChartMeasure, double>>& columns, bool common = false, bool turned = false)
{
    Runs runs(ChartSpec::Kind::Table);
    runs.report.series.reset();
    runs.scenario.series.reset();
    runs.scenario.chart->oneScale = common;
    runs.scenario.chart->rowsAreMeasures = turned;
    runs.scenario.chart->measures.clear();
    VariantReport run;
    run.id = "one";
    run.name = "One way";
    run.extra = {{"second", 1}};
    for (const auto& [measure, value] : columns) {
        runs.scenario.chart->measures.push_back(measure);
        runs.scenario.chart->measures.back().pointer = "/extra/" + measure.label;
        run.extra[measure.label] = value;
    }
    runs.report.variants = {run};
    return runs.chart();
}

ChartMeasure measureOf(const std::string& label, const std::string& unit, const std::string& format = "{:.1f}")
{
    ChartMeasure measure;
    measure.label = label;
    measure.unit = unit;
    measure.format = format;
    return measure;
}

TEST(ChartOf, ATablesBarsAreOfOneScaleInAllColumnsOfOneUnit)
{
    ChartMeasure rate = measureOf("rate", "µs");
    rate.overPointer = "/extra/second";
    const std::vector<std::pair<ChartMeasure, double>> columns{{measureOf("fastest", "µs"), 4.3},
        {measureOf("slowest", "µs"), 19.3}, {measureOf("took", "ms"), 42}, {rate, 1000}};
    for (const bool turned : {false, true}) {
        const Chart chart = tableOf(columns, false, turned);
        const auto full = [&](std::size_t measure) {
            return turned ? chart.cells[measure][0].full : chart.cells[0][measure].full;
        };
        EXPECT_DOUBLE_EQ(full(0), 19.3);
        EXPECT_DOUBLE_EQ(full(1), 19.3);
        EXPECT_DOUBLE_EQ(full(2), 42);
        EXPECT_DOUBLE_EQ(full(3), 1000) << "what is divided is something else";
    }
    EXPECT_DOUBLE_EQ(tableOf({columns[0], columns[2]}, true).cells[0][0].full, 42) << "common to all units";
}

TEST(ChartOf, ATablesColumnHasNoBarsThatWouldBeSliversBesideTheOthers)
{
    const Chart chart =
        tableOf({{measureOf("both", ""), 19}, {measureOf("one", ""), 1000}, {measureOf("few", ""), 21}});
    EXPECT_DOUBLE_EQ(chart.cells[0][0].full, 0);
    EXPECT_DOUBLE_EQ(chart.cells[0][1].full, 1000);
    EXPECT_DOUBLE_EQ(chart.cells[0][2].full, 1000);
}

TEST(ChartOf, ATablesBarOfAShareIsFullAtAHundredPerCent)
{
    EXPECT_DOUBLE_EQ(tableOf({{measureOf("held", "", "{%}"), 0.4}}).cells[0][0].full, 1);
    EXPECT_DOUBLE_EQ(tableOf({{measureOf("held", "%"), 40}}).cells[0][0].full, 100);
}

TEST(ChartOf, OfTextsShowsThemAndTurnsOver)
{
    Runs runs(ChartSpec::Kind::Table);
    runs.report.series.reset();
    runs.scenario.series.reset();
    ChartMeasure lambda;
    lambda.pointer = "/extra/lambda";
    lambda.label = "lambda";
    ChartMeasure lock = lambda;
    lock.pointer = "/extra/lock";
    lock.label = "lock";
    runs.scenario.chart->measures = {lambda, lock};
    runs.scenario.chart->rowsAreMeasures = true;
    VariantReport run;
    run.id = "two";
    run.name = "Another";
    run.extra = {{"lambda", "ok"}, {"lock", "TypeError: no"}};
    runs.report.variants = {run};
    const Chart chart = runs.chart();
    EXPECT_THAT(chart.groups, ElementsAre("lambda", "lock"));
    EXPECT_THAT(chart.names, ElementsAre("One way", "Another"));
    EXPECT_EQ(chart.cells[1][0].count, 0U) << "not run";
    EXPECT_TRUE(chart.cells[1][1].words);
    EXPECT_EQ(chart.cells[1][1].text, "TypeError: no");
}

TEST(ChartOf, LeavesOutTheRowsOfATableThatCouldNotBeRunHere)
{
    Runs runs(ChartSpec::Kind::Table);
    runs.report.series.reset();
    runs.scenario.series.reset();
    VariantReport one;
    one.id = "one";
    one.name = "One way";
    one.exit.kind = Exit::Kind::NotRun;
    VariantReport two;
    two.id = "two";
    two.name = "Another";
    runs.report.variants = {one, two};
    EXPECT_THAT(runs.chart().groups, ElementsAre("Another"));
    EXPECT_THAT(runs.chart().notRun, ElementsAre("One way"));
    runs.report.variants[1].exit.kind = Exit::Kind::NotRun;
    EXPECT_THAT(runs.chart().groups, ElementsAre("One way", "Another")) << "or nothing would be there";
    EXPECT_TRUE(runs.chart().notRun.empty());
}

TEST(ChartOf, MarksWhereOneLineFallsBelowAnotherForGood)
{
    Runs runs(ChartSpec::Kind::Curve);
    runs.scenario.chart->crossing = "two";
    runs.scenario.chart->crossed = "one";
    for (std::size_t step = 0; step < 3; ++step) {
        runs.add("one", step, std::array{10, 20, 30}[step]);
    }
    runs.add("two", 0, 9); // below, but not for good
    runs.add("two", 1, 20);
    EXPECT_FALSE(runs.chart().crossing.has_value()) << "not before both are whole";
    runs.add("two", 2, 12);
    EXPECT_EQ(runs.chart().crossing, 2U);
    EXPECT_EQ(runs.chart().below, 1U);
    EXPECT_EQ(runs.chart().above, 0U);
    runs.scenario.chart->crossing = "one";
    runs.scenario.chart->crossed = "two";
    EXPECT_FALSE(runs.chart().crossing.has_value()) << "never";
}

TEST(ChartOf, FitsAmdahlsLawAsFarAsThereAreCores)
{
    Runs runs(ChartSpec::Kind::Curve);
    runs.scenario.chart->relative = true;
    runs.scenario.chart->fitAmdahl = true;
    runs.report.machine.cores = 2;
    runs.add("one", 0, 900);
    runs.add("one", 1, 600); // a third of it is serial
    runs.add("one", 2, 600); // there is no third core
    const Chart chart = runs.chart();
    ASSERT_EQ(chart.fits.size(), 2U);
    ASSERT_TRUE(chart.fits[0].has_value());
    EXPECT_NEAR(chart.fits[0]->serial, 1.0 / 3, 1e-6);
    EXPECT_NEAR(chart.fits[0]->values[2], 2, 1e-5) << "what four workers would be with four cores";
    EXPECT_EQ(chart.names[0], "One way (fits 33\u00a0% serial)");
    EXPECT_FALSE(chart.fits[1].has_value());
    EXPECT_EQ(chart.names[1], "Another");
}

TEST(ChartOf, NamesNumbersOfBytesAsPeopleDo)
{
    Runs runs(ChartSpec::Kind::Curve);
    Knob size;
    size.id = "processes";
    size.unit = "bytes";
    runs.scenario.knobs = {size};
    runs.report.series->values = {"1", "4096", "8388608"};
    runs.report.series->numbers = {1, 4096, 8388608};
    runs.add("one", 0, 1);
    EXPECT_THAT(runs.chart().groups, ElementsAre("1\u00a0B", "4\u00a0KiB", "8\u00a0MiB"));
}

TEST(ChartOf, OfACurveWithoutASeriesIsEmpty)
{
    Runs runs(ChartSpec::Kind::Curve);
    runs.report.series.reset();
    runs.scenario.chart->relative = true;
    runs.scenario.chart->idealUntil = 4;
    VariantReport run;
    run.id = "one";
    run.wall = kMillisecond;
    runs.report.variants.push_back(run);
    EXPECT_TRUE(runs.chart().empty());
}

TEST(ChartOf, BinsNumbersThatADoubleHardlyTellsApart)
{
    Runs runs(ChartSpec::Kind::Histogram);
    runs.scenario.chart->measures.front().factor = 1e90;
    runs.add("one", 2, 1000);
    runs.add("one", 2, 1000);
    runs.report.series->points.back().report.wall += 1;
    runs.report.series->keptStep = 2;
    for (const double nearly : {1e90, std::nextafter(1e90, 2e90), 1e99}) {
        runs.scenario.chart->references.assign(1, {nearly, "there"});
        const Chart chart = runs.chart();
        ASSERT_FALSE(chart.bins.empty());
        EXPECT_LE(chart.bins.size(), 18U);
        std::uint64_t counted = 0;
        for (const ChartBin& bin : chart.bins) {
            EXPECT_LT(bin.low, bin.high);
            counted += bin.counts[0];
        }
        EXPECT_EQ(counted, 2U);
    }
    runs.scenario.chart->measures.front().factor = 1e300;
    EXPECT_TRUE(runs.chart().empty()) << "nothing that one measures";
}

TEST(Summarize, IsARankOrACountOfTheNumbers)
{
    const std::vector<double> numbers = {4, 1, 0, 4, 3};
    EXPECT_EQ(summarize(Summary::Median, numbers), 3);
    EXPECT_EQ(summarize(Summary::Least, numbers), 0);
    EXPECT_EQ(summarize(Summary::Greatest, numbers), 4);
    EXPECT_EQ(summarize(Summary::Distinct, numbers), 4);
    EXPECT_EQ(summarize(Summary::NonZero, numbers), 4);
    EXPECT_EQ(summarize(Summary::Count, numbers), static_cast<double>(numbers.size()));
    EXPECT_EQ(summarize(Summary::Median, {}), 0);
    EXPECT_EQ(summarize(Summary::Median, {2, 1}), 1) << "a number that was measured";
}

TEST(Measure, ReadsAPointARatioOfPointsABendAndACrossing)
{
    Runs runs(ChartSpec::Kind::Curve);
    const int one[] = {100, 50, 49};
    const int two[] = {80, 60, 55};
    for (std::size_t step = 0; step < 3; ++step) {
        runs.add("one", step, one[step]);
        runs.add("two", step, two[step]);
    }
    runs.report.series->keptStep = 1;
    Metric metric{Metric::Kind::Number, {"one", "/wall_s"}, {}};
    EXPECT_DOUBLE_EQ(measure(metric, runs.report).value(), 0.05) << "of the value that is kept, unless it says which";
    metric.term.at = "4";
    metric.over = MetricTerm{"one", "/wall_s", "1"};
    EXPECT_DOUBLE_EQ(measure(metric, runs.report).value(), 0.49);
    EXPECT_EQ(metricText(metric), "one/wall_s at 4 : one/wall_s at 1");

    Metric bend{Metric::Kind::Bend, {"one", "/wall_s"}, {}};
    EXPECT_EQ(measure(bend, runs.report).value(), 2);
    Metric crossing{Metric::Kind::Crossing, {"one", "/wall_s"}, MetricTerm{"two", "/wall_s"}};
    EXPECT_EQ(measure(crossing, runs.report).value(), 2) << "from here on the first is the faster";
    std::swap(crossing.term, *crossing.over);
    EXPECT_EQ(measure(crossing, runs.report).value(), 5) << "never: beyond the last value";
    runs.report.series->points.pop_back();
    EXPECT_FALSE(measure(crossing, runs.report).has_value()) << "a point is missing";
}

TEST(NiceStep, IsOneTwoOrFiveTimesAPowerOfTen)
{
    EXPECT_DOUBLE_EQ(niceStep(10, 10), 1);
    EXPECT_DOUBLE_EQ(niceStep(11, 10), 2);
    EXPECT_DOUBLE_EQ(niceStep(0.21, 10), 0.05);
    EXPECT_DOUBLE_EQ(niceStep(60000, 10), 10000);
}

} // namespace
} // namespace timeslice::chart_test
