// Where counters lie: a cache line each, or side by side.
#include "core/workload/resources.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::packed_counters_test {
namespace {

std::uintptr_t lineOf(const SharedCounter* counter)
{
    return reinterpret_cast<std::uintptr_t>(counter) / 64;
}

class Counters {
public:
    explicit Counters(const std::string& resources)
        : m_spec(parseWorkload(
            R"({"resources": )" + resources + R"(, "tasks": {"T": {"do": [{"run": 1}]}}})", WorkloadBounds{})
                     .value())
        , m_arena(SharedArena::create(Resources::arenaBytes(m_spec)).value())
        , m_resources(Resources::create(m_spec, m_arena, nullptr).value())
    {
    }
    SharedCounter* at(std::size_t index) const { return m_resources.counters.at(index); }

private:
    WorkloadSpec m_spec;
    SharedArena m_arena;
    Resources m_resources;
};

TEST(PackedCounters, LieOnOneCacheLineAndPaddedOnesAlone)
{
    const Counters counters(R"({"a": {"type": "counter", "layout": "packed", "initial": 1}, "b": {"type": "counter"},
        "c": {"type": "counter", "layout": "packed", "initial": 3}, "d": {"type": "counter", "layout": "padded"}})");
    EXPECT_EQ(lineOf(counters.at(0)), lineOf(counters.at(2)));
    EXPECT_NE(counters.at(0), counters.at(2));
    EXPECT_NE(lineOf(counters.at(1)), lineOf(counters.at(0)));
    EXPECT_NE(lineOf(counters.at(1)), lineOf(counters.at(3)));
    EXPECT_EQ(counters.at(0)->value, 1);
    EXPECT_EQ(counters.at(2)->value, 3);
}

TEST(PackedCounters, GoOnToTheNextLineWhenOneIsFull)
{
    std::string resources;
    for (int i = 0; i < 9; ++i) {
        resources += (i > 0 ? ", \"" : "\"") + std::to_string(i) + R"(": {"type": "counter", "layout": "packed"})";
    }
    const Counters counters("{" + resources + "}");
    EXPECT_EQ(lineOf(counters.at(0)), lineOf(counters.at(3)));
    EXPECT_NE(lineOf(counters.at(3)), lineOf(counters.at(4)));
    EXPECT_NE(lineOf(counters.at(7)), lineOf(counters.at(8)));
}

TEST(PackedCounters, AreAskedForByName)
{
    const auto wrong = parseWorkload(
        R"({"resources": {"a": {"type": "counter", "layout": "pakced"}}, "tasks": {"T": {"do": [{"run": 1}]}}})",
        WorkloadBounds{});
    ASSERT_FALSE(wrong.has_value());
    EXPECT_THAT(wrong.error().message, testing::HasSubstr("did you mean 'packed'?"));
}

} // namespace
} // namespace timeslice::packed_counters_test
