#include "core/analysis/amdahl.h"

#include <gtest/gtest.h>
#include <vector>

namespace timeslice::amdahl_test {
namespace {

using Points = std::vector<std::pair<double, double>>;

TEST(Amdahl, IsTheIdealWithoutASerialPartAndOneWithNothingElse)
{
    EXPECT_DOUBLE_EQ(amdahlSpeedup(0, 8), 8);
    EXPECT_DOUBLE_EQ(amdahlSpeedup(1, 8), 1);
    EXPECT_DOUBLE_EQ(amdahlSpeedup(0.5, 2), 4.0 / 3);
}

TEST(Amdahl, FindsTheSerialPartThatItWasMadeWith)
{
    for (const double serial : {0.0, 0.01, 0.25, 0.5, 0.9, 1.0}) {
        for (const int cores : {2, 4, 64}) {
            Points points;
            for (int workers = 1; workers <= cores; ++workers) {
                points.emplace_back(workers, amdahlSpeedup(serial, workers));
            }
            EXPECT_NEAR(fitAmdahl(points).value(), serial, 1e-6) << serial << " on " << cores;
        }
    }
}

TEST(Amdahl, StaysBetweenNothingAndAllAndTakesTheMiddleOfWhatIsOff)
{
    EXPECT_NEAR(fitAmdahl(Points{{1, 1}, {2, 2.2}}).value(), 0, 1e-6) << "faster than the ideal";
    EXPECT_NEAR(fitAmdahl(Points{{1, 1}, {2, 0.8}}).value(), 1, 1e-6) << "slower than one";
    const double between = fitAmdahl(Points{{4, amdahlSpeedup(0.2, 4)}, {4, amdahlSpeedup(0.4, 4)}}).value();
    EXPECT_GT(between, 0.2);
    EXPECT_LT(between, 0.4);
}

TEST(Amdahl, SaysNothingOfOneWorker)
{
    EXPECT_FALSE(fitAmdahl(Points{}).has_value());
    EXPECT_FALSE(fitAmdahl(Points{{1, 1}}).has_value());
}

} // namespace
} // namespace timeslice::amdahl_test
