#include "core/base/json_fields.h"

#include <gtest/gtest.h>

namespace timeslice::json_fields_test {
namespace {

using nlohmann::json;

TEST(JsonFields, GivesWhatIsThere)
{
    const json object{{"pid", 12}, {"name", "a\x1b"}, {"live", true}, {"time", -5}, {"lost", {{"events", 3}}}};
    JsonFields fields(object);
    EXPECT_EQ(fields.integer<std::int32_t>("pid"), 12);
    EXPECT_EQ(fields.text("name"), "a\uFFFD") << "nothing that a terminal would obey";
    EXPECT_TRUE(fields.boolean("live"));
    EXPECT_EQ(fields.time("time"), -5);
    EXPECT_EQ(fields.object("lost").integer<int>("events"), 3);
    EXPECT_EQ(fields.trouble(), "");
}

TEST(JsonFields, RemembersTheFirstThatIsMissingOrImpossible)
{
    const auto trouble = [](const json& object, auto ask) {
        JsonFields fields(object);
        ask(fields);
        (void)fields.text("not here either");
        return fields.trouble();
    };
    const auto small = [](JsonFields& fields) { (void)fields.integer<std::int8_t>("n", -3, 100); };
    const std::string expected = "'n' is missing or impossible";
    EXPECT_EQ(trouble(json::object(), small), expected);
    EXPECT_EQ(trouble({{"n", 300}}, small), expected);
    EXPECT_EQ(trouble({{"n", 101}}, small), expected);
    EXPECT_EQ(trouble({{"n", 1.0}}, small), expected);
    EXPECT_EQ(trouble({{"n", "1"}}, small), expected);
    EXPECT_EQ(trouble({{"n", 1}}, [](JsonFields& fields) { EXPECT_FALSE(fields.boolean("n")); }), expected);
    EXPECT_EQ(trouble({{"n", 1}}, [](JsonFields& fields) { EXPECT_EQ(fields.text("n"), ""); }), expected);
    EXPECT_EQ(trouble({{"n", 1}}, [](JsonFields& fields) { EXPECT_FALSE(fields.object("n").has("m")); }), expected);
    EXPECT_EQ(trouble({{"n", kLatestTime + 1}}, [](JsonFields& fields) { (void)fields.time("n"); }), expected);
    EXPECT_EQ(trouble(json::array(), small), expected) << "of what is no object nothing is there";
}

} // namespace
} // namespace timeslice::json_fields_test
