#include "core/record/memory_sampler.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace timeslice::memory_sampler_test {
namespace {

constexpr const char* kRollup = "55d4c8e6b000-7ffc1a5fe000 ---p 00000000 00:00 0    [rollup]\n"
                                "Rss:                9000 kB\n"
                                "Pss:                4500 kB\n"
                                "Pss_Dirty:          2000 kB\n"
                                "Shared_Clean:       6000 kB\n"
                                "Shared_Dirty:        500 kB\n"
                                "Private_Clean:       100 kB\n"
                                "Private_Dirty:      2400 kB\n"
                                "Referenced:         9000 kB\n"
                                "Shared_Hugetlb:        0 kB\n"
                                "Private_Hugetlb:      64 kB\n"
                                "Locked:                0 kB\n";

Event of(Pid pid, Tid tid, EventKind kind)
{
    return {1, tid, pid, kind, kNoCpu, 0, 0};
}

TEST(MemorySampler, ReadsWhatTheKernelSaysInBytes)
{
    const auto sample = MemorySampler::parse(kRollup);
    ASSERT_TRUE(sample.has_value());
    EXPECT_EQ(sample->rss, 9000U * 1024);
    EXPECT_EQ(sample->pss, 4500U * 1024);
    EXPECT_EQ(sample->own, (100U + 2400 + 64) * 1024);
    EXPECT_FALSE(MemorySampler::parse("").has_value()) << "the process has ended";
}

TEST(MemorySampler, SeesThisProcessGrow)
{
    constexpr std::size_t kGrown = 32U << 20;
    MemorySampler sampler(getpid());
    Batch batch;
    sampler.sample(batch, kSecond);
    const std::vector<char> grown(kGrown, 'x');
    sampler.sample(batch, 3600 * kSecond);
    ASSERT_EQ(batch.memory.size(), 2U);
    EXPECT_EQ(batch.memory[0].pid, getpid());
    EXPECT_EQ(batch.memory[0].time, kSecond);
    EXPECT_GE(batch.memory[1].own, batch.memory[0].own + kGrown / 2);
    for (const MemorySample& sample : batch.memory) {
        EXPECT_GE(sample.rss, sample.pss);
        EXPECT_GE(sample.pss, sample.own);
    }
    EXPECT_EQ(grown.back(), 'x');
}

TEST(MemorySampler, LooksNoMoreOftenThanItsPeriod)
{
    MemorySampler sampler(getpid());
    Batch batch;
    sampler.sample(batch, kSecond);
    sampler.sample(batch, kSecond + MemorySampler::kPeriod - 1);
    EXPECT_EQ(batch.memory.size(), 1U);
}

TEST(MemorySampler, FollowsBirthsAndExitsOfProcesses)
{
    constexpr Pid kNobody = 99'999'999; // above every number that Linux gives
    MemorySampler sampler(kNobody);
    Batch batch;
    sampler.note({of(getpid(), getpid(), EventKind::ThreadBorn), of(getpid(), getpid() + 1, EventKind::ThreadBorn),
        of(getpid(), getpid() + 1, EventKind::ThreadExit)});
    sampler.sample(batch, kSecond);
    ASSERT_EQ(batch.memory.size(), 1U) << "who cannot be read is left out";
    EXPECT_EQ(batch.memory[0].pid, getpid());
    sampler.note({of(getpid(), getpid(), EventKind::ThreadExit)});
    sampler.sample(batch, 3600 * kSecond);
    EXPECT_EQ(batch.memory.size(), 1U);
}

} // namespace
} // namespace timeslice::memory_sampler_test
