#include "core/dispatch/python_random.h"

#include <gtest/gtest.h>

namespace timeslice {
namespace {

// What CPython 3 prints for random.seed(N); random.random(), again and again.
TEST(PythonRandom, DrawsWhatPythonDraws)
{
    PythonRandom zero(0);
    EXPECT_DOUBLE_EQ(zero.next(), 0.8444218515250481);
    EXPECT_DOUBLE_EQ(zero.next(), 0.7579544029403025);
    EXPECT_DOUBLE_EQ(zero.next(), 0.420571580830845);
    PythonRandom other(12345);
    EXPECT_DOUBLE_EQ(other.next(), 0.41661987254534116);
    for (int i = 0; i < 998; ++i) { // over the state's end, three times
        other.next();
    }
    EXPECT_DOUBLE_EQ(other.next(), 0.9766427630034175);
}

} // namespace
} // namespace timeslice
