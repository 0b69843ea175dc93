#include "ui/chart/chart_axis.h"
#include "ui/chart/chart_view.h"
#include "ui/chart/paint_chart.h"

#include <QApplication>
#include <QImage>
#include <gtest/gtest.h>

namespace timeslice::chart_test {
namespace {

Canvas canvasOf(QPainter* painter, double em = 14)
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = &Theme::light();
    canvas.font = QApplication::font();
    canvas.em = em;
    canvas.font.setPixelSize(static_cast<int>(em));
    return canvas;
}

ChartCell cell(double value, const std::string& text)
{
    return {value, value * 0.8, value * 1.1, 3, text};
}

Chart made(ChartSpec::Kind kind)
{
    Chart chart;
    chart.kind = kind;
    chart.title = "How long it takes";
    chart.across = "processes";
    chart.upward = "time, ms";
    chart.names = {"fork", "spawn"};
    chart.groups = {"1", "2", "4"};
    chart.at = {1, 2, 4};
    chart.cells = {
        {cell(10, "10 ms"), cell(40, "40 ms")}, {cell(6, "6 ms"), cell(30, "30 ms")}, {cell(5, "5 ms"), ChartCell()}};
    chart.ideal = {1, 2, 2};
    chart.bend = 1;
    chart.references = {{20, "as fast as one"}};
    if (kind == ChartSpec::Kind::Histogram) {
        chart.bins = {{0, 10, {3, 0}}, {10, 20, {0, 7}}, {20, 30, {1, 0}}};
        chart.runs = 11;
    }
    return chart;
}

/// How many pixels differ from the background outside of `room`.
int inkOutside(const QImage& image, const QRect& room)
{
    int ink = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            ink += !room.contains(x, y) && image.pixel(x, y) != Theme::light().window.rgb() ? 1 : 0;
        }
    }
    return ink;
}

class ChartPicture : public testing::TestWithParam<ChartSpec::Kind> { };

TEST_P(ChartPicture, StaysWithinItsRoomAtAnySize)
{
    const Chart chart = made(GetParam());
    for (const QSize size : {QSize(300, 220), QSize(900, 420), QSize(1600, 900)}) {
        QImage image(size + QSize(80, 80), QImage::Format_RGB32);
        image.fill(Theme::light().window);
        const QRect room(QPoint(40, 40), size);
        QPainter painter(&image);
        paintChart(canvasOf(&painter), room, chart);
        painter.end();
        EXPECT_EQ(inkOutside(image, room.adjusted(-2, -2, 2, 2)), 0) << size.width();
        EXPECT_GT(inkOutside(image, QRect()), 500) << "something is there";
    }
}

TEST_P(ChartPicture, OfNothingPaintsNothing)
{
    Chart chart;
    chart.kind = GetParam();
    QImage image(300, 200, QImage::Format_RGB32);
    image.fill(Theme::light().window);
    QPainter painter(&image);
    paintChart(canvasOf(&painter), image.rect(), chart);
    painter.end();
    EXPECT_EQ(inkOutside(image, QRect()), 0);
}

TEST_P(ChartPicture, IsReadOutWithAllItsNumbers)
{
    const QString text = chartText(made(GetParam()));
    EXPECT_TRUE(text.startsWith("How long it takes"));
    EXPECT_TRUE(text.contains(GetParam() == ChartSpec::Kind::Histogram ? "7 of 11" : "30 ms")) << text.toStdString();
}

INSTANTIATE_TEST_SUITE_P(Kinds, ChartPicture,
    testing::Values(ChartSpec::Kind::Bars, ChartSpec::Kind::Histogram, ChartSpec::Kind::Curve, ChartSpec::Kind::Table));

/// Pixels of the bars of a table's first column, by row.
std::vector<int> tableBars(const Chart& chart)
{
    QImage image(600, 200, QImage::Format_RGB32);
    image.fill(Theme::light().window);
    QPainter painter(&image);
    paintChart(canvasOf(&painter), image.rect(), chart);
    painter.end();
    std::vector<int> bars;
    bool within = false;
    for (int y = 0; y < image.height(); ++y) {
        int width = 0;
        for (int x = 0; x < image.width(); ++x) {
            width += image.pixel(x, y) == Theme::light().accent.rgb() ? 1 : 0;
        }
        if (width > 10 && !within) {
            bars.push_back(width);
        }
        within = width > 10;
    }
    return bars;
}

TEST(TableChart, ABarIsAsLongAsItsNumberIsOfWhatAFullOneStandsForAndWithoutThatThereIsNone)
{
    Chart chart;
    chart.kind = ChartSpec::Kind::Table;
    chart.names = {"speed"};
    chart.groups = {"a", "b"};
    chart.cells = {{{0.4, 0.4, 0.4, 1, "40 %"}}, {{0.2, 0.2, 0.2, 1, "20 %"}}};
    EXPECT_TRUE(tableBars(chart).empty());
    const auto barsOf = [&chart](double full) {
        for (auto& row : chart.cells) {
            row[0].full = full;
        }
        return tableBars(chart);
    };
    const std::vector<int> compared = barsOf(0.4);
    const std::vector<int> shares = barsOf(1);
    ASSERT_EQ(compared.size(), 2U);
    ASSERT_EQ(shares.size(), 2U);
    EXPECT_NEAR(compared[0], 2 * compared[1], 2);
    EXPECT_NEAR(shares[0], 0.4 * compared[0], 2);
    EXPECT_NEAR(shares[1], 0.2 * compared[0], 2);
}

Chart tableOfTexts()
{
    Chart chart;
    chart.kind = ChartSpec::Kind::Table;
    chart.title = "What can be sent";
    chart.names = {"fork", "spawn"};
    chart.groups = {"lambda", "lock"};
    const auto words = [](const std::string& text) { return ChartCell{0, 0, 0, 1, text, true}; };
    const std::string message = "TypeError: a message that is far longer than there is room for in three lines of it, "
                                "so that its end is only told to who points at it, and to who listens";
    chart.cells = {{words("ok"), words(message)}, {words("ok"), words("TypeError: no")}};
    return chart;
}

TEST(TableOfTexts, StaysWithinItsRoomAndTellsTheWholeTextWhereItIsPointedAt)
{
    const Chart chart = tableOfTexts();
    for (const QSize size : {QSize(280, 200), QSize(760, 300)}) {
        QImage image(size + QSize(80, 80), QImage::Format_RGB32);
        image.fill(Theme::light().window);
        const QRect room(QPoint(40, 40), size);
        QPainter painter(&image);
        const Canvas canvas = canvasOf(&painter);
        paintChart(canvas, room, chart);
        EXPECT_EQ(inkOutside(image, room.adjusted(-2, -2, 2, 2)), 0) << size.width();
        QStringList told;
        for (int y = 0; y < size.height(); y += 4) {
            const QString text = chartTextAt(canvas, room, chart, QPoint(room.right() - 20, room.top() + y));
            if (!text.isEmpty() && !told.contains(text)) {
                told << text;
            }
        }
        ASSERT_EQ(told.size(), 2) << size.width();
        EXPECT_TRUE(told[0].startsWith("lambda, spawn: ") && told[0].endsWith("who listens")) << told[0].toStdString();
        EXPECT_EQ(told[1], "lock, spawn: TypeError: no");
        EXPECT_TRUE(chartTextAt(canvas, room, chart, room.topLeft()).isEmpty());
    }
}

TEST(CurveThatCrosses, SaysFromWhereOnAndNamesItsLinesAtTheirEnds)
{
    Chart chart = made(ChartSpec::Kind::Curve);
    chart.bend.reset();
    QImage without(900, 420, QImage::Format_RGB32);
    QImage with = without.copy();
    chart.fits = {ChartFit{0.2, {1, 1.7, 2.5}}, std::nullopt};
    for (QImage* image : {&without, &with}) {
        image->fill(Theme::light().window);
        QPainter painter(image);
        paintChart(canvasOf(&painter), image->rect().adjusted(20, 20, -20, -20), chart);
        painter.end();
        chart.crossing = 1;
        chart.below = 1;
    }
    EXPECT_NE(without, with);
    EXPECT_EQ(inkOutside(with, with.rect().adjusted(18, 18, -18, -18)), 0);
}

TEST(ChartAxisTest, BeginsAtZeroAndEndsAtAWholeTickUnlessItIsLogarithmic)
{
    const ChartAxis linear = axisFor(3, 87, false);
    EXPECT_EQ(linear.low, 0);
    EXPECT_GE(linear.high, 87);
    ChartAxis tens = axisFor(0.07, 49, true);
    EXPECT_DOUBLE_EQ(tens.low, 0.01);
    EXPECT_DOUBLE_EQ(tens.high, 100);
    tens.from = 100;
    tens.to = 500;
    EXPECT_DOUBLE_EQ(tens.pixel(0.01), 100);
    EXPECT_DOUBLE_EQ(tens.pixel(1), 300);
    EXPECT_DOUBLE_EQ(tens.pixel(100), 500);
}

TEST(ChartAxisTest, HasTicksAtRoundNumbersOnly)
{
    ChartAxis axis = axisFor(0, 200'000, false);
    std::vector<QString> texts;
    for (const ChartTick& tick : ticksOf(axis, 5)) {
        EXPECT_GE(tick.value, axis.low);
        EXPECT_LE(tick.value, axis.high);
        texts.push_back(tick.text);
    }
    ASSERT_GE(texts.size(), 2U);
    EXPECT_EQ(texts.front(), "0");
    EXPECT_TRUE(texts.back().contains(',')) << texts.back().toStdString();
    for (const ChartTick& tick : ticksOf(axisFor(0.2, 900, true), 5)) {
        EXPECT_NEAR(std::log10(tick.value), std::round(std::log10(tick.value)), 1e-9);
    }
}

TEST(ChartAxisTest, SaysWhereATickIs)
{
    for (double high = 0.0002; high < 1e9; high *= 1.37) {
        for (const bool whole : {false, true}) {
            ChartAxis axis = axisFor(0, high, false);
            axis.whole = whole;
            for (const int most : {2, 3, 4, 5, 6}) {
                for (const ChartTick& tick : ticksOf(axis, most)) {
                    QString digits = tick.text;
                    EXPECT_NEAR(digits.remove(',').toDouble(), tick.value, axis.high * 1e-6) << tick.text.toStdString();
                    EXPECT_FALSE(whole && tick.text.contains('.')) << tick.text.toStdString();
                }
            }
        }
    }
}

TEST(ChartViewTest, SaysThatThereIsNothingYet)
{
    ChartView view;
    view.resize(400, 300);
    EXPECT_FALSE(view.chart().has_value());
    EXPECT_FALSE(view.grab().isNull());
}

} // namespace
} // namespace timeslice::chart_test
