#include "core/model/run_history.h"
#include "core/model/run_model.h"
#include "core/model/series_points.h"
#include "tests/core/session/invariants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::series_model_test {
namespace {

constexpr Pid kProcess = 10;

Scenario repeated(int times)
{
    Scenario scenario = scenarioOf("{}");
    scenario.series.emplace().repeat = times;
    scenario.verdict.metric.term.pointer = "/wall_s";
    return scenario;
}

/// A run of the variant that takes so long, its timeline ending then, too.
void run(RunModel& model, Nanos wall, int repetition, int attempt = 1, double others = 0)
{
    VariantStarted started{0, BuilderOptions{{0, 1}, kProcess, true}};
    started.repetition = repetition;
    started.attempt = attempt;
    VariantEnded ended;
    ended.end = wall;
    ended.facts.wall = wall;
    ended.facts.exit.text = "finished";
    ended.facts.disturbance.emplace().others = others;
    std::vector<RunUpdate> updates;
    updates.emplace_back(std::move(started));
    updates.emplace_back(std::move(ended));
    model.apply(std::move(updates));
}

void end(RunModel& model)
{
    std::vector<RunUpdate> updates;
    updates.emplace_back(RunEnded{});
    model.apply(std::move(updates));
}

TEST(SeriesModel, KeepsTheReportOfEachRunAndTheTimelineOfTheMedian)
{
    RunModel model(repeated(5));
    EXPECT_EQ(model.progress().planned, 5U);
    const Nanos walls[] = {500, 100, 300, 400, 200};
    for (int i = 0; i < 5; ++i) {
        run(model, walls[i] * kMillisecond, i);
        EXPECT_EQ(model.report().series->points.size(), static_cast<std::size_t>(i + 1));
        EXPECT_EQ(model.report().variants.size(), 1U) << "of a variant the latest run stands for it";
        EXPECT_EQ(model.recording().variants[0]->timeline.end, walls[i] * kMillisecond) << "the latest is shown";
        EXPECT_EQ(model.progress().done, static_cast<std::size_t>(i + 1));
    }
    const std::size_t before = model.replacements();
    end(model);
    ASSERT_TRUE(model.finished());
    EXPECT_GT(model.replacements(), before) << "whoever looks at the timeline is told that it is another one";
    EXPECT_EQ(model.recording().variants[0]->timeline.end, 300 * kMillisecond);
    EXPECT_EQ(model.variants()[0].recording, model.recording().variants[0].get());
    EXPECT_EQ(model.report().variants[0].wall, 300 * kMillisecond);
    std::size_t kept = 0;
    for (const SeriesPoint& point : model.report().series->points) {
        kept += point.kept ? 1 : 0;
        EXPECT_EQ(point.kept, point.report.wall == 300 * kMillisecond);
    }
    EXPECT_EQ(kept, 1U);
    EXPECT_EQ(seriesPoints(model).size(), 5U);
}

TEST(SeriesModel, KeepsTheTimelineOfTheBestRunWhereTheAnswerIsTheBest)
{
    Scenario scenario = repeated(5);
    scenario.verdict.metric.term.of = Summary::Least;
    RunModel model(scenario);
    const Nanos walls[] = {500, 300, 100, 400, 200};
    for (int i = 0; i < 5; ++i) {
        run(model, walls[i] * kMillisecond, i);
    }
    end(model);
    EXPECT_EQ(model.recording().variants[0]->timeline.end, 100 * kMillisecond);
    EXPECT_EQ(model.report().series->keptRun, Summary::Least);
}

TEST(SeriesModel, KeepsTheMedianItselfHoweverTheMedianMovesMeanwhile)
{
    RunModel model(repeated(21));
    for (int i = 0; i < 21; ++i) { // the first is the median of all, and far from that of the next ten
        run(model, (i == 0 ? 200 : i <= 10 ? 100 + i : 300 + i) * kMillisecond, i);
    }
    end(model);
    EXPECT_EQ(model.report().variants[0].wall, 200 * kMillisecond);
    EXPECT_EQ(model.recording().variants[0]->timeline.end, 200 * kMillisecond);
}

TEST(RunHistory, LetsNoMoreTimelinesWaitThanTheBudgetHolds)
{
    constexpr std::size_t kOne = sizeof(MarkPoint) * 10000;
    for (const std::size_t budget : {std::size_t{0}, 10 * kOne}) {
        RunHistory history(0, Summary::Median, budget);
        std::vector<std::weak_ptr<VariantRecording>> all;
        for (int i = 0; i < 40; ++i) {
            auto recording = std::make_shared<VariantRecording>();
            recording->timeline.marks.resize(10000);
            all.push_back(recording);
            const std::size_t run = history.begin({0, 0, i, 1});
            VariantModel model;
            model.phase = VariantModel::Phase::Ended;
            history.park(run, std::move(model), std::move(recording));
            history.analysed(run, VariantReport{}, i);
        }
        const auto alive =
            std::count_if(all.begin(), all.end(), [](const auto& recording) { return !recording.expired(); });
        EXPECT_GE(alive, static_cast<std::ptrdiff_t>(RunHistory::kFewestCandidates));
        EXPECT_LE(alive, budget == 0 ? static_cast<std::ptrdiff_t>(RunHistory::kFewestCandidates) : 10);
    }
}

TEST(SeriesModel, CountsTheLeastDisturbedAttemptOfARunThatWasMadeAgain)
{
    RunModel model(scenarioOf("{}"));
    run(model, 100, 0, 1, 0.5);
    run(model, 200, 0, 2, 0.2);
    run(model, 300, 0, 3, 0.4);
    EXPECT_EQ(model.progress().done, 1U) << "one run, tried three times";
    end(model);
    ASSERT_EQ(model.report().variants.size(), 1U);
    EXPECT_EQ(model.report().variants[0].wall, 200);
    EXPECT_EQ(model.report().variants[0].attempts, 3);
    EXPECT_DOUBLE_EQ(model.report().variants[0].foreignShare, 0.2);
    EXPECT_EQ(model.recording().variants[0]->timeline.end, 200);
}

TEST(SeriesModel, PutsTheAttemptsOfOneRunIntoOnePoint)
{
    RunModel model(repeated(2));
    run(model, 100, 0, 1, 0.1);
    run(model, 200, 0, 2, 0.3);
    run(model, 300, 1);
    end(model);
    const auto& points = model.report().series->points;
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[0].report.wall, 100);
    EXPECT_EQ(points[0].report.attempts, 2);
    EXPECT_EQ(points[1].report.attempts, 1);
}

TEST(SeriesModel, WaitsForTheAnalysesOfRunsThatAnotherHasReplaced)
{
    std::vector<Analysis> started;
    RunModel model(repeated(3));
    model.analyseElsewhere([&](Analysis analysis) { started.push_back(std::move(analysis)); });
    for (int i = 0; i < 3; ++i) {
        run(model, (i + 1) * 100, i);
    }
    end(model);
    for (std::size_t i = 0; i < started.size(); ++i) { // the last is the verdict's, which comes of the others
        const AnalysisResult result = started[i]();
        model.take(result);
    }
    ASSERT_TRUE(model.finished());
    EXPECT_EQ(model.report().series->points.size(), 3U);
    EXPECT_EQ(model.recording().variants[0]->timeline.end, 200);
}

TEST(SeriesModel, ComesBackFromItsRecording)
{
    RunModel model(repeated(3));
    for (int i = 0; i < 3; ++i) {
        run(model, (i + 1) * kMillisecond, i);
    }
    end(model);
    const auto report = reportFromJson(nlohmann::json::parse(model.recording().reportJson));
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_TRUE(report->series.has_value());
    EXPECT_EQ(report->series->planned, 3U);
    ASSERT_EQ(report->series->points.size(), 3U);
    EXPECT_EQ(report->series->points[1].report.wall, 2 * kMillisecond);
    EXPECT_TRUE(report->series->points[1].kept);
}

} // namespace
} // namespace timeslice::series_model_test
