#include "core/workload/memory_buffer.h"

#include <gtest/gtest.h>
#include <set>

namespace timeslice::memory_buffer_test {
namespace {

using How = step::UseMemory::How;

MemoryBuffer make(std::size_t bytes, std::size_t stride = 0, BufferSpec::Chain chain = BufferSpec::Chain::None)
{
    auto buffer = MemoryBuffer::create({"b", bytes, stride, chain, false});
    if (!buffer) {
        throw std::bad_alloc();
    }
    return std::move(*buffer);
}

TEST(MemoryBufferTest, BytesBeginAnewAtTheEnd)
{
    MemoryBuffer buffer = make(1000);
    for (const How how : {How::Fill, How::Write, How::Read}) {
        std::size_t position = 0;
        buffer.use(how, 1500, position);
        EXPECT_EQ(position, 500U);
        buffer.use(how, 500, position);
        EXPECT_EQ(position, 0U);
        buffer.use(how, 0, position);
        EXPECT_EQ(position, 0U);
    }
}

TEST(MemoryBufferTest, AChaseComesByEachPointerOnceBeforeItIsBack)
{
    for (const auto chain : {BufferSpec::Chain::Sequential, BufferSpec::Chain::Scattered}) {
        MemoryBuffer buffer = make(100 * 64, 64, chain);
        std::size_t position = 0;
        std::set<std::size_t> seen;
        do {
            EXPECT_EQ(position % 64, 0U);
            EXPECT_TRUE(seen.insert(position).second);
            buffer.use(How::Chase, 1, position);
        } while (position != 0 && seen.size() <= 100);
        EXPECT_EQ(seen.size(), 64U) << "the largest power of two that fits";
        buffer.use(How::Chase, 64 * 10 + 3, position);
        const std::size_t inOne = position;
        position = 0;
        buffer.use(How::Chase, 3, position);
        EXPECT_EQ(inOne, position);
    }
}

TEST(MemoryBufferTest, AScatteredChaseSeldomGoesToItsNeighbour)
{
    MemoryBuffer buffer = make(64 * 1024, 64, BufferSpec::Chain::Scattered);
    std::size_t position = 0;
    int neighbours = 0;
    for (int i = 0; i < 1024; ++i) {
        const std::size_t before = position;
        buffer.use(How::Chase, 1, position);
        neighbours += position == before + 64 ? 1 : 0;
    }
    EXPECT_EQ(neighbours, 0);
}

} // namespace
} // namespace timeslice::memory_buffer_test
