#include "core/trace/chunked_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace timeslice::chunked_array_test {
namespace {

constexpr std::size_t kLarge = 4096; ///< elements of a large chunk
using Array = ChunkedArray<std::uint64_t, kLarge>;

void grow(Array& array, std::size_t size)
{
    while (array.size() < size) {
        const std::size_t wanted = array.size() + 1;
        array.grow() = wanted * 3;
    }
}

::testing::AssertionResult isWhole(const Array& array)
{
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (array[i] != (i + 1) * 3) {
            return ::testing::AssertionFailure() << "element " << i << " is " << array[i];
        }
    }
    return ::testing::AssertionSuccess();
}

TEST(ChunkedArray, KeepsWhatItHoldsAtEverySize)
{
    Array array;
    for (std::size_t size = 1; size <= 12 * kLarge; ++size) {
        grow(array, size);
        ASSERT_EQ(array.size(), size);
        ASSERT_EQ(array.back(), size * 3);
    }
    EXPECT_TRUE(isWhole(array));
}

TEST(ChunkedArray, MovesNothingOnceItsFirstPartIsWhole)
{
    Array array;
    grow(array, kLarge / 16);
    std::vector<const std::uint64_t*> places;
    for (std::size_t i = 0; i < 12 * kLarge; ++i) {
        grow(array, std::max(array.size(), i + 1));
        places.push_back(&array[i]);
    }
    for (std::size_t i = 0; i < array.size(); ++i) {
        ASSERT_EQ(&array[i], places[i]) << i;
    }
}

TEST(ChunkedArray, TakesAtMostAQuarterMoreThanItNeedsAndNeverMoreThanALargeChunk)
{
    constexpr std::size_t kPerChunk = 65536; // large, so that what else it keeps does not count
    ChunkedArray<std::uint64_t, kPerChunk> array;
    for (std::size_t size = 1; size <= 12 * kPerChunk; ++size) {
        array.grow() = size;
        const std::size_t needed = size * sizeof(std::uint64_t);
        const std::size_t slack = array.memoryBytes() - needed;
        const std::size_t largeChunk = kPerChunk * sizeof(std::uint64_t);
        const std::size_t forItself = 8192;
        ASSERT_LE(slack, std::min(needed / 4, largeChunk) + forItself) << size;
    }
}

TEST(ChunkedArray, GivesBackWhatItForgetsAndGrowsAgain)
{
    Array array;
    grow(array, 12 * kLarge);
    const std::size_t most = array.memoryBytes();
    for (const std::size_t size : {11 * kLarge, 4 * kLarge + 1, kLarge, kLarge / 16 + 1, std::size_t{3}}) {
        array.shrink(size);
        EXPECT_TRUE(isWhole(array));
        EXPECT_LE(array.memoryBytes(), most);
        grow(array, size + 5);
        EXPECT_TRUE(isWhole(array));
    }
    EXPECT_LT(array.memoryBytes(), most / 10);
    grow(array, 12 * kLarge);
    EXPECT_TRUE(isWhole(array));
}

} // namespace
} // namespace timeslice::chunked_array_test
