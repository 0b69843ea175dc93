#include "core/base/did_you_mean.h"

#include <gtest/gtest.h>

namespace timeslice::did_you_mean_test {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps)
{
    EXPECT_EQ(editDistance("lock", "lock"), 0U);
    EXPECT_EQ(editDistance("lck", "lock"), 1U);
    EXPECT_EQ(editDistance("llock", "lock"), 1U);
    EXPECT_EQ(editDistance("lick", "lock"), 1U);
    EXPECT_EQ(editDistance("lokc", "lock"), 1U);
    EXPECT_EQ(editDistance("", "lock"), 4U);
    EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
}

TEST(EditDistance, IsTheSameInBothDirections)
{
    EXPECT_EQ(editDistance("barrier", "carrier!"), editDistance("carrier!", "barrier"));
}

TEST(DidYouMean, NamesTheNearestOfTheKnown)
{
    EXPECT_EQ(didYouMean("lokc", {"run", "unlock", "lock", "sleep"}), "; did you mean 'lock'?");
    EXPECT_EQ(didYouMean("Thread", {"threads", "work"}), "; did you mean 'threads'?");
}

TEST(DidYouMean, SaysNothingWhenNothingIsNear)
{
    EXPECT_EQ(didYouMean("zebra", {"run", "lock", "sleep"}), "");
    EXPECT_EQ(didYouMean("", {"run"}), "");
    EXPECT_EQ(didYouMean("x", {"y"}), "");
}

TEST(DidYouMean, TakesTheBeginningOfANameForTheName)
{
    EXPECT_EQ(didYouMean("time", {"nice", "time-slicing"}), "; did you mean 'time-slicing'?");
}

TEST(DidYouMean, IsNotConfusedByAbsurdlyLongInput)
{
    EXPECT_EQ(didYouMean(std::string(1'000'000, 'x'), {"run"}), "");
}

TEST(NearestNames, ComeNearestFirstAndNoMoreThanAsked)
{
    EXPECT_EQ(nearestNames("nise", {"noise", "nice", "nose", "hog"}, 2), (std::vector<std::string>{"noise", "nice"}));
}

TEST(JoinNames, ReadsAsASentence)
{
    EXPECT_EQ(joinNames({}), "");
    EXPECT_EQ(joinNames({"a"}), "a");
    EXPECT_EQ(joinNames({"a", "b"}), "a and b");
    EXPECT_EQ(joinNames({"a", "b", "c"}, " or "), "a, b or c");
}

} // namespace
} // namespace timeslice::did_you_mean_test
