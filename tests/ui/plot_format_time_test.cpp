#include "ui/plot/format_time.h"

#include <gtest/gtest.h>

namespace timeslice::plot_format_time_test {
namespace {

TEST(FormatTime, durationsReadShortWithTheirUnit)
{
    EXPECT_EQ(formatDuration(0), "0 ns");
    EXPECT_EQ(formatDuration(730), "730 ns");
    EXPECT_EQ(formatDuration(1500), "1.5 µs");
    EXPECT_EQ(formatDuration(5'130'000), "5.13 ms");
    EXPECT_EQ(formatDuration(5'000'000), "5 ms");
    EXPECT_EQ(formatDuration(40'900'000), "40.9 ms");
    EXPECT_EQ(formatDuration(100'400'000), "100.4 ms");
    EXPECT_EQ(formatDuration(2'500'000'000), "2.5 s");
}

TEST(FormatTime, aValueThatRoundsUpTakesTheNextUnit)
{
    EXPECT_EQ(formatDuration(999'960), "1 ms");
    EXPECT_EQ(formatDuration(999'999'999), "1 s");
}

TEST(FormatTime, momentsAreAsPreciseAsTheyAreAskedFor)
{
    EXPECT_EQ(formatInstant(40'912'345, 100'000), "40.9 ms");
    EXPECT_EQ(formatInstant(40'912'345, 1), "40.912345 ms");
    EXPECT_EQ(formatInstant(0, 1000), "0 ns");
}

TEST(TimeTicks, stepsAreRoundAndCoverTheRange)
{
    for (const double span : {1.3e2, 7.7e3, 9.9e4, 1e6, 3.2e7, 1e8, 4.5e9, 6e10}) {
        for (const double begin : {0.0, -0.04 * span, 12345678.0}) {
            const TimeTicks ticks = timeTicks(begin, begin + span, 11);
            ASSERT_GE(ticks.ticks.size(), 3U) << span;
            ASSERT_LE(ticks.ticks.size(), 12U) << span;
            for (std::size_t i = 0; i < ticks.ticks.size(); ++i) {
                EXPECT_GE(ticks.ticks[i].time, begin - ticks.step * 1e-5);
                EXPECT_LE(ticks.ticks[i].time, begin + span + ticks.step * 1e-5);
                EXPECT_LE(ticks.ticks[i].label.size(), 9) << ticks.ticks[i].label.toStdString();
                if (i > 0) {
                    EXPECT_NEAR(ticks.ticks[i].time - ticks.ticks[i - 1].time, ticks.step, ticks.step * 1e-6);
                    EXPECT_NE(ticks.ticks[i].label, ticks.ticks[i - 1].label);
                }
            }
        }
    }
}

TEST(TimeTicks, aHundredMillisecondsReadInTens)
{
    const TimeTicks ticks = timeTicks(0, 100e6, 11);
    ASSERT_EQ(ticks.ticks.size(), 11U);
    EXPECT_EQ(ticks.unit, TimeUnit::Milliseconds);
    EXPECT_EQ(ticks.ticks.front().label, "0");
    EXPECT_EQ(ticks.ticks.back().label, "100");
}

TEST(TimeTicks, deepInARunLabelsCountFromABase)
{
    const TimeTicks ticks = timeTicks(1234567890123.0, 1234567890423.0, 6);
    EXPECT_FALSE(ticks.base.isEmpty());
    for (const TimeTick& tick : ticks.ticks) {
        EXPECT_LE(tick.label.size(), 6);
    }
}

TEST(FormatTime, mediansOfAboutTheSameHaveOneUnit)
{
    const auto median = [](double millis, double greatest) { return medianText(millis, unitBeside(millis, greatest)); };
    EXPECT_EQ(median(0.0996, 0.104), QString::fromUtf8("median hold 99.6 µs"));
    EXPECT_EQ(median(0.104, 0.104), QString::fromUtf8("median hold 104 µs"));
    EXPECT_EQ(median(0.99, 1.02), "median hold 0.99 ms");
    EXPECT_EQ(median(1.02, 1.02), "median hold 1.0 ms");
    EXPECT_EQ(median(5.1, 5.1), "median hold 5.1 ms");
    EXPECT_EQ(median(0.00447, 5.1), QString::fromUtf8("median hold 4.47 µs")) << "that is no tenth of a ms";
}

} // namespace
} // namespace timeslice::plot_format_time_test
