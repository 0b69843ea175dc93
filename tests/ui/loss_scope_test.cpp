#include "core/recording/recording.h"
#include "tests/ui/sample_runs.h"
#include "tests/ui/window_fixture.h"
#include "ui/export/figure_layout.h"
#include "ui/plot/loss_focus.h"
#include "ui/plot/timeline_view.h"
#include "ui/result/loss_scope.h"
#include "ui/result/picture_of.h"

#include <QGuiApplication>
#include <algorithm>

namespace timeslice::loss_scope_test {
namespace {

constexpr Nanos kEach = 300; // ns an update of each thread

/// Both threads read the same, and the one writes over the other, `count` times.
std::unique_ptr<VariantRecording> losingVariant(const std::string& title, int count)
{
    samples::VariantMaker maker(title, "x = x + 1", 2);
    const std::uint32_t one = maker.thread("Thread 1", 1);
    const std::uint32_t two = maker.thread("Thread 2", 2);
    CounterInfo& counter = maker.timeline().counters.emplace_back();
    counter.id = 1;
    counter.name = "x";
    for (int i = 0; i < count; ++i) {
        const Nanos t = samples::kStart + i * kEach;
        counter.accesses.push_back({t, i, one, false});
        counter.accesses.push_back({t + 60, i, two, false});
        counter.accesses.push_back({t + 120, i + 1, two, true});
        counter.accesses.push_back({t + 200, i + 1, one, true});
    }
    maker.run(one, 0, 0, count * kEach);
    maker.run(two, 0, 1, count * kEach);
    return maker.finish(count * kEach);
}

TEST(LossScope, GoesThroughTheLossesOfAllVariantsAndRound)
{
    const auto model = samples::modelWith(
        "", losingVariant("First", 2), samples::gilVariant(kMillisecond, {"A"}), losingVariant("Third", 1));
    ASSERT_EQ(lossCount(*model), 3U);
    EXPECT_EQ(firstLoss(*model), (LossRef{0, 0}));
    EXPECT_EQ(lossBeside(*model, {0, 0}, 1), (LossRef{0, 1}));
    EXPECT_EQ(lossBeside(*model, {0, 1}, 1), (LossRef{2, 0}));
    EXPECT_EQ(lossBeside(*model, {2, 0}, 1), (LossRef{0, 0}));
    EXPECT_EQ(lossBeside(*model, {0, 0}, -1), (LossRef{2, 0}));
    EXPECT_EQ(lossBeside(*model, {2, 0}, -1), (LossRef{0, 1}));
    EXPECT_EQ(lossAtStart({0, 1}), (LossRef{0, 0}));
    EXPECT_TRUE(isLoss(*model, {0, 1}));
    EXPECT_FALSE(isLoss(*model, {0, 2}));
    EXPECT_FALSE(isLoss(*model, {1, 0}));
    EXPECT_FALSE(isLoss(*model, {7, 0}));
    EXPECT_EQ(lossText(*model, {0, 1}).place, "First: 2 of 2");
}

TEST(LossScope, TellsEachStepOfTheInterleavingWithItsValue)
{
    const auto model = samples::modelWith("", losingVariant("Only", 3));
    const LossText told = lossText(*model, {0, 1});
    EXPECT_EQ(told.place, "2 of 3");
    EXPECT_EQ(
        told.sentence, "Thread 1 read 1. Thread 2 read 1 and wrote 2. Thread 1 wrote 2 over it: one update lost.");
    QStringList steps;
    for (const FactRow& row : told.steps) {
        steps << row.label + " " + row.values.join(' ');
    }
    EXPECT_EQ(steps,
        (QStringList{"Thread 1: load x 1", "Thread 2: load x 1", "Thread 2: add 1 2", "Thread 2: store x 2",
            "Thread 1: add 1 2", "Thread 1: store x 2"}))
        << steps.join('\n').toStdString();
    EXPECT_EQ(told.steps[3].tone, FactRow::Tone::Bad) << "that store is lost";
}

TEST(LossScope, IsSoNearThatBothThreadsStandApart)
{
    const auto model = samples::modelWith("", losingVariant("Only", 100'000));
    ASSERT_EQ(lossCount(*model), 100'000U);
    const LossRef last = lossBeside(*model, {0, 0}, -1);
    EXPECT_EQ(last, (LossRef{0, 99'999}));
    const TimeRange focus = lossFocus(*model, last);
    const Nanos begin = 99'999 * kEach;
    EXPECT_LT(focus.begin, begin);
    EXPECT_GT(focus.end, begin + 200);
    EXPECT_LT(focus.length(), 2 * kEach) << "and no other of them";
    EXPECT_EQ(lossText(*model, last).place, "100,000 of 100,000");
}

TEST(LossScope, OfALossThatTookMillisecondsShowsTheStoreThatOverwrote)
{
    CounterInfo counter;
    counter.accesses.push_back({100, 0, 0, false});
    for (int i = 0; i < 1000; ++i) {
        counter.accesses.push_back({1000 + i * 100, i, 1, false});
        counter.accesses.push_back({1050 + i * 100, i + 1, 1, true});
    }
    const Nanos back = 5 * kMillisecond;
    counter.accesses.push_back({back, 1, 0, true});
    counter.accesses.push_back({back + 40, 1, 0, false});
    counter.accesses.push_back({back + 80, 2, 0, true});
    const LossAccount account = accountLosses(counter);
    ASSERT_EQ(account.losses.size(), 1U);
    const TimeRange focus = lossFocus(lostUpdate(account.losses[0], counter), counter, 0);
    EXPECT_LT(focus.begin, back);
    EXPECT_GT(focus.end, back + 80);
    EXPECT_LT(focus.length(), kMicrosecond);
}

TEST(LossScope, FindsTheLineOfTheCodeThatUpdatesTheCounter)
{
    EXPECT_EQ(
        updateLine("x = 0\n\ndef worker():\n    for _ in range(10):\n        x = x + 1  # load, add, store", "x"), 4);
    EXPECT_EQ(updateLine("x = 0\nx += 1", "x"), 1);
    EXPECT_EQ(updateLine("x=0\nx=x+1", "x"), 1);
    EXPECT_EQ(updateLine("max = max + 1\nif x == x:\n    self.x = x + 1\n# x = x + 1", "x"), -1);
    EXPECT_EQ(updateLine("", "x"), -1);
}

TEST(LossScope, ThePictureShowsTheLossThatIsLookedAt)
{
    const auto model = samples::modelWith("", losingVariant("Only", 3));
    EXPECT_EQ(pictureOf(*model, LossRef{0, 2}).variants[0].loss->staleLoad.value, 2);
    EXPECT_EQ(pictureOf(*model).variants[0].loss->staleLoad.value, 0);
    EXPECT_EQ(pictureOf(*model, LossRef{0, 9}).variants[0].loss->staleLoad.value, 0) << "there is no such loss";
}

TEST(LossScope, AFigureHasTheInterleavingBesideTheWholeRun)
{
    const auto model = samples::modelWith("33 %", losingVariant("Only", 2000));
    Canvas canvas;
    canvas.theme = &Theme::light();
    canvas.font = QGuiApplication::font();
    canvas.unit = 1;
    for (const QSize size : {QSize(1280, 720), QSize(1920, 1080)}) {
        const FigureLayout layout = layOutFigure(*model, figureTexts(*model), size, canvas);
        ASSERT_TRUE(layout.enlarged.has_value()) << size.width();
        EXPECT_LT(layout.enlarged->range.length(), kMicrosecond);
        EXPECT_TRUE(layout.lens.isValid());
        EXPECT_TRUE(std::any_of(layout.enlarged->rows.begin(), layout.enlarged->rows.end(),
            [](const RowContent& row) { return row.kind == RowKind::Counter; }));
    }
}

TEST(LossScope, AFigureEnlargesTheLossThatIsLookedAt)
{
    const auto model = samples::modelWith("", losingVariant("Only", 2000));
    Canvas canvas;
    canvas.theme = &Theme::light();
    canvas.font = QGuiApplication::font();
    canvas.unit = 1;
    const FigureTexts texts = figureTexts(*model);
    const auto enlarged = [&](const std::optional<LossRef>& loss) {
        return layOutFigure(*model, texts, {1280, 720}, canvas, {}, true, loss).enlarged.value().range;
    };
    EXPECT_EQ(enlarged(LossRef{0, 1000}).begin - enlarged(std::nullopt).begin, 1000 * kEach);
}

class LossKeys : public WindowTest { };

TEST_F(LossKeys, NGoesToTheNextLossAndShiftNBack)
{
    const auto model = samples::modelWith("", losingVariant("Only", 50));
    ASSERT_TRUE(saveRecording(model->recording(), path("race.timeslice").toStdString()));
    open();
    EXPECT_FALSE(part<QWidget>("losses")->isVisible());
    window().openRecording(path("race.timeslice"));
    ASSERT_TRUE(settles());
    ASSERT_TRUE(part<QWidget>("losses")->isVisible());
    EXPECT_EQ(textOf("lossPlace"), "1 of 50");
    press(Qt::Key_N);
    EXPECT_EQ(textOf("lossPlace"), "2 of 50");
    const TimeRange range = part<TimelineView>("timeline")->visibleRange();
    EXPECT_LT(range.begin, kEach);
    EXPECT_GT(range.end, kEach + 200);
    EXPECT_LT(range.length(), 2 * kEach);
    click("nextLoss");
    EXPECT_EQ(textOf("lossPlace"), "3 of 50");
    press(Qt::Key_N, Qt::ShiftModifier);
    EXPECT_EQ(textOf("lossPlace"), "2 of 50");
    click("firstLoss");
    EXPECT_EQ(textOf("lossPlace"), "1 of 50");
    click("previousLoss");
    EXPECT_EQ(textOf("lossPlace"), "50 of 50");
}

} // namespace
} // namespace timeslice::loss_scope_test
