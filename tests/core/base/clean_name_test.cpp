#include "core/base/clean_name.h"

#include <gtest/gtest.h>

namespace timeslice::clean_name_test {
namespace {

TEST(CleanName, KeepsTextAndReplacesWhatIsNone)
{
    EXPECT_EQ(cleanName("Thread 1"), "Thread 1");
    EXPECT_EQ(cleanName("größer 線程 🧵"), "größer 線程 🧵");
    EXPECT_EQ(cleanName(std::string_view{"end\0hidden", 10}), "end");
    EXPECT_EQ(cleanName("\t\x7f"), "\uFFFD\uFFFD");
    EXPECT_EQ(cleanName("\xC2\x85"), "\uFFFD") << "a C1 control";
    EXPECT_EQ(cleanName("\xC0\xAF"), "\uFFFD\uFFFD") << "an overlong slash";
    EXPECT_EQ(cleanName("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
    EXPECT_EQ(cleanName("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond U+10FFFF";
    EXPECT_EQ(cleanName("cut \xE7\xB7"), "cut \uFFFD\uFFFD");
}

TEST(Utf8Prefix, NeverCutsACharacter)
{
    EXPECT_EQ(utf8Prefix("abc", 3), "abc");
    EXPECT_EQ(utf8Prefix("abcd", 3), "abc");
    EXPECT_EQ(utf8Prefix("aä", 2), "a");
    EXPECT_EQ(utf8Prefix("aä", 3), "aä");
    EXPECT_EQ(utf8Prefix("🧵", 3), "");
}

TEST(CleanName, ATextOfSeveralLinesKeepsItsLinesAndTabs)
{
    EXPECT_EQ(cleanText("a\n\tb\x1b[0m\r"), "a\n\tb\uFFFD[0m\uFFFD");
    EXPECT_EQ(cleanText(std::string_view("a\0b", 3)), "a\uFFFDb");
    EXPECT_EQ(cleanText("caf\xe9\n"), "caf\uFFFD\n");
}

} // namespace
} // namespace timeslice::clean_name_test
