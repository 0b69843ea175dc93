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
        const JsonFields fields(object);
        ask(fields);
        (void)fields.text("not here either");
        return fields.trouble();
    };
    const auto small = [](const JsonFields& fields) { EXPECT_EQ(fields.integer<std::int8_t>("n", -3, 100), -3); };
    EXPECT_EQ(trouble(json::object(), small), "n: missing");
    EXPECT_EQ(trouble({{"n", 300}}, small), "n: out of range: 300");
    EXPECT_EQ(trouble({{"n", 101}}, small), "n: out of range: 101");
    EXPECT_EQ(trouble({{"n", 1.0}}, small), "n: expected a whole number, found number");
    EXPECT_EQ(trouble({{"n", "1"}}, small), "n: expected a whole number, found string");
    EXPECT_EQ(trouble({{"n", 1}}, [](const JsonFields& fields) { EXPECT_FALSE(fields.boolean("n")); }),
        "n: expected true or false, found number");
    EXPECT_EQ(trouble({{"n", 1}}, [](const JsonFields& fields) { EXPECT_EQ(fields.text("n"), ""); }),
        "n: expected a text, found number");
    EXPECT_EQ(trouble({{"n", 1}}, [](const JsonFields& fields) { EXPECT_FALSE(fields.object("n").has("m")); }),
        "n: expected an object, found number");
    EXPECT_EQ(
        trouble({{"n", kLatestTime + 1}}, [](const JsonFields& fields) { EXPECT_EQ(fields.time("n"), -kLatestTime); }),
        "n: out of range: " + std::to_string(kLatestTime + 1));
    EXPECT_EQ(trouble({{"n", 1e9}}, [](const JsonFields& fields) { EXPECT_EQ(fields.seconds("n"), 0); }),
        "n: out of range: 1000000000.0");
    EXPECT_EQ(trouble({{"n", {"a", 1}}}, [](const JsonFields& fields) { (void)fields.texts("n"); }),
        "n: expected texts, found number");
    EXPECT_EQ(trouble(json::array(), small), "expected an object, found array");
}

TEST(JsonFields, TellTheWayToWhatIsWrongInside)
{
    const json document = json::parse(R"({"a": {"b": [{"n": 1}, {"n": 2}, {"n": "three"}, {}]}, "s": 1.5})");
    const JsonFields fields(document);
    std::vector<int> numbers;
    fields.object("a").list("b", numbers, [](const JsonFields& one) { return one.integer<int>("n", 0); });
    EXPECT_EQ(numbers, (std::vector{1, 2, 0, 0}));
    EXPECT_EQ(fields.trouble(), "a/b/2/n: expected a whole number, found string");
    EXPECT_EQ(fields.seconds("s"), 1'500'000'000);
    EXPECT_TRUE(fields.at("nowhere").is_null());
}

} // namespace
} // namespace timeslice::json_fields_test
