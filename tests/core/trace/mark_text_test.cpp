#include "core/trace/mark_text.h"

#include <gtest/gtest.h>

namespace timeslice::mark_text_test {
namespace {

TEST(MarkText, PutsTheNumberWhereTheNameHasAPlaceForIt)
{
    EXPECT_EQ(markText("ticket {} was drawn", 7).text, "ticket 7 was drawn");
    EXPECT_EQ(markText("quantum over; shortest: {us}", 10'000).text, "quantum over; shortest: 10\u00a0ms");
    EXPECT_EQ(markText("shortest: {us}", 250).text, "shortest: 250\u00a0µs");
    EXPECT_EQ(markText("x =", static_cast<std::uint64_t>(-3)).text, "x = -3");
    EXPECT_EQ(markText("{} of {}", 2).text, "2 of {}");
}

TEST(MarkText, TellsWhetherTheNumberIsSaid)
{
    EXPECT_TRUE(markText("x =", 0).hasNumber);
    EXPECT_TRUE(markText("ticket {}", 0).hasNumber);
    EXPECT_FALSE(markText("click", 5).hasNumber);
    EXPECT_EQ(markText("click", 5).text, "click");
}

TEST(MarkText, TheNameOfAllHasNoNumber)
{
    EXPECT_EQ(markName("ticket {} was drawn"), "ticket … was drawn");
    EXPECT_EQ(markName("shortest: {us}"), "shortest: …");
    EXPECT_EQ(markName("x ="), "x =");
}

TEST(MarkText, ANumberThatIsNoDurationOfOursIsTheLongest)
{
    EXPECT_EQ(markText("{us}", ~std::uint64_t{0}).text, markText("{us}", ~std::uint64_t{0} - 1).text);
}

} // namespace
} // namespace timeslice::mark_text_test
