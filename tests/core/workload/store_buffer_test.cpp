// The store-buffer test: what it counts, and what must never be counted.
#include "core/workload/store_buffer.h"

#include "tests/core/workload/workload_support.h"

#include <memory>
#include <numeric>
#include <thread>

namespace timeslice::workload_test::store_buffer_test {
namespace {

constexpr std::uint64_t kRounds = 600; // more than a batch, and no multiple of one

bool always()
{
    return true;
}

StoreBufferTest::Counts play(MemoryOrder order)
{
    const auto test = std::make_unique<StoreBufferTest>();
    std::thread other([&] { test->run(kRounds, order, always); });
    test->run(kRounds, order, always);
    other.join();
    return test->counts();
}

TEST(StoreBuffer, CountsEachRoundOnce)
{
    for (const MemoryOrder order :
        {MemoryOrder::Relaxed, MemoryOrder::AcquireRelease, MemoryOrder::SequentiallyConsistent}) {
        const StoreBufferTest::Counts counts = play(order);
        EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), kRounds);
    }
}

TEST(StoreBuffer, NeverReadsZeroTwiceIfSequentiallyConsistent)
{
    EXPECT_EQ(play(MemoryOrder::SequentiallyConsistent)[0], 0U);
}

TEST(StoreBuffer, GoesOnFromItsCountsWhenPlayedAgain)
{
    const auto test = std::make_unique<StoreBufferTest>();
    const auto side = [&] {
        for (int i = 0; i < 3; ++i) {
            test->run(100, MemoryOrder::SequentiallyConsistent, always);
        }
    };
    std::thread other(side);
    side();
    other.join();
    EXPECT_EQ(std::accumulate(test->counts().begin(), test->counts().end(), std::uint64_t{0}), 300U);
    EXPECT_EQ(test->counts()[0], 0U);
}

TEST(StoreBuffer, EndsAloneWhenItIsToldTo)
{
    const auto test = std::make_unique<StoreBufferTest>();
    int asked = 0;
    test->run(kRounds, MemoryOrder::Relaxed, [&] { return ++asked < 3; });
    EXPECT_EQ(asked, 3);
}

std::string workload(const std::string& tasks)
{
    return R"({"resources": {"SB": {"type": "litmus"}}, "tasks": {)" + tasks + "}}";
}

TEST(StoreBufferWorkload, ReportsItsResultsOfThreadsAndOfProcesses)
{
    for (const char* as : {"thread", "process"}) {
        const WorkloadResult result = run(workload(R"("T": {"instance": 2, "as": ")" + std::string(as)
            + R"(", "do": [{"store-buffer": {"test": "SB", "rounds": 300, "order": "seq_cst"}}]})"));
        const nlohmann::json counts = toJson(result).at("extra").at("litmus").at("SB");
        EXPECT_EQ(counts.at("rounds"), 300) << as;
        EXPECT_EQ(counts.at("r1=0 r2=0"), 0) << as;
    }
}

TEST(StoreBufferWorkload, TakesTwo)
{
    for (const char* instances : {"1", "3"}) {
        const auto spec =
            parseWorkload(workload(R"("T": {"instance": )" + std::string(instances)
                              + R"(, "do": [{"store-buffer": {"test": "SB", "rounds": 1, "order": "relaxed"}}]})"),
                bounds());
        ASSERT_FALSE(spec.has_value());
        EXPECT_NE(
            spec.error().message.find("the litmus test 'SB' takes two threads, here are " + std::string(instances)),
            std::string::npos)
            << spec.error().message;
    }
}

} // namespace
} // namespace timeslice::workload_test::store_buffer_test
