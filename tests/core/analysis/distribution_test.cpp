#include "core/analysis/distribution.h"

#include "tests/core/analysis/made_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace timeslice::distribution_test {
namespace {

using testing::ElementsAre;

constexpr Nanos ms = kMillisecond;

/// The GIL is held 0-5 (after a timeout), 6-7, 8-13 (timeout), 14-; a mutex 0-3.
Timeline holds()
{
    MadeTimeline made(20 * ms);
    const auto a = made.thread("A");
    const auto gil = made.lock("GIL", ObjectKind::Gil);
    const auto mutex = made.lock("m");
    made.held(gil, 0, a);
    made.free(gil, 5 * ms, Cause::ReleasedAfterTimeout);
    made.held(gil, 6 * ms, a);
    made.free(gil, 7 * ms);
    made.held(gil, 8 * ms, a);
    made.free(gil, 13 * ms, Cause::ReleasedAfterTimeout);
    made.held(gil, 14 * ms, a);
    made.held(mutex, 0, a);
    made.free(mutex, 3 * ms);
    made.done();
    return std::move(made.timeline);
}

TEST(HoldTimes, AreThoseOfTheGilThatHaveEnded)
{
    EXPECT_THAT(holdTimes(holds()), ElementsAre(1, 5, 5));
    EXPECT_THAT(timedOutHoldTimes(holds()), ElementsAre(5, 5));
    EXPECT_TRUE(holdTimes(Timeline()).empty());
}

TEST(HoldTimes, KeepToTheWorkProper)
{
    Timeline timeline = holds();
    timeline.workBegin = 6 * ms;
    timeline.workEnd = 8 * ms;
    EXPECT_THAT(holdTimes(timeline), ElementsAre(1));
    timeline.workBegin = 4 * ms; // the hold that is under way then counts, with all its length
    EXPECT_THAT(holdTimes(timeline), ElementsAre(1, 5));
}

TEST(Latencies, AreInMillisecondsAndAscend)
{
    Timeline timeline;
    timeline.latencies = {{5, 0, 3 * ms}, {6, 0, ms / 2}};
    EXPECT_THAT(latencies(timeline), ElementsAre(0.5, 3));
}

TEST(LogHistogram, CountsEachSampleOnceInTheBinThatHoldsIt)
{
    std::mt19937_64 random(3);
    std::lognormal_distribution<> often(0, 3);
    Samples samples;
    for (int i = 0; i < 5000; ++i) {
        samples.push_back(often(random));
    }
    std::sort(samples.begin(), samples.end());
    for (const int perDecade : {1, 7, 20}) {
        const auto bins = logHistogram(samples, perDecade, 1e-9);
        std::uint64_t counted = 0;
        for (std::size_t i = 0; i < bins.size(); ++i) {
            const auto inside = std::count_if(samples.begin(), samples.end(),
                [&](double sample) { return bins[i].low <= sample && sample < bins[i].high; });
            ASSERT_EQ(bins[i].count, static_cast<std::uint64_t>(inside));
            ASSERT_NEAR(bins[i].high / bins[i].low, std::pow(10, 1.0 / perDecade), 1e-9);
            counted += bins[i].count;
            if (i > 0) {
                ASSERT_EQ(bins[i].low, bins[i - 1].high) << "no gap, no overlap";
            }
        }
        EXPECT_EQ(counted, samples.size());
        EXPECT_GT(bins.front().count, 0U);
        EXPECT_GT(bins.back().count, 0U);
    }
}

TEST(LogHistogram, PutsAPowerOfTenAtTheStartOfItsBin)
{
    for (const double edge : {0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0}) {
        for (const int perDecade : {1, 3, 10, 20}) {
            const auto bins = logHistogram({edge}, perDecade);
            ASSERT_EQ(bins.size(), 1U) << edge;
            EXPECT_LE(bins[0].low, edge);
            EXPECT_NEAR(bins[0].low / edge, 1, 1e-9);
            EXPECT_LT(edge, bins[0].high);
        }
    }
}

TEST(LogHistogram, HasTheSameEdgesWhateverTheSamples)
{
    const auto a = logHistogram({0.5, 4});
    const auto b = logHistogram({3, 90});
    const auto same =
        std::find_if(a.begin(), a.end(), [&](const HistogramBin& bin) { return bin.low == b.front().low; });
    ASSERT_NE(same, a.end());
    EXPECT_EQ(same->high, b.front().high);
}

TEST(LogHistogram, GathersWhatIsTooSmallInItsFirstBin)
{
    const auto bins = logHistogram({0, 1e-9, 1e-4, 1}, 1, 1e-4);
    ASSERT_EQ(bins.size(), 5U);
    EXPECT_EQ(bins.front().count, 3U);
    EXPECT_EQ(bins.back().count, 1U);
    EXPECT_TRUE(logHistogram({}).empty());
}

TEST(Quantile, IsASampleByNearestRank)
{
    Samples twenty(20);
    std::iota(twenty.begin(), twenty.end(), 1);
    EXPECT_EQ(quantile(twenty, 0), 1);
    EXPECT_EQ(quantile(twenty, 0.05), 1);
    EXPECT_EQ(quantile(twenty, 0.051), 2);
    EXPECT_EQ(quantile(twenty, 0.5), 10);
    EXPECT_EQ(quantile(twenty, 0.95), 19);
    EXPECT_EQ(quantile(twenty, 1), 20);
    EXPECT_EQ(quantile({}, 0.5), 0);
}

TEST(KolmogorovSmirnov, IsTheLargestDistanceOfTheDistributionFunctions)
{
    EXPECT_EQ(kolmogorovSmirnov({1, 2, 3, 4}, {1, 2, 3, 4}), 0);
    EXPECT_EQ(kolmogorovSmirnov({1, 2}, {3, 4, 5}), 1);
    EXPECT_DOUBLE_EQ(kolmogorovSmirnov({1, 2, 3, 4}, {3, 4, 5, 6}), 0.5);
    EXPECT_DOUBLE_EQ(kolmogorovSmirnov({1, 1, 1, 2}, {1, 2, 2, 2}), 0.5) << "ties are one step";
    EXPECT_DOUBLE_EQ(kolmogorovSmirnov({5}, {1, 2, 6}), 2.0 / 3);
    EXPECT_EQ(kolmogorovSmirnov({}, {1}), 1);
    EXPECT_EQ(kolmogorovSmirnov({}, {}), 0);
}

TEST(KolmogorovSmirnov, AgreesWithItsDefinitionAndDoesNotMindTheUnitOrTheOrderOfTheTwo)
{
    std::mt19937_64 random(7);
    for (int round = 0; round < 50; ++round) {
        Samples a;
        Samples b;
        for (int i = 0; i < 30 + round; ++i) {
            a.push_back(std::uniform_int_distribution<>(1, 20)(random));
            b.push_back(std::uniform_int_distribution<>(1, 20 + round)(random));
        }
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        const auto below = [](const Samples& samples, double x) {
            const auto end = std::upper_bound(samples.begin(), samples.end(), x);
            return static_cast<double>(end - samples.begin()) / static_cast<double>(samples.size());
        };
        double expected = 0;
        for (int x = 0; x <= 80; ++x) {
            expected = std::max(expected, std::abs(below(a, x) - below(b, x)));
        }
        ASSERT_NEAR(kolmogorovSmirnov(a, b), expected, 1e-12);
        ASSERT_EQ(kolmogorovSmirnov(a, b), kolmogorovSmirnov(b, a));
        for (Samples* samples : {&a, &b}) {
            std::for_each(samples->begin(), samples->end(), [](double& x) { x = std::exp(x / 10); });
        }
        ASSERT_NEAR(kolmogorovSmirnov(a, b), expected, 1e-12);
    }
}

TEST(CompareHolds, StatesMediansTheirRatioAndTheDistance)
{
    const Timeline real = holds();
    MadeTimeline made(20 * ms);
    const auto a = made.thread("A");
    const auto gil = made.lock("GIL", ObjectKind::Gil);
    made.held(gil, 0, a);
    made.free(gil, 4 * ms, Cause::ReleasedAfterTimeout);
    const HoldComparison comparison = compareHolds("real", real, "model", made.done());
    EXPECT_EQ(comparison.first, "real");
    EXPECT_EQ(comparison.second, "model");
    EXPECT_EQ(comparison.firstMillis.p50, 5);
    EXPECT_EQ(comparison.firstMillis.count, 3U);
    EXPECT_EQ(comparison.secondMillis.p50, 4);
    EXPECT_DOUBLE_EQ(comparison.ratio, 1.25);
    EXPECT_DOUBLE_EQ(comparison.distance, 2.0 / 3);
    EXPECT_EQ(compareHolds("real", real, "none", Timeline()).ratio, 0);
}

} // namespace
} // namespace timeslice::distribution_test
