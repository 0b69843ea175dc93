#include "tests/ui/sample_runs.h"
#include "ui/plot/timeline_geometry.h"
#include "ui/plot/timeline_painter.h"
#include "ui/plot/variant_heading.h"
#include "ui/result/picture_of.h"

#include <QStringList>
#include <algorithm>
#include <gtest/gtest.h>

namespace timeslice::plot_geometry_test {
namespace {

LayoutRequest requestOf(int width, int height, double em = 14)
{
    LayoutRequest request;
    request.size = QSize(width, height);
    request.em = em;
    request.textWidth = [em](const QString& text, bool) {
        return static_cast<int>(static_cast<double>(text.size()) * em * 0.6);
    };
    return request;
}

std::vector<RowContent> rowsOf(const RunModel& model)
{
    return describeRows(pictureOf(model).variants, {});
}

class Geometry : public ::testing::Test {
protected:
    std::unique_ptr<RunModel> m_two =
        samples::modelWith("1.00×", samples::gilVariant(100 * kMillisecond, {"Thread 1", "Thread 2"}),
            samples::processVariant(52 * kMillisecond, 56 * kMillisecond));
};

TEST_F(Geometry, aVariantHasHeadingCoresThreadsLocksAndUtilizationInThisOrder)
{
    const auto rows = rowsOf(*m_two);
    const RowKind expected[] = {RowKind::Heading, RowKind::Core, RowKind::Core, RowKind::Thread, RowKind::Thread,
        RowKind::Lock, RowKind::Cpu, RowKind::Heading};
    ASSERT_GE(rows.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        EXPECT_EQ(rows[i].kind, expected[i]) << i;
    }
    EXPECT_EQ(rows[0].label, "Two threads");
    EXPECT_EQ(rows[1].label, "Core 0");
    EXPECT_EQ(rows[5].label, "GIL");
}

TEST_F(Geometry, auxiliaryThreadsAppearOnlyWhenAskedFor)
{
    samples::VariantMaker maker("One", "", 1);
    maker.run(maker.thread("Worker", 1), 0, 0, kMillisecond);
    maker.timeline().threads[maker.thread("main", kOtherSlot)].auxiliary = true;
    const auto model = samples::modelWith("", maker.finish(kMillisecond));
    const auto count = [&](bool auxiliary) {
        RowOptions options;
        options.auxiliary = auxiliary;
        const auto rows = describeRows(pictureOf(*model).variants, options);
        return std::count_if(
            rows.begin(), rows.end(), [](const RowContent& row) { return row.kind == RowKind::Thread; });
    };
    EXPECT_EQ(count(false), 1);
    EXPECT_EQ(count(true), 2);
}

TEST_F(Geometry, rowsOfOneProcessStandTogetherAndLocksFollowInTheOrderOfTheProcesses)
{
    samples::VariantMaker maker("Processes", "", 2);
    for (const Pid pid : {501, 502, 501, 502}) {
        const auto number = std::to_string(maker.timeline().threads.size());
        maker.timeline().threads[maker.thread("Worker " + number, 1)].pid = pid;
    }
    for (const Pid pid : {502, 501}) { // the second process is the first to take its lock
        maker.timeline().locks[maker.lock("GIL", ObjectKind::Gil)].pid = pid;
    }
    const auto model = samples::modelWith("", maker.finish(kMillisecond));
    QStringList labels;
    for (const RowContent& row : rowsOf(*model)) {
        if (row.kind == RowKind::Thread || row.kind == RowKind::Lock) {
            labels << row.label;
        }
    }
    EXPECT_EQ(
        labels, (QStringList{"Worker 0", "Worker 2", "Worker 1", "Worker 3", "GIL of Process 1", "GIL of Process 2"}));
    const TimelineLayout layout = layoutRows(rowsOf(*model), requestOf(1200, 4000));
    std::vector<int> gaps;
    for (std::size_t i = 1; i < layout.rows.size(); ++i) {
        if (layout.rows[i].content.kind == RowKind::Thread && layout.rows[i - 1].content.kind == RowKind::Thread) {
            gaps.push_back(layout.rows[i].top - layout.rows[i - 1].bottom());
        }
    }
    ASSERT_EQ(gaps.size(), 3U);
    EXPECT_EQ(gaps[0], gaps[2]);
    EXPECT_GT(gaps[1], gaps[0]) << "a process is set off from the next";
}

TEST_F(Geometry, aGilThatCannotBeSeenHasASentenceInItsPlace)
{
    samples::VariantMaker maker("PyPy", "", 2);
    maker.run(maker.thread("MainThread", 1), 0, 0, kMillisecond);
    maker.timeline().gilNote = "PyPy has a GIL of its own, which cannot be observed from outside.";
    const auto model = samples::modelWith("", maker.finish(kMillisecond));
    const std::vector<RowContent> rows = rowsOf(*model);
    const auto note =
        std::find_if(rows.begin(), rows.end(), [](const RowContent& row) { return row.kind == RowKind::Note; });
    ASSERT_NE(note, rows.end());
    EXPECT_EQ(note->label, "GIL");
    EXPECT_TRUE(note->note.startsWith("PyPy has a GIL"));
    EXPECT_EQ((note - 1)->kind, RowKind::Thread);
    // A narrow lane gives it more lines.
    const auto heightAt = [&](int width) {
        for (const Row& row : layoutRows(rows, requestOf(width, 600)).rows) {
            if (row.content.kind == RowKind::Note) {
                return row.height;
            }
        }
        return 0;
    };
    EXPECT_GT(heightAt(420), heightAt(1600));
}

TEST_F(Geometry, aVariantThatCannotRunHereHasItsNameAndTheReason)
{
    Scenario scenario;
    scenario.variants.push_back({});
    scenario.variants.back().title = "PyPy";
    RunModel model(scenario);
    VariantEnded ended;
    ended.facts.exit = {Exit::Kind::NotRun, 0, "PyPy is not installed (Debian's package: pypy3)"};
    std::vector<RunUpdate> updates;
    updates.push_back(std::move(ended));
    model.apply(std::move(updates));
    const std::vector<RowContent> rows = rowsOf(model);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].kind, RowKind::Heading);
    EXPECT_EQ(rows[0].label, "PyPy");
    EXPECT_EQ(rows[1].kind, RowKind::Note);
    EXPECT_EQ(rows[1].note, "PyPy is not installed (Debian's package: pypy3)");
    EXPECT_EQ(headingResult(pictureOf(model).variants[0]).text, "not run");
    EXPECT_FALSE(headingResult(pictureOf(model).variants[0]).bad);
}

TEST_F(Geometry, rowsNeverOverlapAndNeverTurnBack)
{
    for (const int height : {200, 480, 720, 1080, 4000}) {
        const TimelineLayout layout = layoutRows(rowsOf(*m_two), requestOf(1200, height));
        for (std::size_t i = 1; i < layout.rows.size(); ++i) {
            EXPECT_GE(layout.rows[i].top, layout.rows[i - 1].bottom()) << height;
        }
        EXPECT_EQ(layout.contentHeight, layout.rows.back().bottom());
        EXPECT_EQ(layout.dividers.size(), 1U);
    }
}

TEST_F(Geometry, rowsGrowWithTheRoomBetweenTheirBounds)
{
    const int small = layoutRows(rowsOf(*m_two), requestOf(1200, 100)).rowHeight;
    const int middle = layoutRows(rowsOf(*m_two), requestOf(1200, 640)).rowHeight;
    const int large = layoutRows(rowsOf(*m_two), requestOf(1200, 5000)).rowHeight;
    EXPECT_LT(small, middle);
    EXPECT_LT(middle, large);
    EXPECT_EQ(small, static_cast<int>(std::lround(1.25 * 14)));
    EXPECT_EQ(large, static_cast<int>(std::lround(2.2 * 14)));
    EXPECT_TRUE(layoutRows(rowsOf(*m_two), requestOf(1200, 640)).fits(640));
    EXPECT_FALSE(layoutRows(rowsOf(*m_two), requestOf(1200, 100)).fits(100));
}

TEST_F(Geometry, theLabelColumnTakesWhatNamesNeedButLeavesTheLanesMostOfTheWidth)
{
    const auto longNames = samples::modelWith("", samples::gilVariant(kMillisecond, {std::string(200, 'x'), "b"}));
    const TimelineLayout narrow = layoutRows(rowsOf(*m_two), requestOf(1200, 700));
    const TimelineLayout wide = layoutRows(rowsOf(*longNames), requestOf(1200, 700));
    EXPECT_GT(wide.labelWidth(), narrow.labelWidth());
    EXPECT_GE(narrow.labelWidth(), static_cast<int>(8 * 14 * 0.6)); // "Thread 1"
    for (const int width : {240, 320, 640, 1200, 4000}) {
        const TimelineLayout layout = layoutRows(rowsOf(*longNames), requestOf(width, 700));
        EXPECT_GT(layout.laneWidth(), width / 2) << width;
        EXPECT_LT(layout.laneRight, width);
    }
}

TEST_F(Geometry, aRowIsFoundFromItsFirstPixelToItsLastAndNotInTheGap)
{
    const TimelineLayout layout = layoutRows(rowsOf(*m_two), requestOf(1200, 800));
    for (std::size_t i = 0; i < layout.rows.size(); ++i) {
        EXPECT_EQ(rowAt(layout, layout.rows[i].top), i);
        EXPECT_EQ(rowAt(layout, layout.rows[i].bottom() - 1), i);
        if (i + 1 < layout.rows.size() && layout.rows[i + 1].top > layout.rows[i].bottom()) {
            EXPECT_EQ(rowAt(layout, layout.rows[i].bottom()), std::nullopt);
        }
    }
    EXPECT_EQ(rowAt(layout, -1), std::nullopt);
    EXPECT_EQ(rowAt(layout, layout.contentHeight), std::nullopt);
}

TEST(TimeScaleTest, pixelAndTimeAreEachOthersInverse)
{
    const TimeScale scale{-3e6, 97e6, 120, 1120};
    for (const double time : {-3e6, 0.0, 12345.678, 97e6}) {
        EXPECT_NEAR(pixelToTime(scale, timeToPixel(scale, time)), time, 1e-3);
    }
    EXPECT_DOUBLE_EQ(timeToPixel(scale, -3e6), 120);
    EXPECT_DOUBLE_EQ(timeToPixel(scale, 97e6), 1120);
}

TEST(TimeScaleTest, zoomingKeepsTheMomentUnderTheCursor)
{
    TimeScale scale{0, 1e9, 100, 1100};
    for (const double pixel : {100.0, 433.0, 1100.0}) {
        const double time = pixelToTime(scale, pixel);
        const TimeScale closer = zoomed(scale, 0.5, time, {0, 1e9});
        EXPECT_NEAR(timeToPixel(closer, time), pixel, 1e-6);
        EXPECT_NEAR(closer.end - closer.begin, 0.5e9, 1);
    }
    for (int i = 0; i < 200; ++i) {
        scale = zoomed(scale, 0.8, 0.4e9, {0, 1e9});
    }
    EXPECT_NEAR(scale.end - scale.begin, kMinVisible, 1e-3);
    EXPECT_NEAR(timeToPixel(scale, 0.4e9), 500, 1e-3); // exact to the last step
}

TEST(TimeScaleTest, theRunNeverLeavesTheSight)
{
    const TimeScale scale{0, 1e6, 0, 1000};
    for (const double pixels : {-1e7, -500.0, 500.0, 1e7}) {
        const TimeScale moved = panned(scale, pixels, {0, 1e9});
        EXPECT_NEAR(moved.end - moved.begin, 1e6, 1e-3);
        EXPECT_LT(moved.begin, 1e9);
        EXPECT_GT(moved.end, 0);
    }
    const TimeScale out = zoomed(scale, 1e9, 0, {0, 1e9});
    EXPECT_LE(out.end - out.begin, 1.1e9 + 1);
}

TEST(GrowingLength, doublesWhenTheRunHasFilledItAndNeverElse)
{
    Nanos last = growingLength(0);
    EXPECT_EQ(last, kFirstLength);
    for (Nanos length = 0; length < 100 * kSecond; length += 7 * kMillisecond) {
        const Nanos shown = growingLength(length);
        ASSERT_GE(shown, length);
        if (shown != last) {
            ASSERT_GT(length, last);
            ASSERT_EQ(shown, 2 * last);
        }
        last = shown;
    }
    EXPECT_GE(growingLength(2 * kLatestTime), 2 * kLatestTime);
}

} // namespace
} // namespace timeslice::plot_geometry_test
