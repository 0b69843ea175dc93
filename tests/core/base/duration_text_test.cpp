#include "core/base/duration_text.h"

#include <gtest/gtest.h>
#include <initializer_list>

namespace timeslice::duration_text_test {
namespace {

TEST(ParseDurationText, KnowsTheUnits)
{
    EXPECT_EQ(parseDurationText("250ns"), 250);
    EXPECT_EQ(parseDurationText("10us"), 10'000);
    EXPECT_EQ(parseDurationText("10\u00b5s"), 10'000);
    EXPECT_EQ(parseDurationText("10\u03bcs"), 10'000);
    EXPECT_EQ(parseDurationText("2.5 ms"), 2'500'000);
    EXPECT_EQ(parseDurationText("1s"), kSecond);
    EXPECT_EQ(parseDurationText("0s"), 0);
}

TEST(ParseDurationText, RefusesEverythingElse)
{
    for (const char* text :
        {"", "5", "ms", "-5ms", "5 m", "5ms ", "1e3ms", "nan ms", "inf s", "25h", "90000s", "5msms"}) {
        EXPECT_FALSE(parseDurationText(text).has_value()) << '"' << text << '"';
    }
}

TEST(ToDurationText, ReadsBackAsTheSame)
{
    for (const Nanos length : std::initializer_list<Nanos>{
             0, 1, 999, 1000, 1500, 5 * kMillisecond, 1'234'567, kSecond, 90 * kSecond, 3'600'000'000'001}) {
        EXPECT_EQ(parseDurationText(toDurationText(length)), length) << toDurationText(length);
    }
    EXPECT_EQ(toDurationText(2'500'000), "2.5ms");
    EXPECT_EQ(toDurationText(kSecond, " "), "1 s");
    EXPECT_EQ(toDurationText(200'000), "200us");
    EXPECT_EQ(toDurationText(200'000, " "), "200 \u00b5s");
    EXPECT_EQ(parseDurationText(toDurationText(200'000, " ")), 200'000);
}

} // namespace
} // namespace timeslice::duration_text_test
