#include "core/base/json_out.h"

#include "core/base/json_in.h"

#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace timeslice::json_out_test {
namespace {

using nlohmann::json;

TEST(JsonOut, WritesTextThatIsNoUtf8WithReplacementsAndNeverThrows)
{
    EXPECT_EQ(jsonText(json({{"n\xff", "caf\xe9"}})), "{\"n\uFFFD\":\"caf\uFFFD\"}");
    EXPECT_EQ(jsonString("\xC3\x28\x1b"), "\"\uFFFD(\\u001b\"");
    EXPECT_EQ(jsonString(std::string_view("a\0b\"", 4)), "\"a\\u0000b\\\"\"");
}

TEST(JsonOut, WritesNumbersThatAreNoneAsNull)
{
    EXPECT_EQ(jsonText(json({std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1.5})),
        "[null,null,1.5]");
}

TEST(JsonOut, WhatWasWrittenCanBeReadWhateverBytesWereInIt)
{
    json value = json::array();
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
        value.push_back(std::string(1, static_cast<char>(byte)));
    }
    value.push_back(all);
    for (const JsonLayout layout : {JsonLayout::Line, JsonLayout::Indented}) {
        EXPECT_TRUE(parseJson(jsonText(value, layout)).has_value());
    }
}

TEST(JsonOut, IndentsForPeople)
{
    EXPECT_EQ(jsonText(json({{"a", 1}}), JsonLayout::Indented), "{\n  \"a\": 1\n}");
}

} // namespace
} // namespace timeslice::json_out_test
