#include "core/base/json_in.h"

#include "core/base/clean_name.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace timeslice::json_in_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::string nested(std::size_t levels)
{
    return std::string(levels, '[') + std::string(levels, ']');
}

JsonProblem problemOf(std::string_view text, JsonDialect dialect = JsonDialect::Person)
{
    const auto read = readJson(text, dialect);
    EXPECT_FALSE(read.has_value()) << text;
    return read ? JsonProblem{} : read.error();
}

/// In the dialect of Python, where nothing of these is an error.
std::pair<json, std::vector<std::string>> ofPython(std::string_view text)
{
    std::vector<std::string> notes;
    const auto read = readJson(text, JsonDialect::Python, &notes);
    EXPECT_TRUE(read.has_value()) << text << ": " << (read ? "" : read.error().what);
    return {read.value_or(json()), notes};
}

TEST(JsonIn, ReadsWhatTheLibraryReadsToTheSameValueAndType)
{
    for (const char* text : {"null", " true\n", "false", "0", "-0", "12", "-12", "1.5e-3", "-0.0", "1E+2", "1e-999",
             "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "\"\"",
             "\"a\\n\\u00e4\\ud83d\\ude00 \\\"\\/\"", "[]", "[ ]", "{}", "[1,[2,{\"a\":null}]]",
             "{\"a\":{\"b\":[{}]},\"\":\"\\u0000\"}", "\xEF\xBB\xBF[1]"}) {
        const json expected = json::parse(text);
        for (const JsonDialect dialect : {JsonDialect::Person, JsonDialect::Program, JsonDialect::Python}) {
            const auto read = readJson(text, dialect);
            ASSERT_TRUE(read.has_value()) << text << ": " << read.error().what;
            EXPECT_EQ(*read, expected) << text;
            EXPECT_EQ(read->type(), expected.type()) << text;
        }
    }
}

TEST(JsonIn, RefusesWhatIsNoJson)
{
    for (const char* text : {"", " ", "[", "]", "[1", "[1,", "[1,]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
             "{\"a\":1,}", "{a:1}", "{1:1}", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "nul", "nullx", "True",
             "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "'a'", "1 1", "[1]]", "// no\n1", "\"a\" b"}) {
        EXPECT_FALSE(json::accept(text)) << text;
        for (const JsonDialect dialect : {JsonDialect::Person, JsonDialect::Program, JsonDialect::Python}) {
            EXPECT_FALSE(readJson(text, dialect).has_value()) << text;
        }
    }
}

TEST(JsonIn, SaysWhereAndWhatWasExpected)
{
    EXPECT_EQ(problemOf("[1, 2").offset, 5U);
    EXPECT_THAT(problemOf("[1, 2").what, HasSubstr("unexpected end of input"));
    EXPECT_EQ(problemOf("{\"a\" 1}").offset, 5U);
    EXPECT_THAT(problemOf("{\"a\" 1}").what, HasSubstr("expected ':'"));
    for (const std::string_view text :
        {std::string_view("[\x1b]"), std::string_view("[\0]", 3), std::string_view("[\xff\"")}) {
        const std::string what = problemOf(text).what;
        EXPECT_FALSE(what.empty());
        EXPECT_EQ(what, cleanName(what)); // nothing that a terminal would obey
    }
    EXPECT_LT(problemOf("\"" + std::string(1'000'000, 'a')).what.size(), 300U);
}

TEST(JsonIn, NestsAsDeepAsItsLimitAndNoDeeper)
{
    EXPECT_TRUE(readJson(nested(kDeepestJson), JsonDialect::Program).has_value());
    for (const std::size_t levels : {kDeepestJson + 1, std::size_t{100'000}}) {
        const JsonProblem problem = problemOf(nested(levels), JsonDialect::Program);
        EXPECT_EQ(problem.what, "nested more than 64 levels deep");
        EXPECT_EQ(problem.offset, kDeepestJson);
    }
    std::string objects;
    for (int i = 0; i < 100'000; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_THAT(problemOf(objects).what, HasSubstr("levels deep"));
}

TEST(JsonIn, OfPythonsTextOnlyTheValueThatIsNestedTooDeepIsLeftOut)
{
    for (const std::size_t levels : {kDeepestPython, std::size_t{100'000}}) {
        const auto [value, notes] = ofPython("{\"a\": 1, \"b\": " + nested(levels) + ", \"c\": \"]\"}");
        EXPECT_EQ(value.at("a"), 1);
        EXPECT_EQ(value.at("c"), "]");
        EXPECT_EQ(notes.size(), 1U);
        EXPECT_THAT(notes.front(), HasSubstr("is nested more than 32 levels deep; it is left out"));
        EXPECT_NO_THROW((void)value.dump());
    }
    EXPECT_THAT(ofPython(nested(kDeepestPython)).second, testing::IsEmpty());
    EXPECT_FALSE(readJson(std::string(100'000, '['), JsonDialect::Python).has_value());
    EXPECT_FALSE(readJson(nested(50) + "]", JsonDialect::Python).has_value());
}

TEST(JsonIn, HoldsNoMoreValuesThanItsLimit)
{
    std::string many = "[0";
    many.reserve(2 * kMostJsonValues + 8);
    for (std::size_t i = 0; i < kMostJsonValues; ++i) {
        many += ",0";
    }
    EXPECT_THAT(problemOf(many + "]", JsonDialect::Program).what, HasSubstr("longer than"));
}

TEST(JsonIn, TwoEqualKeysAreAPersonsMistakeAndOfAProgramTheLastCounts)
{
    const std::string text = "{\"a\": 1,\n \"b\": 2, \"a\": [3]}";
    EXPECT_EQ(problemOf(text).what, "the key 'a' stands twice in the same object");
    EXPECT_EQ(problemOf(text).offset, text.rfind("\"a\""));
    EXPECT_EQ(readJson(text, JsonDialect::Program).value(), json({{"a", {3}}, {"b", 2}}));
    EXPECT_TRUE(readJson("[{\"a\": 1}, {\"a\": {\"a\": 1}}]", JsonDialect::Person).has_value());
    const auto [value, notes] = ofPython("{\"extra\": {\"a\": 1, \"a\": 2}}");
    EXPECT_EQ(value, json({{"extra", {{"a", 2}}}}));
    EXPECT_THAT(notes, ElementsAre("extra/a stands twice in the same object; the last counts"));
}

TEST(JsonIn, NumbersThatAreNoneAreLeftOutOfPythonsTextAndSaid)
{
    const auto [value, notes] =
        ofPython("{\"a\": NaN, \"b\": [1, Infinity, -Infinity], \"c\": 1.5e999, \"d\": 2.5, \"e\": 1"
            + std::string(400, '0') + "}");
    EXPECT_EQ(value, json({{"a", nullptr}, {"b", {1, nullptr, nullptr}}, {"c", nullptr}, {"d", 2.5}, {"e", nullptr}}));
    EXPECT_THAT(notes,
        ElementsAre("a is NaN, which is no number; it is left out",
            "b/1 is infinite, which is no number; it is left out",
            "b/2 is infinite, which is no number; it is left out",
            "c is beyond all numbers that can be held; it is left out",
            "e is beyond all numbers that can be held; it is left out"));
    for (const char* text : {"NaN", "[Infinity]", "-Infinity", "1e999", "[-1e400]"}) {
        EXPECT_FALSE(readJson(text, JsonDialect::Person).has_value()) << text;
        EXPECT_FALSE(readJson(text, JsonDialect::Program).has_value()) << text;
    }
}

TEST(JsonIn, SaysOfAWholeNumberThatItWasRounded)
{
    EXPECT_THAT(ofPython("{\"x\": 18446744073709551615}").second, testing::IsEmpty());
    const auto [value, notes] = ofPython("{\"x\": 1180591620717411303425}");
    EXPECT_EQ(value.at("x").get<double>(), 1180591620717411303424.0);
    EXPECT_THAT(notes, ElementsAre("x has more digits than can be kept"));
}

TEST(JsonIn, TextThatIsNoUtf8IsRefusedOrReplacedButNeverKept)
{
    for (const std::string& text :
        {std::string("\"a\xff\""), std::string("\"\xC3\""), std::string("\"\xED\xA0\x80\""), std::string("\"\\ud800\""),
            std::string("\"\\udce9x\""), std::string("\"\\ud800\\ud800\""), std::string("\"a\nb\"")}) {
        EXPECT_FALSE(json::accept(text)) << text;
        EXPECT_FALSE(readJson(text, JsonDialect::Person).has_value()) << text;
        EXPECT_FALSE(readJson(text, JsonDialect::Program).has_value()) << text;
        EXPECT_NO_THROW((void)ofPython(text).first.dump()) << text;
    }
    EXPECT_EQ(ofPython("\"caf\\udce9\"").first, "caf\uFFFD");
    EXPECT_EQ(ofPython("\"caf\xe9\"").first, "caf\uFFFD");
    EXPECT_EQ(ofPython("\"\\ud800\\ud83d\\ude00\"").first, "\uFFFD😀");
}

TEST(JsonIn, ADocumentOfOddValuesDoesNotFillTheNotes)
{
    std::string text = "[NaN";
    for (int i = 0; i < 1000; ++i) {
        text += ",NaN";
    }
    const std::vector<std::string> notes = ofPython(text + "]").second;
    EXPECT_EQ(notes.size(), 21U);
    EXPECT_EQ(notes.back(), "and there is more of that kind");
}

TEST(JsonIn, AProgramsTextSaysItsPlace)
{
    EXPECT_EQ(parseJson("[1]").value(), json({1}));
    const auto read = parseJson("[1}");
    ASSERT_FALSE(read.has_value());
    EXPECT_THAT(read.error().message, testing::StartsWith("line 1, column 3: "));
    EXPECT_THAT(read.error().message, HasSubstr("unexpected '}'"));
}

} // namespace
} // namespace timeslice::json_in_test
