#include "core/record/cpu_usage.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace timeslice::cpu_usage_test {
namespace {

constexpr const char* kProcStat = "cpu  60 0 0 900 0 0 0 5 0 0\n"
                                  "cpu0 10 1 2 100 4 8 16 32 7 7\n"
                                  "cpu1 20 0 0 200 0 0 0 1 0 0\n"
                                  "cpu10 30 0 0 300\n"
                                  "intr 1 2 3\n"
                                  "ctxt 12345\n";

TEST(CpuUsage, ReadsTheTicksOfTheCoresAskedFor)
{
    const auto ticks = CpuUsage::parse(kProcStat, {1, 0, 10, 7});
    ASSERT_EQ(ticks.size(), 4U);
    EXPECT_EQ(ticks[0].busy, 20U);
    EXPECT_EQ(ticks[0].idle, 200U);
    EXPECT_EQ(ticks[0].stolen, 1U);
    EXPECT_EQ(ticks[1].busy, 10U + 1 + 2 + 8 + 16) << "guest time is in user time already";
    EXPECT_EQ(ticks[1].idle, 104U) << "waiting for I/O is idle";
    EXPECT_EQ(ticks[1].stolen, 32U);
    EXPECT_EQ(ticks[2].busy, 30U);
    EXPECT_EQ(ticks[2].stolen, 0U);
    EXPECT_EQ(ticks[3].busy + ticks[3].idle + ticks[3].stolen, 0U) << "there is no such core";
}

TEST(CpuUsage, SharesAddUpAndIntervalsJoin)
{
    CpuUsage usage{{0, 1}};
    Batch batch;
    usage.sampleTicks({{100, 0, 100}, {50, 5, 0}}, 1000, batch);
    EXPECT_TRUE(batch.usage.empty()) << "the first call only sets the start";
    usage.sampleTicks({{103, 1, 101}, {50, 5, 0}}, 2000, batch);
    ASSERT_EQ(batch.usage.size(), 1U) << "no tick has passed on core 1";
    EXPECT_EQ(batch.usage[0].cpu, 0);
    EXPECT_EQ(batch.usage[0].begin, 1000);
    EXPECT_EQ(batch.usage[0].end, 2000);
    EXPECT_FLOAT_EQ(batch.usage[0].busy, 0.6F);
    EXPECT_FLOAT_EQ(batch.usage[0].stolen, 0.2F);
    EXPECT_FLOAT_EQ(batch.usage[0].idle, 0.2F);
    usage.sampleTicks({{104, 1, 101}, {51, 5, 3}}, 3000, batch);
    ASSERT_EQ(batch.usage.size(), 3U);
    EXPECT_EQ(batch.usage[1].begin, 2000);
    EXPECT_EQ(batch.usage[2].begin, 1000) << "core 1's interval goes on from its last tick";
    EXPECT_FLOAT_EQ(batch.usage[2].busy, 0.25F);
    EXPECT_EQ(usage.stolen(), kSecond / sysconf(_SC_CLK_TCK));
}

TEST(CpuUsage, TakesACounterThatGoesBackForNoGrowth)
{
    CpuUsage usage{{0}};
    Batch batch;
    usage.sampleTicks({{10, 0, 10}}, 1000, batch);
    usage.sampleTicks({{12, 0, 9}}, 2000, batch);
    ASSERT_EQ(batch.usage.size(), 1U);
    EXPECT_FLOAT_EQ(batch.usage[0].busy, 1);
    EXPECT_FLOAT_EQ(batch.usage[0].idle, 0);
}

TEST(CpuUsage, OfThisMachineLiesBetweenNoneAndAll)
{
    CpuUsage usage{{0}};
    Batch batch;
    const Nanos begin = monotonicNow();
    while (batch.usage.empty() && monotonicNow() < begin + 10 * kSecond) {
        usage.sample(batch);
    }
    ASSERT_EQ(batch.usage.size(), 1U);
    const UsageSample& sample = batch.usage[0];
    EXPECT_GE(sample.begin, begin);
    EXPECT_GT(sample.end, sample.begin);
    EXPECT_NEAR(sample.busy + sample.stolen + sample.idle, 1, 1e-5);
}

} // namespace
} // namespace timeslice::cpu_usage_test
