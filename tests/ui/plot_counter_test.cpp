// The row of a counter: the ends of its scale, for what is counted up and for what goes up and down.
#include "tests/ui/sample_runs.h"
#include "ui/plot/counter_painter.h"

#include <QImage>
#include <QPainter>
#include <gtest/gtest.h>

namespace timeslice::plot_counter_test {
namespace {

constexpr int kWidth = 400;
constexpr Nanos kEnd = 1000;

/// The ends of the scale of a counter whose one thread stores these values, loading what is there before if it is asked
/// to.
std::optional<std::pair<double, double>> endsOf(const std::vector<std::int64_t>& stores, bool loads)
{
    Timeline timeline;
    timeline.end = kEnd;
    CounterInfo counter;
    std::int64_t now = 0;
    for (std::size_t i = 0; i < stores.size(); ++i) {
        const Nanos t = static_cast<Nanos>(i) * kEnd / static_cast<Nanos>(stores.size());
        if (loads) {
            counter.accesses.push_back({t, now, 0, false});
        }
        now = stores[i];
        counter.accesses.push_back({t, now, 0, true});
    }
    Canvas canvas;
    const TimeScale scale{0, kEnd, 0, kWidth};
    return counterEnds(canvas, QRect(0, 0, kWidth, 40), timeline, counter, scale);
}

std::vector<std::int64_t> repeated(std::vector<std::int64_t> values)
{
    std::vector<std::int64_t> many;
    for (int i = 0; i < 100; ++i) {
        many.insert(many.end(), values.begin(), values.end());
    }
    return many;
}

TEST(CounterRow, OfALevelReachesFromItsLowestToItsHighestValue)
{
    EXPECT_EQ(endsOf(repeated({100, 0, -100}), true), std::pair(-100.0, 100.0));
    EXPECT_EQ(endsOf(repeated({1, 2, 8, 3}), false), std::pair(0.0, 8.0));
}

/// Whether anything but the lane's colour stands in that row of pixels.
bool isDrawn(const QImage& image, int y, const QColor& lane)
{
    for (int x = 0; x < image.width(); ++x) {
        if (image.pixel(x, y) != lane.rgb()) {
            return true;
        }
    }
    return false;
}

TEST(CounterRow, OfALevelShowsPeaksThatAreShorterThanAPixel)
{
    Timeline timeline;
    timeline.end = kEnd * 1000;
    CounterInfo counter;
    for (int i = 0; i < 2000; ++i) { // a level of 50, and once for a moment 0
        const Nanos t = timeline.end * i / 2000;
        counter.accesses.push_back({t, i == 1001 ? 0 : i % 2 == 0 ? 50 : 60, 0, true});
    }
    QImage image(kWidth, 41, QImage::Format_RGB32);
    QPainter painter(&image);
    const Theme theme = Theme::light();
    Canvas canvas;
    canvas.painter = &painter;
    canvas.theme = &theme;
    paintCounter(canvas, image.rect(), timeline, counter, ThreadColors(), nullptr, 1,
        {0, static_cast<double>(timeline.end), 0, kWidth});
    EXPECT_TRUE(isDrawn(image, 35, theme.lane)) << "down to 0";
    EXPECT_TRUE(isDrawn(image, 8, theme.lane)) << "up to 50 and more";
}

TEST(CounterRow, OfALevelThatIsOnlySetIsACurveHoweverFewItsChangesAre)
{
    EXPECT_EQ(endsOf({2, 1, 0}, false), std::pair(0.0, 2.0)) << "a queue, of which the length matters";
    EXPECT_EQ(endsOf({2, 1, 0}, true), std::nullopt) << "loads and stores, each of which is shown";
}

TEST(CounterRow, OfWhatIsCountedUpHasRoomForEachUpdate)
{
    std::vector<std::int64_t> ones;
    for (std::int64_t i = 1; i <= 300; ++i) {
        ones.push_back(i);
    }
    EXPECT_EQ(endsOf(ones, true), std::pair(0.0, 300.0));
}

constexpr int kMargin = 70; // behind the lane
constexpr int kTall = 41;

/// A level over `kEnd` ms that stores these values at equal distances, painted without and with the value at its end.
struct Pictures {
    QImage line;
    QImage withEnd;
};
Pictures picturesOf(const std::vector<std::int64_t>& stores, bool finished = true, double shown = 1)
{
    Timeline timeline;
    timeline.end = kEnd * kMillisecond;
    timeline.finished = finished;
    CounterInfo counter;
    counter.name = "balance";
    for (std::size_t i = 0; i < stores.size(); ++i) {
        const Nanos t = static_cast<Nanos>(i) * timeline.end / static_cast<Nanos>(stores.size());
        counter.accesses.push_back({t, stores[i], 0, true});
    }
    const Theme& theme = Theme::light();
    const TimeScale scale{0, static_cast<double>(timeline.end) * shown, 0, kWidth};
    Pictures pictures;
    for (QImage* image : {&pictures.line, &pictures.withEnd}) {
        *image = QImage(kWidth + kMargin, kTall, QImage::Format_RGB32);
        image->fill(theme.window);
        QPainter painter(image);
        Canvas canvas;
        canvas.painter = &painter;
        canvas.theme = &theme;
        canvas.font.setPixelSize(14);
        const QRect lane(0, 0, kWidth, kTall);
        paintCounter(canvas, lane, timeline, counter, ThreadColors(), nullptr, 1, scale);
        if (image == &pictures.withEnd) {
            paintAboveCounter(canvas, lane, timeline, counter, ThreadColors(), nullptr, 1, scale);
        }
    }
    return pictures;
}

/// Pixels in which the two differ: within the lane, and behind it.
std::pair<int, int> endPixels(const Pictures& pictures)
{
    std::pair<int, int> pixels;
    for (int y = 0; y < pictures.line.height(); ++y) {
        for (int x = 0; x < pictures.line.width(); ++x) {
            if (pictures.line.pixel(x, y) != pictures.withEnd.pixel(x, y)) {
                ++(x < kWidth ? pixels.first : pixels.second);
            }
        }
    }
    return pixels;
}

TEST(CounterRow, HasTheValueAtItsEndBehindTheLaneAndNeverWithin)
{
    std::vector<std::int64_t> everywhere;
    for (int i = 0; i < 40; ++i) { // up and down every ten pixels
        everywhere.push_back(i % 2 * 100);
    }
    for (const auto& stores : {std::vector<std::int64_t>{100, 100, 100, 0, 0}, std::vector<std::int64_t>{0, 0, 100},
             std::vector<std::int64_t>(8, 50), everywhere}) {
        const auto [within, behind] = endPixels(picturesOf(stores));
        EXPECT_EQ(within, 0) << "there it would be read as the value of that moment";
        EXPECT_GT(behind, 50);
    }
}

TEST(CounterRow, SaysThatAValueIsTheLastOnlyWhereNoOtherFollows)
{
    const std::vector<std::int64_t> stores{100, 50, 0, 0};
    const QImage end = picturesOf(stores).withEnd;
    const QImage running = picturesOf(stores, false).withEnd;
    const QImage partly = picturesOf(stores, true, 0.7).withEnd; // up to the first 0
    const auto margin = [](const QImage& image) { return image.copy(kWidth, 0, kMargin, kTall); };
    EXPECT_NE(margin(end), margin(running));
    EXPECT_EQ(margin(partly), margin(running)) << "both say what the value is there: 0";
}

TEST(CounterRow, OfALevelThatChangesWithinEachPixelIsAnAreaAndNoBlockOfLines)
{
    std::vector<std::int64_t> stores;
    for (int i = 0; i < 20 * kWidth; ++i) {
        stores.push_back(i % 2 * 100);
    }
    const QImage image = picturesOf(stores).line;
    const Theme& theme = Theme::light();
    for (int x = 5; x < kWidth - 5; ++x) {
        EXPECT_NE(image.pixelColor(x, 20), theme.lane) << "it is everywhere between 0 and 100";
        EXPECT_LT(contrastRatio(image.pixelColor(x, 20), theme.lane), 3) << "and no line at " << x;
    }
}

} // namespace
} // namespace timeslice::plot_counter_test
