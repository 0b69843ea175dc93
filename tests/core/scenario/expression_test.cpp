#include "core/scenario/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::expression_test {
namespace {

const KnobTexts kKnobs = {
    {"threads", {"4", "4", 4}},
    {"work", {"200ms", "200 ms", 200'000}},
    {"how", {"plain", "plain", 0}},
};

double value(const std::string& expression)
{
    const auto result = evaluate(expression, kKnobs);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    return result.value_or(-1);
}

std::string complaint(const std::string& expression)
{
    const auto result = evaluate(expression, kKnobs);
    EXPECT_FALSE(result.has_value()) << expression;
    return result ? "" : result.error().message;
}

TEST(Evaluate, FollowsTheUsualPrecedence)
{
    EXPECT_DOUBLE_EQ(value("1 + 2 * 3"), 7);
    EXPECT_DOUBLE_EQ(value("(1 + 2) * 3"), 9);
    EXPECT_DOUBLE_EQ(value("10 - 3 - 2"), 5);
    EXPECT_DOUBLE_EQ(value("12 / 3 / 2"), 2);
    EXPECT_DOUBLE_EQ(value("2 * 3 ^ 2"), 18);
    EXPECT_DOUBLE_EQ(value("2 ^ 3 ^ 2"), 512);
    EXPECT_DOUBLE_EQ(value("-2 ^ 2"), -4);
    EXPECT_DOUBLE_EQ(value("2 ^ -1"), 0.5);
}

TEST(Evaluate, KnowsKnobsAndCountsDurationsInMicroseconds)
{
    EXPECT_DOUBLE_EQ(value("work / threads"), 50'000);
    EXPECT_DOUBLE_EQ(value("2*threads"), 8);
}

TEST(Evaluate, KnowsTheFunctions)
{
    EXPECT_DOUBLE_EQ(value("min(threads, 2)"), 2);
    EXPECT_DOUBLE_EQ(value("max(threads, 2)"), 4);
    EXPECT_DOUBLE_EQ(value("floor(7 / 2) + ceil(7 / 2) + round(2.5)"), 10);
}

TEST(Evaluate, SaysWhatIsWrong)
{
    EXPECT_THAT(complaint("thread / 2"), testing::HasSubstr("unknown knob 'thread'; did you mean 'threads'?"));
    EXPECT_THAT(complaint("zebra"), testing::HasSubstr("unknown knob 'zebra'; known: how, threads and work"));
    EXPECT_THAT(complaint("1 +"), testing::HasSubstr("found the end"));
    EXPECT_THAT(complaint("(1"), testing::HasSubstr("expected ')'"));
    EXPECT_THAT(complaint("1 2"), testing::HasSubstr("unexpected '2'"));
    EXPECT_THAT(complaint("1 / (threads - 4)"), testing::HasSubstr("division by zero"));
    EXPECT_THAT(complaint("10 ^ 400"), testing::HasSubstr("not a finite number"));
    EXPECT_THAT(complaint("sqrt(2)"), testing::HasSubstr("unknown function 'sqrt'"));
    EXPECT_THAT(complaint("min(1)"), testing::HasSubstr("two arguments"));
    EXPECT_THAT(complaint(""), testing::HasSubstr("found the end"));
}

TEST(Evaluate, RefusesNestingThatWouldExhaustTheStack)
{
    EXPECT_THAT(complaint(std::string(100'000, '(')), testing::HasSubstr("nested too deeply"));
    EXPECT_THAT(complaint(std::string(100'000, '-') + "1"), testing::HasSubstr("nested too deeply"));
}

TEST(Substitute, KeepsAKnobAsWrittenWhenItIsTheWholeText)
{
    EXPECT_EQ(substitute("{work}", kKnobs).value(), "200ms");
    EXPECT_EQ(substitute("{how}", kKnobs).value(), "plain");
}

TEST(Substitute, ReadsWellWithinASentence)
{
    EXPECT_EQ(substitute("{threads} threads, {work} each", kKnobs).value(), "4 threads, 200 ms each");
    EXPECT_EQ(substitute("{2 * threads} or {threads / 3}", kKnobs).value(), "8 or 1.333");
    EXPECT_EQ(substitute("to {100000 * threads / 2} and {10 ^ 7}", kKnobs).value(), "to 200,000 and 10,000,000");
    EXPECT_EQ(substitute("range({100000 * threads / 2})", kKnobs, NumberStyle::Code).value(), "range(200000)");
    EXPECT_EQ(substitute("{-1234.5 * 1} and {999}", kKnobs).value(), "-1,234.5 and 999");
}

TEST(Substitute, WritesDoubledBracesAsBraces)
{
    EXPECT_EQ(substitute("{{0, {threads}}}", kKnobs).value(), "{0, 4}");
}

TEST(Substitute, RefusesBracesThatDoNotMatch)
{
    EXPECT_THAT(substitute("{threads", kKnobs).error().message, testing::HasSubstr("'{' without '}'"));
    EXPECT_THAT(substitute("threads}", kKnobs).error().message, testing::HasSubstr("'}' without '{'"));
}

} // namespace
} // namespace timeslice::expression_test
