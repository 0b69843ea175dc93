#include "core/trace/core_others.h"
#include "tests/ui/sample_runs.h"
#include "ui/plot/cpu_painter.h"
#include "ui/plot/row_plan.h"
#include "ui/plot/track_painter.h"

#include <QImage>
#include <QPainter>
#include <gtest/gtest.h>
#include <random>

namespace timeslice::plot_painter_test {
namespace {

constexpr int kWidth = 800;
constexpr int kHeight = 40;

TimeScale scaleOf(Nanos length)
{
    return {0, static_cast<double>(length), 0, kWidth};
}

/// A thread's track as it is painted into a lane of its own.
QImage paintThread(const Track& track, Nanos length, const Theme& theme, std::uint8_t slot)
{
    QImage image(kWidth, kHeight, QImage::Format_RGB32);
    QPainter painter(&image);
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &theme;
    TrackPainter tracks(canvas);
    RowPlan plan;
    planRow(track, scaleOf(length), samples::kStart, 3, plan);
    tracks.paintLane(image.rect());
    tracks.paintThread(image.rect(), plan, slot);
    return image;
}

double shareOf(const QImage& image, const QColor& color)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            count += image.pixel(x, y) == color.rgb() ? 1 : 0;
        }
    }
    return static_cast<double>(count) / (image.width() * image.height());
}

Track alternating(std::size_t slices, Nanos length, double running)
{
    Track track;
    const double period = 2.0 * static_cast<double>(length) / static_cast<double>(slices);
    for (std::size_t i = 0; i < slices / 2; ++i) {
        const Nanos at = samples::kStart + static_cast<Nanos>(static_cast<double>(i) * period);
        track.append(at, {SliceState::Running, Cause::SwitchedIn, 0, 1});
        track.append(at + static_cast<Nanos>(period * running), {SliceState::Blocked, Cause::Blocked, 0, 3});
    }
    track.extendTo(samples::kStart + length);
    return track;
}

TEST(Painter, aThreadThatRunsHalfOfTheTimeLooksHalfFullAtAnyZoom)
{
    const Theme& theme = Theme::dark(); // no outline around green on dark
    for (const std::size_t slices : {100U, 500U, 1000U, 1600U, 3000U, 20'000U, 400'000U}) {
        const Track track = alternating(slices, kSecond, 0.5);
        const QImage image = paintThread(track, kSecond, theme, 3);
        EXPECT_NEAR(shareOf(image, theme.threadColor(3)), 0.5, 0.06) << slices;
    }
}

TEST(Painter, aDenseRowShowsTheShareAsItsHeightInEveryColumn)
{
    const Theme& theme = Theme::dark();
    for (const double share : {0.1, 0.25, 0.5, 0.9}) {
        const QImage image = paintThread(alternating(100'000, kSecond, share), kSecond, theme, 3);
        for (int x = 20; x < kWidth - 20; x += 7) {
            int filled = 0;
            for (int y = 0; y < kHeight; ++y) {
                filled += image.pixel(x, y) == theme.threadColor(3).rgb() ? 1 : 0;
            }
            EXPECT_NEAR(filled, share * kHeight, 1.01) << share << " at " << x;
        }
    }
}

TEST(Painter, slicesOfAboutAPixelDoNotBeatAgainstTheGrid)
{
    const Theme& theme = Theme::dark();
    // 1.02 px a slice: without care the columns swing between empty and full.
    const QImage image = paintThread(alternating(784, kSecond, 0.5), kSecond, theme, 3);
    for (int x = 20; x < kWidth - 20; ++x) {
        int filled = 0;
        for (int y = 0; y < kHeight; ++y) {
            filled += image.pixel(x, y) == theme.threadColor(3).rgb() ? 1 : 0;
        }
        EXPECT_NEAR(filled, kHeight / 2, kHeight * 0.15) << x;
    }
}

TEST(Painter, slicesOfTwoPixelsAreSeenToTakeTurns)
{
    const Theme& theme = Theme::dark();
    const QImage image = paintThread(alternating(kWidth / 2, kSecond, 0.5), kSecond, theme, 3); // 2 px, on the grid
    for (int x = 20; x < kWidth - 20; ++x) {
        int filled = 0;
        for (int y = 0; y < kHeight; ++y) {
            filled += image.pixel(x, y) == theme.threadColor(3).rgb() ? 1 : 0;
        }
        EXPECT_TRUE(filled == 0 || filled == kHeight) << x << ": " << filled;
    }
    EXPECT_NEAR(shareOf(image, theme.threadColor(3)), 0.5, 0.02);
}

TEST(RowPlanTest, aDenseStretchComesInStepsOfOneHeight)
{
    // Slices of a third of a pixel, of which ever more are those of a thread that runs.
    Track track;
    for (int i = 0; i < 3 * kWidth; ++i) {
        const auto state = i % 7 < 1 + 5 * i / (3 * kWidth) ? SliceState::Running : SliceState::Blocked;
        track.append(
            samples::kStart + i * kSecond / (3 * kWidth), {state, Cause::Unknown, 0, static_cast<std::uint8_t>(state)});
    }
    track.extendTo(samples::kStart + kSecond);
    RowPlan plan;
    planRow(track, scaleOf(kSecond), samples::kStart, 3, plan);
    ASSERT_EQ(plan.columns.size(), static_cast<std::size_t>(kWidth));
    std::size_t changes = 0;
    for (std::size_t i = 1; i < plan.columns.size(); ++i) {
        if (plan.columns[i].shares != plan.columns[i - 1].shares) {
            EXPECT_EQ(i % 6, 0U) << "two bars' least width";
            ++changes;
        }
    }
    EXPECT_GT(changes, 20U);
}

TEST(Painter, aShortRunBetweenLongWaitsIsSeen)
{
    const Theme& theme = Theme::dark();
    for (int shift = 0; shift < 10; ++shift) { // wherever it falls within a pixel
        Track track;
        track.append(samples::kStart, {SliceState::Blocked, Cause::Blocked, 0, 3});
        const Nanos at = samples::kStart + kSecond / 2 + shift * kSecond / kWidth / 10;
        track.append(at, {SliceState::Running, Cause::SwitchedIn, 0, 1});
        track.append(at + 1000, {SliceState::Blocked, Cause::Blocked, 0, 3});
        track.extendTo(samples::kStart + kSecond);
        EXPECT_GT(shareOf(paintThread(track, kSecond, theme, 3), theme.threadColor(3)), 0) << shift;
    }
}

TEST(Painter, statesDifferByFillAndNotByHueAlone)
{
    const Theme& theme = Theme::light();
    const auto filled = [&](SliceState state) {
        Track track;
        track.append(samples::kStart, {state, Cause::Unknown, 0, static_cast<std::uint8_t>(state)});
        track.extendTo(samples::kStart + kSecond);
        return 1 - shareOf(paintThread(track, kSecond, theme, 1), theme.lane);
    };
    const double running = filled(SliceState::Running);
    const double waiting = filled(SliceState::WaitingForLock);
    const double runnable = filled(SliceState::Runnable);
    const double blocked = filled(SliceState::Blocked);
    const double absent = filled(SliceState::Absent);
    EXPECT_GT(running, 0.95);
    EXPECT_GT(waiting, 0.15); // hatched
    EXPECT_LT(waiting, 0.6);
    EXPECT_LT(runnable, 0.15); // an outline
    EXPECT_GT(runnable, 0.02);
    EXPECT_LT(blocked, 0.06); // a line
    EXPECT_GT(blocked, 0.01);
    EXPECT_EQ(absent, 0);
}

TEST(RowPlanTest, barsAndColumnsNeverOverlapOnRandomTracks)
{
    std::mt19937_64 random(11);
    for (int round = 0; round < 40; ++round) {
        Track track;
        Nanos t = samples::kStart;
        std::exponential_distribution<double> length(1.0 / std::pow(10.0, 3 + round % 5));
        for (int i = 0; i < 5000 && t < samples::kStart + kSecond; ++i) {
            const auto state = static_cast<SliceState>(random() % 5);
            track.append(
                t, {state, Cause::Unknown, static_cast<std::uint32_t>(random() % 3), static_cast<std::uint8_t>(state)});
            t += 1 + static_cast<Nanos>(length(random));
        }
        track.extendTo(t);
        const double whole = static_cast<double>(t - samples::kStart);
        for (const double part : {1.0, 0.1, 0.001}) {
            const TimeScale scale{whole * (1 - part) / 2, whole * (1 + part) / 2, 10, 10 + kWidth};
            RowPlan plan;
            planRow(track, scale, samples::kStart, 3, plan);
            std::vector<int> used(kWidth + 20, 0);
            for (const Bar& bar : plan.bars) {
                ASSERT_LT(bar.x0, bar.x1);
                ASSERT_GE(bar.x0, scale.left);
                ASSERT_LE(bar.x1, scale.right);
                for (int x = bar.x0; x < bar.x1; ++x) {
                    ASSERT_EQ(used[static_cast<std::size_t>(x)]++, 0) << x;
                }
            }
            for (const Column& column : plan.columns) {
                ASSERT_GE(column.x, scale.left);
                ASSERT_LT(column.x, scale.right);
                ASSERT_EQ(used[static_cast<std::size_t>(column.x)]++, 0) << column.x;
                Nanos sum = 0;
                for (const Nanos share : column.shares) {
                    ASSERT_GE(share, 0);
                    sum += share;
                }
                ASSERT_LE(sum, column.length);
            }
            ASSERT_EQ(plan.busy.size(), static_cast<std::size_t>(kWidth));
            for (int x = scale.left; x < scale.right; ++x) {
                const Shares exact =
                    track.shares({columnTime(scale, samples::kStart, x), columnTime(scale, samples::kStart, x + 1)});
                Nanos busy = 0;
                for (std::size_t category = 1; category < exact.size(); ++category) {
                    busy += exact[category];
                }
                ASSERT_EQ(plan.busy[static_cast<std::size_t>(x - scale.left)], busy) << x;
            }
        }
    }
}

TEST(RowPlanTest, theTinyGapBetweenTwoHoldsIsASeparatorAndNotAColumn)
{
    const auto variant = samples::gilVariant(100 * kMillisecond, {"a", "b"}); // 6 µs free between two holds
    RowPlan plan;
    planRow(variant->timeline.locks[0].track, scaleOf(100 * kMillisecond), samples::kStart, 3, plan);
    EXPECT_TRUE(plan.columns.empty());
    EXPECT_GE(plan.bars.size(), 18U);
}

/// A thread that runs on but for `gap` every 20 ms.
Track interrupted(Nanos gap, SliceState by)
{
    Track track;
    for (Nanos at = 0; at < kSecond; at += 20 * kMillisecond) {
        track.append(samples::kStart + at, {SliceState::Running, Cause::SwitchedIn, 0, 1});
        track.append(
            samples::kStart + at + 20 * kMillisecond - gap, {by, Cause::Unknown, 0, static_cast<std::uint8_t>(by)});
    }
    track.extendTo(samples::kStart + kSecond);
    return track;
}

TEST(Painter, whatRunsOnButForMicrosecondsIsNotCutInPieces)
{
    for (const Theme* theme : {&Theme::dark(), &Theme::light()}) {
        for (const std::uint8_t slot :
            {std::uint8_t{2}, std::uint8_t{3}}) { // with an outline on light, and without one
            const QColor fill = theme->threadColor(slot);
            const QImage image =
                paintThread(interrupted(5 * kMicrosecond, SliceState::Runnable), kSecond, *theme, slot);
            for (int x = 2; x < kWidth - 2; ++x) { // 5 µs of a pixel's 1250
                EXPECT_EQ(image.pixelColor(x, kHeight / 2), fill) << x;
                EXPECT_EQ(image.pixelColor(x, 2), fill) << x;
            }
        }
    }
}

TEST(Painter, aGapOfPartOfAPixelTakesThatPartOfItsColumn)
{
    const Theme& theme = Theme::dark();
    const Nanos pixel = kSecond / kWidth;
    const Nanos gap = pixel / 2;
    const QImage image = paintThread(interrupted(gap, SliceState::Blocked), kSecond, theme, 3);
    const double missing = 1 - shareOf(image, theme.threadColor(3));
    EXPECT_NEAR(missing, static_cast<double>(gap) / (20 * kMillisecond), 0.002);
    for (int x = 0; x < kWidth; ++x) {
        EXPECT_EQ(image.pixelColor(x, kHeight - 2), theme.threadColor(3)) << "no column is empty: " << x;
    }
}

TEST(Painter, aShortRunOfAnotherBetweenTwoOfTheSameIsSeenOnItsCore)
{
    const Theme& theme = Theme::dark();
    samples::VariantMaker maker("x", "", 1);
    const auto hog = maker.thread("Hog", 1);
    const auto sleeper = maker.thread("Sleeper", 3);
    maker.run(hog, 0, 0, 50 * kMillisecond);
    maker.run(sleeper, 50 * kMillisecond, 0, 50 * kMillisecond + 100 * kMicrosecond);
    maker.run(hog, 50 * kMillisecond + 100 * kMicrosecond, 0, 100 * kMillisecond);
    const auto variant = maker.finish(100 * kMillisecond);
    QImage image(kWidth, kHeight, QImage::Format_RGB32);
    QPainter painter(&image);
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &theme;
    TrackPainter tracks(canvas);
    RowPlan plan;
    planRow(variant->timeline.cores[0].track, scaleOf(100 * kMillisecond), samples::kStart, 3, plan);
    tracks.paintLane(image.rect());
    tracks.paintOwners(image.rect(), plan, variant->timeline, ThreadColors());
    const double pixels = shareOf(image, theme.threadColor(3)) * kWidth * kHeight;
    EXPECT_NEAR(pixels, 0.8 * kHeight, 2) << "100 µs are 0.8 of a pixel's width";
}

TEST(Painter, ownersWhoTakeTurnsWithinAPixelAreNeverSeenAtOnce)
{
    const Theme& theme = Theme::dark();
    samples::VariantMaker maker("x", "", 1);
    std::vector<std::uint32_t> threads{maker.thread("1", 1), maker.thread("2", 3)};
    const auto lock = maker.lock("L", ObjectKind::Mutex);
    for (int i = 0; i < 40'000; ++i) { // the second has it three times as long as the first
        maker.hold(lock, i * 2500 + (i % 2 == 0 ? 0 : -1250), threads[static_cast<std::size_t>(i % 2)]);
    }
    const auto variant = maker.finish(100 * kMillisecond);
    QImage image(kWidth, kHeight, QImage::Format_RGB32);
    QPainter painter(&image);
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &theme;
    TrackPainter tracks(canvas);
    RowPlan plan;
    planRow(variant->timeline.locks[0].track, scaleOf(100 * kMillisecond), samples::kStart, 3, plan);
    tracks.paintLane(image.rect());
    tracks.paintOwners(image.rect(), plan, variant->timeline, ThreadColors());
    for (int x = 1; x < kWidth - 1; ++x) {
        for (int y = 2; y < kHeight - 2; ++y) {
            ASSERT_EQ(image.pixel(x, y), image.pixel(x, kHeight / 2)) << x << ", " << y;
        }
    }
    const double one = shareOf(image, theme.threadColor(1));
    EXPECT_NEAR(one, 0.25, 0.03) << "as often as it has it";
    EXPECT_NEAR(shareOf(image, theme.threadColor(3)), 0.75, 0.03);
}

TEST(RowPlanTest, aStretchOfOneOwnersManyHoldsIsThatOnesUpToItsEnd)
{
    constexpr Nanos kTurn = 1700 * kMicrosecond; // 13.6 pixels: no multiple of a step
    samples::VariantMaker maker("x", "", 1);
    std::vector<std::uint32_t> threads{maker.thread("1", 1), maker.thread("2", 3)};
    const auto lock = maker.lock("L", ObjectKind::Mutex);
    for (int i = 0; i < 40'000; ++i) { // lets go and takes it again every 2.5 µs, until the other has the core
        const Nanos at = i * 2500;
        maker.hold(lock, at, threads[static_cast<std::size_t>(at / kTurn % 2)]);
        maker.free(lock, at + 2000);
    }
    const auto variant = maker.finish(100 * kMillisecond);
    RowPlan plan;
    const TimeScale scale = scaleOf(100 * kMillisecond);
    planRow(variant->timeline.locks[0].track, scale, samples::kStart, 3, plan);
    ASSERT_GT(plan.columns.size(), static_cast<std::size_t>(kWidth - 5));
    for (const Column& column : plan.columns) {
        ASSERT_TRUE(column.mean);
        const Nanos first = static_cast<Nanos>(pixelToTime(scale, column.x));
        const Nanos last = static_cast<Nanos>(pixelToTime(scale, column.x + 1)) - 1;
        if (first / kTurn == last / kTurn && last % kTurn > 3 * kMicrosecond) {
            EXPECT_EQ(column.owner, first / kTurn % 2 == 0 ? 1 : 3) << column.x;
        }
    }
}

TEST(CpuRow, addsUpTheCoresExactly)
{
    samples::VariantMaker maker("x", "", 2);
    const auto one = maker.thread("1", 1);
    const auto two = maker.thread("2", 2);
    maker.run(one, 0, 0, 100 * kMillisecond);
    maker.run(two, 50 * kMillisecond, 1, 100 * kMillisecond);
    const auto variant = maker.finish(200 * kMillisecond);
    const CpuColumns columns = cpuColumns(variant->timeline, scaleOf(250 * kMillisecond), 1);
    EXPECT_FLOAT_EQ(columns.own[kWidth / 10], 1); // 25 ms
    EXPECT_FLOAT_EQ(columns.own[3 * kWidth / 10], 2); // 75 ms
    EXPECT_FLOAT_EQ(columns.own[6 * kWidth / 10], 0); // 150 ms
    EXPECT_LT(columns.own[9 * kWidth / 10], 0); // 225 ms: not recorded
    EXPECT_FALSE(columns.anyForeign);
}

TEST(CpuRow, othersAreWhatIsBusyBeyondThisRun)
{
    samples::VariantMaker maker("x", "", 1);
    const auto one = maker.thread("1", 1);
    maker.run(one, 0, 0, 50 * kMillisecond);
    maker.timeline().cores[0].usage.push_back(
        {samples::kStart, samples::kStart + 100 * kMillisecond, 0, 0.8F, 0.1F, 0.1F});
    const auto variant = maker.finish(100 * kMillisecond);
    const CpuColumns columns = cpuColumns(variant->timeline, scaleOf(100 * kMillisecond), 1);
    EXPECT_TRUE(columns.anyForeign);
    EXPECT_NEAR(columns.others[10], 0.3, 1e-4);
    EXPECT_NEAR(columns.stolen[10], 0.1, 1e-4);
}

TEST(CpuRow, measuredOthersStandWhereTheyRanAndNotAllOverTheAccountsInterval)
{
    samples::VariantMaker maker("x", "", 1);
    const auto one = maker.thread("1", 1);
    maker.run(one, 0, 0, 50 * kMillisecond);
    CoreInfo& core = maker.timeline().cores[0];
    core.usage.push_back({samples::kStart, samples::kStart + 100 * kMillisecond, 0, 0.8F, 0.1F, 0.1F});
    core.others.append(samples::kStart, {SliceState::Absent, Cause::Unknown, 0, 0});
    core.others.append(
        samples::kStart + 60 * kMillisecond, {SliceState::Running, Cause::SwitchedIn, 0, kOtherPrograms});
    core.others.append(samples::kStart + 90 * kMillisecond, {SliceState::Absent, Cause::Unknown, 0, 0});
    core.others.extendTo(samples::kStart + 100 * kMillisecond);
    const auto variant = maker.finish(100 * kMillisecond);
    const CpuColumns columns = cpuColumns(variant->timeline, scaleOf(100 * kMillisecond), 1);
    EXPECT_TRUE(columns.anyForeign);
    EXPECT_NEAR(columns.others[kWidth / 10], 0, 1e-4);
    EXPECT_NEAR(columns.others[7 * kWidth / 10], 1, 1e-4);
    EXPECT_NEAR(columns.others[95 * kWidth / 100], 0, 1e-4);
    EXPECT_NEAR(columns.stolen[10], 0.1, 1e-4) << "only the accounts know of the host";
}

} // namespace
} // namespace timeslice::plot_painter_test
