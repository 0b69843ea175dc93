#include "core/base/json_words.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace timeslice::json_words_test {
namespace {

using nlohmann::json;

TEST(JsonWords, TextIsShownShortWithWholeCharactersAndNothingThatATerminalWouldObey)
{
    EXPECT_EQ(shown("Thread 1"), "Thread 1");
    EXPECT_EQ(shown("\033[31mred"), "\uFFFD[31mred");
    EXPECT_EQ(shown(std::string(40, 'x')), std::string(40, 'x'));
    EXPECT_EQ(shown(std::string(41, 'x')), std::string(40, 'x') + "...");
    EXPECT_EQ(shown(std::string(39, 'x') + "ä"), std::string(39, 'x') + "...");
}

TEST(JsonWords, AValueIsNamedByItsKind)
{
    EXPECT_EQ(inWords(nullptr), "null");
    EXPECT_EQ(inWords(json::object()), "an object");
    EXPECT_EQ(inWords({1, 2}), "an array");
    EXPECT_EQ(inWords("a\nb"), "the text \"a\uFFFDb\"");
    EXPECT_EQ(inWords(true), "true");
    EXPECT_EQ(inWords(7), "the number 7");
    EXPECT_EQ(inWords(-2.5), "the number -2.5");
}

TEST(JsonWords, AnUnknownNameComesWithTheNearestOrWithAll)
{
    EXPECT_EQ(unknownName("event", "lokc", {"lock", "unlock"}), "unknown event 'lokc'; did you mean 'lock'?");
    EXPECT_EQ(unknownName("key", "zebra", {"lock", "run"}), "unknown key 'zebra'; known: lock and run");
    EXPECT_EQ(unknownName("key", "zebra", {}), "unknown key 'zebra'; there is none");
}

} // namespace
} // namespace timeslice::json_words_test
