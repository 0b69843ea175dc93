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

/// A level over `kEnd` ms that stores these values at equal distances, painted without and with the words for its
/// value.
struct Pictures {
    QImage line;
    QImage withWords;
};
Pictures picturesOf(const std::vector<std::int64_t>& stores)
{
    Timeline timeline;
    timeline.end = kEnd * kMillisecond;
    CounterInfo counter;
    counter.name = "balance";
    for (std::size_t i = 0; i < stores.size(); ++i) {
        const Nanos t = static_cast<Nanos>(i) * timeline.end / static_cast<Nanos>(stores.size());
        counter.accesses.push_back({t, stores[i], 0, true});
    }
    const Theme& theme = Theme::light();
    const TimeScale scale{0, static_cast<double>(timeline.end), 0, kWidth};
    Pictures pictures;
    for (QImage* image : {&pictures.line, &pictures.withWords}) {
        *image = QImage(kWidth, 41, QImage::Format_RGB32);
        QPainter painter(image);
        Canvas canvas;
        canvas.painter = &painter;
        canvas.theme = &theme;
        canvas.font.setPixelSize(14);
        paintCounter(canvas, image->rect(), timeline, counter, ThreadColors(), nullptr, 1, scale);
        if (image == &pictures.withWords) {
            paintCounterValue(canvas, image->rect(), timeline, counter, scale);
        }
    }
    return pictures;
}

/// Pixels of the words; and of these, those that something else had.
std::pair<int, int> wordsAndCovered(const Pictures& pictures)
{
    int words = 0;
    int covered = 0;
    for (int y = 0; y < pictures.line.height(); ++y) {
        for (int x = 0; x < pictures.line.width(); ++x) {
            const bool isWord = pictures.line.pixel(x, y) != pictures.withWords.pixel(x, y);
            words += isWord ? 1 : 0;
            covered += isWord && pictures.line.pixel(x, y) != Theme::light().lane.rgb() ? 1 : 0;
        }
    }
    return {words, covered};
}

TEST(CounterRow, NeverCoversItsLineWithTheWordsForItsValue)
{
    const std::vector<std::int64_t> deep{100, 100, 100, 100, 100, 100, 0, 0}; // down at the end: room above
    const std::vector<std::int64_t> late{0, 0, 0, 0, 0, 0, 0, 100}; // up at the end: room below, and above before it
    for (const auto& stores : {deep, late, std::vector<std::int64_t>(8, 50)}) {
        const auto [words, covered] = wordsAndCovered(picturesOf(stores));
        EXPECT_GT(words, 50);
        EXPECT_EQ(covered, 0);
    }
    std::vector<std::int64_t> everywhere;
    for (int i = 0; i < 40; ++i) { // up and down every ten pixels
        everywhere.push_back(i % 2 * 100);
    }
    EXPECT_EQ(wordsAndCovered(picturesOf(everywhere)).first, 0) << "no room: the scale has to do";
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
