#include "tests/ui/sample_runs.h"
#include "ui/export/figure_layout.h"
#include "ui/export/figure_plan.h"
#include "ui/plot/end_label.h"
#include "ui/result/picture_of.h"

#include <QFontMetrics>
#include <QGuiApplication>
#include <algorithm>
#include <gtest/gtest.h>

namespace timeslice::figure_plan_test {
namespace {

Canvas canvasOf(double em)
{
    Canvas canvas;
    canvas.theme = &Theme::light();
    canvas.font = QGuiApplication::font();
    canvas.em = em;
    return canvas;
}

FigureLayout layoutOf(const RunModel& model, const QSize& size = {1600, 900})
{
    return layOutFigure(model, figureTexts(model), size, canvasOf(14));
}

bool names(const FigureLayout& layout, StateSign sign)
{
    return std::any_of(
        layout.items.begin(), layout.items.end(), [sign](const LegendItem& item) { return item.sign == sign; });
}

/// A thread that runs all the time but for what `change` does to it.
template <class Change> std::unique_ptr<RunModel> oneThread(Change change)
{
    samples::VariantMaker maker("one", "a thread", 2);
    const std::uint32_t thread = maker.thread("Thread 1", 1);
    maker.run(thread, 0, 0, 100 * kMillisecond);
    change(maker, thread);
    maker.exit(thread, 100 * kMillisecond);
    return samples::modelWith("", maker.finish(100 * kMillisecond));
}

TEST(FigureLegend, namesAStateThatCanBeSeenAndNoOther)
{
    const auto solid = layoutOf(*oneThread([](auto&, std::uint32_t) {}));
    EXPECT_TRUE(names(solid, StateSign::Running));
    for (const StateSign sign : {StateSign::Blocked, StateSign::Runnable, StateSign::WaitingForLock, StateSign::Folded,
             StateSign::Others, StateSign::Stolen, StateSign::Deadlock, StateSign::Outside, StateSign::Colors}) {
        EXPECT_FALSE(names(solid, sign)) << static_cast<int>(sign);
    }
    for (const auto& [state, sign] :
        {std::pair(SliceState::Blocked, StateSign::Blocked), std::pair(SliceState::Runnable, StateSign::Runnable)}) {
        const auto with = [state = state](Nanos length) {
            return layoutOf(*oneThread([&](samples::VariantMaker& maker, std::uint32_t thread) {
                maker.state(thread, 40 * kMillisecond, state);
                maker.state(thread, 40 * kMillisecond + length, SliceState::Running);
            }));
        };
        EXPECT_TRUE(names(with(20 * kMillisecond), sign));
        EXPECT_FALSE(names(with(10 * kMicrosecond), sign)) << "less than a pixel";
    }
}

TEST(FigureLegend, namesAStateOfASingleBarThatIsHardlyWideEnoughToBeOne)
{
    EXPECT_TRUE(names(layoutOf(*oneThread([](samples::VariantMaker& maker, std::uint32_t thread) {
        maker.state(thread, 40 * kMillisecond, SliceState::Blocked);
        maker.state(thread, 40 * kMillisecond + 400 * kMicrosecond, SliceState::Running);
    })),
        StateSign::Blocked));
}

TEST(FigureLegend, namesTheLineAboveAFillWhereAPartWaitsForACore)
{
    const auto shared = [](SliceState other) {
        return layoutOf(*oneThread([other](samples::VariantMaker& maker, std::uint32_t thread) {
            for (int i = 0; i < 5000; ++i) { // 100 in a pixel
                maker.state(thread, 40 * kMillisecond + i * 2000, other);
                maker.state(thread, 40 * kMillisecond + i * 2000 + 1000, SliceState::Running);
            }
        }));
    };
    EXPECT_TRUE(names(shared(SliceState::Runnable), StateSign::FoldedWait));
    EXPECT_FALSE(names(shared(SliceState::Blocked), StateSign::FoldedWait));
    EXPECT_TRUE(names(shared(SliceState::Blocked), StateSign::Folded));
}

TEST(FigureLegend, saysWhoseColourALocksRowHasAndThatAWaitIsInAQueue)
{
    const auto textOf = [](const FigureLayout& layout, StateSign sign) {
        const auto found = std::find_if(
            layout.items.begin(), layout.items.end(), [sign](const LegendItem& item) { return item.sign == sign; });
        return found != layout.items.end() ? found->text : QString();
    };
    const auto wait = [](samples::VariantMaker& maker, std::uint32_t thread) {
        maker.state(thread, 40 * kMillisecond, SliceState::Runnable);
        maker.state(thread, 60 * kMillisecond, SliceState::Running);
    };
    const auto without = layoutOf(*oneThread(wait));
    EXPECT_EQ(textOf(without, StateSign::Running), "running");
    EXPECT_TRUE(textOf(without, StateSign::Runnable).contains("queue")) << "of two cores the other may be idle";
    const auto with = layoutOf(*oneThread([&](samples::VariantMaker& maker, std::uint32_t thread) {
        wait(maker, thread);
        maker.hold(maker.lock("GIL", ObjectKind::Gil), 0, thread);
    }));
    EXPECT_EQ(textOf(with, StateSign::Running), "running; in the row of the GIL: who has it");
}

TEST(FigureLegend, namesTheMarkOfALossAndTheDashedLineOnlyWhereThatOneIsSeen)
{
    const auto loses = layoutOf(*samples::modelWith("", samples::raceVariant(2000)));
    EXPECT_TRUE(names(loses, StateSign::LostUpdate));
    EXPECT_FALSE(names(loses, StateSign::IfCounted)) << "one of two thousand: the lines are one";
    auto half = samples::raceVariant(2000);
    for (CounterAccess& access : half->timeline.counters[0].accesses) {
        access.value = access.time > samples::kStart + 300 * 1500 ? access.value - 1000 : access.value;
    }
    EXPECT_TRUE(names(layoutOf(*samples::modelWith("", std::move(half))), StateSign::IfCounted));
    EXPECT_FALSE(names(layoutOf(*oneThread([](auto&, std::uint32_t) {})), StateSign::LostUpdate));
}

TEST(FigureLegend, namesWhatFadesBeyondTheWork)
{
    samples::VariantMaker maker("one", "a thread", 2);
    const std::uint32_t thread = maker.thread("Thread 1", 1);
    maker.run(thread, 0, 0, 200 * kMillisecond);
    maker.exit(thread, 200 * kMillisecond);
    auto variant = maker.finish(200 * kMillisecond);
    variant->timeline.workEnd = samples::kStart + 100 * kMillisecond;
    const auto alone = samples::modelWith("", std::move(variant));
    EXPECT_FALSE(names(layoutOf(*alone), StateSign::Outside)) << "the axis ends with the work";
    EXPECT_TRUE(
        names(layOutFigure(*alone, figureTexts(*alone), {1600, 900}, canvasOf(14), TimeRange{0, 200 * kMillisecond}),
            StateSign::Outside));
}

TEST(FigureLegend, namesTheSignsOfProcessesThatCanBeSeenAndNoOther)
{
    const auto model = [](bool killed) {
        samples::VariantMaker maker("one", "a child", 2);
        const std::uint32_t parent = maker.thread("Parent", 1);
        const std::uint32_t child = maker.thread("Child", 2);
        ThreadInfo& info = maker.timeline().threads[child];
        info.pid = info.tid;
        info.born = samples::kStart + 20 * kMillisecond;
        maker.timeline().threads[parent].tid = maker.timeline().threads[parent].pid;
        maker.run(parent, 0, 0, 100 * kMillisecond);
        maker.run(child, 20 * kMillisecond, 1, 50 * kMillisecond);
        maker.exit(child, 50 * kMillisecond);
        maker.exit(parent, 100 * kMillisecond);
        const int status = killed ? 9 : 0; // as from wait(2)
        maker.timeline().reaps.push_back({samples::kStart + 51 * kMillisecond, info.tid, status});
        return samples::modelWith("", maker.finish(100 * kMillisecond));
    };
    EXPECT_TRUE(names(layoutOf(*model(true)), StateSign::Killed));
    EXPECT_FALSE(names(layoutOf(*model(false)), StateSign::Killed));
    for (const StateSign sign : {StateSign::Exec, StateSign::FoldedRows, StateSign::AxisBreak}) {
        EXPECT_FALSE(names(layoutOf(*model(true)), sign)) << static_cast<int>(sign);
    }
}

TEST(FigureLegend, saysWhatTheColoursAreOfMoreThreadsThanItNames)
{
    const auto few =
        layoutOf(*samples::modelWith("", samples::schedulingVariant(4, 4 * kMillisecond, 400 * kMillisecond)));
    EXPECT_FALSE(names(few, StateSign::Colors));
    const auto many =
        layoutOf(*samples::modelWith("", samples::schedulingVariant(12, 4 * kMillisecond, 400 * kMillisecond)));
    EXPECT_TRUE(names(many, StateSign::Colors));
}

/// Variants "0" to "7", and a scenario whose answer is read from two of them.
std::unique_ptr<RunModel> askingFor(const char* metric, const char* headline)
{
    Scenario scenario;
    scenario.id = scenario.title = "which";
    for (int i = 0; i < 8; ++i) {
        scenario.variants.emplace_back().id = std::to_string(i);
    }
    scenario.verdict.metric.term.variant = metric;
    scenario.verdict.headline.emplace().numbers.emplace_back().term.variant = headline;
    return std::make_unique<RunModel>(std::move(scenario));
}

TEST(FigurePlan, theVariantsThatTheAnswerIsReadFromAreTheLastToGo)
{
    const auto model = askingFor("5", "2");
    const RunPicture run = pictureOf(*model);
    const VariantOrder order = variantOrder(*model);
    ASSERT_EQ(order.variants.size(), 8U);
    EXPECT_EQ(order.asked, 2U);
    EXPECT_EQ(order.variants[0], 5U);
    EXPECT_EQ(order.variants[1], 2U);
    FigurePlan plan;
    plan.maxVariants = 1;
    EXPECT_EQ(shownVariants(run, plan, order), std::vector<std::size_t>({5}));
    plan.maxVariants = 2;
    EXPECT_EQ(shownVariants(run, plan, order), std::vector<std::size_t>({2, 5}));
    plan.maxVariants = 3;
    EXPECT_EQ(shownVariants(run, plan, order), std::vector<std::size_t>({0, 2, 5}));
    for (const FigurePlan& any : figurePlans({4, 8, 2, false, true})) {
        EXPECT_TRUE(any.maxVariants >= 2 || !any.legend) << "an answer without what it is read from";
    }
}

TEST(FigurePlan, rowsGoBeforeTheQuestionTheLegendAndTheAnswer)
{
    for (const bool chart : {false, true}) {
        bool fewest = false;
        for (const FigurePlan& plan :
            figurePlans({.mostOfAKind = 50, .variants = 3, .asked = 2, .chart = chart, .coresProve = true})) {
            const bool words = plan.question && plan.legend && plan.verdict && plan.title;
            EXPECT_TRUE(words || fewest);
            fewest = fewest || (plan.maxOfAKind == 1 && plan.maxVariants == 2);
            EXPECT_TRUE(plan.cores || !plan.definition) << "cores that prove the point";
        }
        EXPECT_TRUE(fewest);
    }
}

TEST(EndLabel, standsDirectlyBehindTheBarWhereverThatEnds)
{
    const Canvas canvas = canvasOf(14);
    const QRect lane(100, 10, 800, 24);
    const TimeScale scale{0, 100e6, lane.left(), lane.right() + 1};
    for (const Nanos end : {1 * kMillisecond, 50 * kMillisecond, 97 * kMillisecond, 99'900 * kMicrosecond}) {
        samples::VariantMaker maker("one", "a thread", 1);
        const std::uint32_t thread = maker.thread("Thread 1", 1);
        maker.run(thread, 0, 0, end);
        maker.exit(thread, end);
        const auto model = samples::modelWith("", maker.finish(100 * kMillisecond));
        const RunPicture run = pictureOf(*model);
        const VariantPicture& variant = run.variants[0];
        const auto label = planEndLabel(canvas, lane, variant, variant.recording->timeline.threads[0], scale);
        ASSERT_TRUE(label);
        EXPECT_EQ(label->text, "done");
        const double x = timeToPixel(scale, static_cast<double>(end));
        EXPECT_GT(label->rect.left(), x);
        EXPECT_LT(label->rect.left(), x + canvas.em);
    }
}

TEST(FigureTexts, sayWhichRunOfASeriesTheTimelineIs)
{
    RunReport report;
    auto variant = samples::gilVariant(30 * kMillisecond, {"a"});
    report.series.emplace().keptStep = 1;
    for (int repetition = 0; repetition < 6; ++repetition) {
        SeriesPoint& point = report.series->points.emplace_back();
        point.step = repetition < 3 ? 0 : 1;
        point.repetition = repetition % 3;
        point.report.id = variant->id;
    }
    VariantReport shown;
    shown.id = variant->id;
    EXPECT_EQ(seriesRunText(*report.series, shown), "the median of 3 runs");
    shown.counters.push_back({"x", 40'000'000, 21'204'332});
    EXPECT_EQ(seriesRunText(*report.series, shown), "the median of 3 runs: x = 21,204,332");
    report.series->keptRun = Summary::Least;
    EXPECT_EQ(seriesRunText(*report.series, shown), "the best of 3 runs: x = 21,204,332");
    report.series->points.resize(4);
    EXPECT_EQ(seriesRunText(*report.series, shown), "") << "one run is none of several";
}

} // namespace
} // namespace timeslice::figure_plan_test
