#include "core/analysis/time_histogram.h"

#include <gtest/gtest.h>

namespace timeslice::time_histogram_test {
namespace {

TEST(TimeHistogram, CountsAPowerOfTenInTheBinThatBeginsThere)
{
    for (int decade = 0; decade <= 14; ++decade) {
        Nanos time = 1;
        for (int i = 0; i < decade; ++i) {
            time *= 10;
        }
        const int bin = (decade - 6) * TimeHistogram::kPerDecade;
        EXPECT_EQ(TimeHistogram::binOf(time), bin) << time;
        if (decade > 1) {
            EXPECT_EQ(TimeHistogram::binOf(time - 1), bin - 1) << "a nanosecond less";
        }
        EXPECT_NEAR(TimeHistogram::lowOf(bin), static_cast<double>(time) * 1e-6, static_cast<double>(time) * 1e-15);
    }
}

TEST(TimeHistogram, PutsEachTimeBetweenTheEdgesOfItsBin)
{
    for (Nanos time = 1; time < 100 * kSecond; time += 1 + time / 7) {
        const int bin = TimeHistogram::binOf(time);
        const double millis = toMillis(time);
        EXPECT_LE(TimeHistogram::lowOf(bin), millis * (1 + 1e-9)) << time;
        EXPECT_GT(TimeHistogram::highOf(bin), millis * (1 - 1e-9)) << time;
    }
}

TEST(TimeHistogram, KeepsWhatIsOutOfBoundsInTheOutermostBins)
{
    EXPECT_EQ(TimeHistogram::binOf(0), TimeHistogram::kFirst);
    EXPECT_EQ(TimeHistogram::binOf(-5), TimeHistogram::kFirst);
    EXPECT_EQ(TimeHistogram::binOf(kLatestTime), TimeHistogram::kLast);
}

TEST(TimeHistogram, ReachesFromTheShortestToTheLongest)
{
    TimeHistogram histogram;
    EXPECT_TRUE(histogram.empty());
    histogram.add(kMillisecond);
    histogram.add(2 * kMillisecond);
    histogram.add(kMillisecond);
    EXPECT_EQ(histogram.first(), 0);
    EXPECT_EQ(histogram.counts(), (std::vector<std::uint64_t>{2, 0, 0, 1}));
    histogram.add(900 * kMicrosecond);
    EXPECT_EQ(histogram.first(), -1);
    EXPECT_EQ(histogram.counts(), (std::vector<std::uint64_t>{1, 2, 0, 0, 1}));
    EXPECT_EQ(histogram.total(), 4U);
}

} // namespace
} // namespace timeslice::time_histogram_test
