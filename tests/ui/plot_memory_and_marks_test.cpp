#include "core/trace/timeline_builder.h"
#include "tests/ui/sample_runs.h"
#include "ui/plot/mark_painter.h"
#include "ui/plot/memory_painter.h"
#include "ui/plot/process_painter.h"
#include "ui/plot/process_text.h"
#include "ui/result/result_facts.h"

#include <array>
#include <csignal>
#include <gtest/gtest.h>

namespace timeslice::plot_memory_and_marks_test {
namespace {

constexpr Pid kRoot = 10;
constexpr Pid kChild = 20;
constexpr ObjectId kMark = 7;
constexpr std::uint64_t kMebibyte = 1U << 20;

Event at(Nanos time, Pid pid, EventKind kind, ObjectId object = 0, std::uint64_t value = 0)
{
    return {time, pid, pid, kind, kNoCpu, object, value};
}

/// A child that is killed and later waited for, with two looks at its memory; and three marks.
std::unique_ptr<VariantRecording> killedChild()
{
    auto variant = std::make_unique<VariantRecording>();
    variant->title = "Killed";
    TimelineBuilder builder(variant->timeline, {{0}, kRoot, false});
    Batch batch;
    batch.names = {{kRoot, kRoot, "main", false}, {kChild, kChild, "child", false}};
    batch.objects = {{kMark, ObjectKind::Mark, kRoot, "here"}};
    batch.events = {at(0, kRoot, EventKind::WorkBegin), at(1'000'000, kChild, EventKind::ThreadBorn, 0, kRoot),
        at(2'000'000, kRoot, EventKind::Mark, kMark), at(2'000'100, kRoot, EventKind::Mark, kMark, 5),
        at(6'000'000, kRoot, EventKind::Mark, kMark), at(5'000'000, kChild, EventKind::ThreadExit),
        at(7'000'000, kRoot, EventKind::ProcessReaped, 0, Reaping{kChild, SIGKILL}.bits()),
        at(10'000'000, kRoot, EventKind::WorkEnd)};
    batch.memory = {{2'000'000, kChild, 30 * kMebibyte, 20 * kMebibyte, 10 * kMebibyte},
        {4'000'000, kChild, 60 * kMebibyte, 50 * kMebibyte, 40 * kMebibyte}};
    builder.append(batch);
    builder.finish(10'000'000);
    return variant;
}

Canvas canvasWithout(QPainter* painter)
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = &Theme::light();
    canvas.font.setPixelSize(14);
    return canvas;
}

TEST(MemoryRow, HoldsEachLookUntilTheNextAndTheLastUntilTheProcessEnds)
{
    const auto variant = killedChild();
    const auto lives = processLives(variant->timeline);
    const auto steps = memorySteps(variant->timeline, lives[1]);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].sample.time, 2'000'000);
    EXPECT_EQ(steps[0].end, 4'000'000);
    EXPECT_EQ(steps[1].end, 5'000'000) << "its memory went with it";
    EXPECT_TRUE(memorySteps(variant->timeline, lives[0]).empty());
    EXPECT_EQ(describeMemory(variant->timeline, lives[1], 4'500'000).lines.first(), "40 MiB its own (private)");
    EXPECT_TRUE(describeMemory(variant->timeline, lives[1], 5'000'001).title.isEmpty());
    EXPECT_TRUE(describeMemory(variant->timeline, lives[1], 1'500'000).title.isEmpty()) << "nobody looked before";
}

TEST(MemoryRow, HasOneScaleForAllWithARoundEnd)
{
    VariantPicture first;
    first.recording = killedChild();
    EXPECT_EQ(memoryScale(std::span(&first, 1)), 100 * kMebibyte);
    EXPECT_EQ(memoryScale({}), kMebibyte);
    EXPECT_EQ(memoryText(100 * kMebibyte), "100 MiB");
    EXPECT_EQ(memoryText(kMebibyte * 3 / 2), "1.5 MiB");
    EXPECT_EQ(memoryText(512 * 1024), "512 KiB");
}

TEST(MemoryRow, IsDrawnAsHighAsItsShareOfTheScale)
{
    const auto variant = killedChild();
    const auto lives = processLives(variant->timeline);
    QImage image(100, 100, QImage::Format_RGB32);
    QPainter painter(&image);
    const Canvas canvas = canvasWithout(&painter);
    paintMemory(canvas, image.rect(), variant->timeline, lives[1], {0, 10'000'000, 0, 100}, 100 * kMebibyte);
    painter.end();
    const QRgb lane = Theme::light().lane.rgb();
    EXPECT_EQ(image.pixel(10, 99), lane) << "before the first look";
    EXPECT_EQ(image.pixel(60, 99), lane) << "after its end";
    const QRgb own = image.pixel(45, 99);
    const QRgb shared = image.pixel(45, 55);
    EXPECT_NE(own, lane);
    EXPECT_NE(own, shared);
    EXPECT_EQ(image.pixel(45, 61), own) << "40 of 100 MiB are private";
    EXPECT_EQ(image.pixel(45, 58), shared);
    EXPECT_EQ(image.pixel(45, 51), shared) << "50 with its share";
    EXPECT_EQ(image.pixel(45, 48), lane);
    EXPECT_NE(image.pixel(45, 40), lane) << "the line of 60";
    EXPECT_EQ(image.pixel(25, 95), own) << "10 and 20 before";
    EXPECT_EQ(image.pixel(25, 85), shared);
    EXPECT_EQ(image.pixel(25, 75), lane);
}

TEST(Marks, AreFlagsOnTheirThreadsRowAndJoinWhereTheyAreClose)
{
    const auto variant = killedChild();
    const Canvas canvas = canvasWithout(nullptr);
    const QRect lane(0, 0, 1000, 30);
    const std::vector<std::uint32_t> main{0};
    const auto flags = planMarks(canvas, lane, variant->timeline, main, {0, 10'000'000, 0, 1000});
    ASSERT_EQ(flags.size(), 2U);
    EXPECT_EQ(flags[0].x, 200);
    EXPECT_EQ(flags[0].count, 2U);
    EXPECT_EQ(flags[0].text, "") << "of two, neither is named";
    EXPECT_EQ(flags[1].x, 600);
    EXPECT_EQ(flags[1].text, "here");
    const std::vector<std::uint32_t> child{1};
    EXPECT_TRUE(planMarks(canvas, lane, variant->timeline, child, {0, 10'000'000, 0, 1000}).empty());
    const auto closer = planMarks(canvas, lane, variant->timeline, main, {1'999'900, 2'000'900, 0, 1000});
    ASSERT_EQ(closer.size(), 2U) << "seen from nearby they are apart, and the third is out of sight";
    EXPECT_EQ(closer[1].count, 1U);
}

TEST(Marks, AreNamedBeforeTheirFlagWhereBehindItIsNoRoom)
{
    const auto variant = killedChild();
    const Canvas canvas = canvasWithout(nullptr);
    const QRect lane(0, 0, 1000, 30);
    const std::vector<std::uint32_t> main{0};
    const auto atTheEdge = planMarks(canvas, lane, variant->timeline, main, {0, 6'010'000, 0, 1000});
    ASSERT_EQ(atTheEdge.back().x, 998);
    EXPECT_EQ(atTheEdge.back().text, "here");
    EXPECT_LT(atTheEdge.back().label.right(), 998);
    EXPECT_GT(atTheEdge.back().label.left(), atTheEdge.front().x) << "clear of the flag before it";
    const QRect text(960, 0, 30, 20);
    EXPECT_GT(clearOfMarks(canvas, text, atTheEdge).left(), 998) << "nothing is written over the name";
}

TEST(Marks, AreNotNamedWhereTheNameWouldHideWhatTheirThreadRan)
{
    samples::VariantMaker maker("x", "", 1);
    const auto brief = maker.thread("brief", 1);
    const auto busy = maker.thread("busy", 2);
    maker.run(brief, 0, 0, 20 * kMillisecond);
    maker.exit(brief, 20 * kMillisecond);
    maker.run(busy, 20 * kMillisecond, 0, 1000 * kMillisecond);
    maker.timeline().markNames[1] = "begins";
    maker.timeline().marks = {{samples::kStart, brief, 1, 0}, {samples::kStart + 20 * kMillisecond, busy, 1, 0}};
    const auto variant = maker.finish(1000 * kMillisecond);
    const Canvas canvas = canvasWithout(nullptr);
    const TimeScale scale{0, 1e9, 0, 1000};
    const auto of = [&](std::uint32_t thread) {
        return planMarks(canvas, QRect(0, 0, 1000, 30), variant->timeline, std::array{thread}, scale).front().text;
    };
    EXPECT_EQ(of(brief), "") << "20 pixels, less than the name has";
    EXPECT_EQ(of(busy), "begins");
}

TEST(Marks, AreInTheLegendOnlyWhereARowShowsOne)
{
    const auto variant = killedChild();
    const std::vector<std::uint32_t> main{0};
    const std::vector<std::uint32_t> child{1};
    const Nanos origin = originOf(variant->timeline);
    EXPECT_TRUE(marksWithin(variant->timeline, main, {origin, origin + 10'000'000}));
    EXPECT_FALSE(marksWithin(variant->timeline, child, {origin, origin + 10'000'000}));
    EXPECT_FALSE(marksWithin(variant->timeline, main, {origin + 7'000'000, origin + 10'000'000}));
}

TEST(Marks, AreFoundUnderTheCursorAndSayTheirValue)
{
    const auto variant = killedChild();
    const Timeline& timeline = variant->timeline;
    EXPECT_EQ(markNear(timeline, 0, 6'000'050, 100), 2U);
    EXPECT_EQ(markNear(timeline, 0, 6'000'150, 100), std::nullopt);
    EXPECT_EQ(markNear(timeline, 1, 6'000'000, 100), std::nullopt) << "another thread set it";
    EXPECT_EQ(describeMark(timeline, timeline.marks[2]), "Mark “here” at 6 ms");
    EXPECT_TRUE(describeMark(timeline, timeline.marks[1]).endsWith(": 5"));
}

TEST(ProcessSigns, TellBirthExitReapingAndTheSignal)
{
    const auto variant = killedChild();
    const auto lives = processLives(variant->timeline);
    const ProcessSigns signs = processSigns(variant->timeline, lives[1], {0, 10'000'000, 0, 1000});
    EXPECT_EQ(signs.born, 100);
    EXPECT_EQ(signs.exited, 500);
    EXPECT_EQ(signs.reaped, 700);
    EXPECT_EQ(signs.end, "SIGKILL");
    EXPECT_TRUE(signs.killed);
    const ProcessSigns root = processSigns(variant->timeline, lives[0], {0, 10'000'000, 0, 1000});
    EXPECT_EQ(root.born, std::nullopt) << "it is nobody's child";
    EXPECT_EQ(root.end, "") << "it was not seen to end";
    EXPECT_TRUE(describeProcess(variant->timeline, lives[1]).lines.contains("killed by SIGKILL at 5 ms"));
}

TEST(PanelLists, HaveEachMarkAndEachBadEndWithWhereItWas)
{
    const auto model = samples::modelWith("", killedChild());
    const std::vector<Finding> marks = markList(*model);
    ASSERT_EQ(marks.size(), 3U);
    EXPECT_EQ(marks[2].text, "6 ms  here, by main");
    EXPECT_EQ(marks[2].where, (TimeRange{5'500'000, 6'500'000}));
    const std::vector<Finding> ends = processEnds(*model);
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_EQ(ends[0].text, "child was killed by SIGKILL at 5 ms.");
    EXPECT_TRUE(ends[0].where->contains(5'000'000));
}

} // namespace
} // namespace timeslice::plot_memory_and_marks_test
