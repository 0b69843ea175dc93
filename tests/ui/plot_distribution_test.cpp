// Distributions: what is counted, where it stands on the axis, what the sentence says.
#include "tests/ui/sample_runs.h"
#include "ui/plot/distribution.h"
#include "ui/plot/distribution_view.h"
#include "ui/result/picture_of.h"

#include <QApplication>
#include <QPainter>
#include <gtest/gtest.h>

namespace timeslice::plot_distribution_test {
namespace {

/// A variant whose wake-ups came late by these.
std::unique_ptr<VariantRecording> ticker(const std::string& title, const std::vector<Nanos>& delays)
{
    samples::VariantMaker maker(title, "", 2);
    const auto thread = maker.thread("Ticker", 1);
    maker.run(thread, 0, 0, kSecond);
    Nanos at = samples::kStart;
    for (const Nanos delay : delays) {
        at += kMillisecond;
        maker.timeline().latencies.push_back({at, thread, delay});
    }
    return maker.finish(kSecond);
}

std::unique_ptr<RunModel> modelOf(const std::string& view, std::vector<std::unique_ptr<VariantRecording>> variants)
{
    nlohmann::json scenario = {{"id", "sample"}, {"chapter", "gil"}, {"order", 1}, {"title", "Sample"},
        {"question", "How late?"}, {"engine", "native"}, {"view", view}, {"predictions", nlohmann::json::array()},
        {"variants", nlohmann::json::array()}, {"why", {"Because."}},
        {"verdict",
            {{"text", "It is late."}, {"metric", {{"variant", "v0"}, {"value", "/wall_s"}}}, {"band", {0, 1000}},
                {"format", "{:.1f}"}, {"caption", "s"}, {"holds", "Yes."}, {"fails", "No."}}}};
    Recording recording;
    for (auto& variant : variants) {
        variant->id = "v" + std::to_string(recording.variants.size());
        variant->timeline.events = 1; // it has run
        scenario["variants"].push_back({{"id", variant->id}, {"title", variant->title},
            {"workload", {{"tasks", {{"Thread", {{"do", nlohmann::json::array({{{"run", "1ms"}}})}}}}}}}});
        recording.variants.push_back(std::move(variant));
    }
    recording.scenarioJson = scenario.dump();
    auto model = RunModel::fromRecording(std::move(recording));
    EXPECT_TRUE(model) << (model ? std::string() : model.error().message);
    return model ? std::move(*model) : nullptr;
}

std::unique_ptr<RunModel> tickers(std::vector<std::vector<Nanos>> delays)
{
    std::vector<std::unique_ptr<VariantRecording>> variants;
    for (std::size_t i = 0; i < delays.size(); ++i) {
        variants.push_back(ticker(std::to_string(i) + " hogs", delays[i]));
    }
    return modelOf("latency", std::move(variants));
}

Canvas canvasOf(QPainter* painter = nullptr)
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = &Theme::light();
    canvas.font = QApplication::font();
    canvas.font.setPixelSize(14);
    return canvas;
}

TEST(DistributionTest, countsEveryVariantThatHasSamplesOnOneAxisOfWholePowersOfTen)
{
    const auto model = tickers({{80'000, 90'000, 120'000}, {}, {5'000'000, 5'200'000, 46'000'000}});
    const Distribution distribution = distributionOf(*model);
    ASSERT_EQ(distribution.series.size(), 2U);
    EXPECT_EQ(distribution.series[0].count, 3U);
    EXPECT_DOUBLE_EQ(distribution.series[0].median, 0.09);
    EXPECT_EQ(distribution.series[1].variant, 2U);
    EXPECT_DOUBLE_EQ(distribution.series[1].p95, 46);
    EXPECT_DOUBLE_EQ(distribution.low, 0.01);
    EXPECT_DOUBLE_EQ(distribution.high, 100);
}

TEST(DistributionTest, isThereOnlyWhereTheScenarioAsksForOne)
{
    EXPECT_TRUE(distributionOf(*modelOf("timeline",
                                   [] {
                                       std::vector<std::unique_ptr<VariantRecording>> one;
                                       one.push_back(ticker("One", {1000}));
                                       return one;
                                   }()))
                    .empty());
    EXPECT_TRUE(distributionOf(*samples::modelWith("", ticker("One", {1000}))).empty()) << "no scenario at all";
    EXPECT_TRUE(distributionOf(*tickers({{}, {}})).empty()) << "nothing was counted";
}

TEST(DistributionTest, statesTheDifference)
{
    const auto model = tickers({{80'000, 90'000, 120'000}, {5'000'000, 5'200'000, 46'000'000}});
    const QString sentence = distributionOf(*model).difference;
    for (const QString& part : {QString::fromUtf8("90 µs"), QString("5.2 ms"), QString("46 ms"), QString("1 hogs")}) {
        EXPECT_TRUE(sentence.contains(part)) << sentence.toStdString();
    }
}

TEST(DistributionTest, comparesHoldsByTheirMedians)
{
    std::vector<std::unique_ptr<VariantRecording>> variants;
    variants.push_back(samples::gilVariant(200 * kMillisecond, {"Thread 1", "Thread 2"}, "Real"));
    variants.push_back(samples::gilVariant(200 * kMillisecond, {"Thread 1", "Thread 2"}, "Model"));
    const Distribution same = distributionOf(*modelOf("holds", std::move(variants)));
    ASSERT_EQ(same.series.size(), 2U);
    EXPECT_TRUE(same.difference.contains("the same")) << same.difference.toStdString();
    EXPECT_EQ(layOutDistribution(canvasOf(), {0, 0, 800, 400}, same).lanes.size(), 2U) << "none hides another";
}

TEST(DistributionTest, lanesStandUnderEachOtherWithinTheirRoomOnOneScale)
{
    const auto model = tickers({{80'000}, {5'000'000}, {9'000'000}, {46'000'000}});
    const Distribution distribution = distributionOf(*model);
    const QRect room(20, 30, 900, 500);
    const DistributionLayout layout = layOutDistribution(canvasOf(), room, distribution);
    ASSERT_EQ(layout.lanes.size(), 4U);
    int below = layout.title.bottom();
    for (const DistributionLayout::Lane& lane : layout.lanes) {
        EXPECT_GT(lane.plot.top(), below);
        EXPECT_EQ(lane.plot.left(), layout.left);
        EXPECT_TRUE(room.contains(lane.plot));
        EXPECT_LT(lane.label.right(), lane.plot.left());
        below = lane.plot.bottom();
    }
    EXPECT_LE(below, layout.axisTop);
    EXPECT_DOUBLE_EQ(millisToPixel(distribution, layout, distribution.low), layout.left);
    EXPECT_DOUBLE_EQ(millisToPixel(distribution, layout, distribution.high), layout.right);
    for (const double millis : {0.1, 1.0, 33.0}) {
        const double pixel = millisToPixel(distribution, layout, millis);
        EXPECT_NEAR(pixelToMillis(distribution, layout, pixel), millis, millis * 1e-9);
    }
}

TEST(DistributionTest, isOfOneScaleWhereEachLaneCanBeReadOnIt)
{
    const auto layoutOf = [](std::size_t second) {
        const auto model = tickers({std::vector<Nanos>(20, 80'000), std::vector<Nanos>(second, 5'000'000)});
        return layOutDistribution(canvasOf(), {0, 0, 800, 400}, distributionOf(*model));
    };
    const DistributionLayout alike = layoutOf(8);
    EXPECT_TRUE(alike.oneScale);
    EXPECT_DOUBLE_EQ(alike.lanes[0].top, alike.lanes[1].top);
    const DistributionLayout apart = layoutOf(2);
    EXPECT_FALSE(apart.oneScale) << "two of twenty would be a line";
    EXPECT_DOUBLE_EQ(apart.lanes[0].top, 10 * apart.lanes[1].top);
}

TEST(DistributionTest, paintsEachVariantAtItsTimeAndNowhereElse)
{
    const auto model = tickers({{200'000, 210'000, 205'000}, {20'000'000, 21'000'000}, {20'000'000}});
    const Distribution distribution = distributionOf(*model);
    QImage image(900, 500, QImage::Format_RGB32);
    image.fill(Theme::light().window);
    QPainter painter(&image);
    const Canvas canvas = canvasOf(&painter);
    paintDistribution(canvas, image.rect(), distribution);
    painter.end();
    const DistributionLayout layout = layOutDistribution(canvas, image.rect(), distribution);
    const auto inked = [&](std::size_t lane, double from, double to) {
        const QRgb fill = mix(Theme::light().lane, Theme::light().accent, 0.75).rgb();
        const QRect plot = layout.lanes[lane].plot;
        int count = 0;
        for (int x = static_cast<int>(millisToPixel(distribution, layout, from));
             x < static_cast<int>(millisToPixel(distribution, layout, to)); ++x) {
            for (int y = plot.top(); y <= plot.bottom(); ++y) {
                count += image.pixel(x, y) == fill ? 1 : 0;
            }
        }
        return count;
    };
    EXPECT_GT(inked(0, 0.17, 0.25), 100);
    EXPECT_EQ(inked(0, 1, 99), 0);
    EXPECT_GT(inked(1, 17, 25), 100);
    EXPECT_EQ(inked(1, 0.1, 9), 0);
}

TEST(DistributionTest, theViewShowsWhatItIsGivenAndNothingWithoutARun)
{
    const auto model = tickers({{80'000}, {5'000'000}});
    DistributionView view;
    view.resize(800, 400);
    view.setDistribution(distributionOf(*model));
    EXPECT_EQ(view.distribution().series.size(), 2U);
    view.setDistribution(std::nullopt);
    EXPECT_TRUE(view.distribution().empty());
    EXPECT_FALSE(view.grab().isNull());
}

} // namespace
} // namespace timeslice::plot_distribution_test
