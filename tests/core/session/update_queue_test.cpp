#include "core/session/update_queue.h"

#include "core/base/readable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::update_queue_test {
namespace {

using testing::SizeIs;

RunUpdate batchOf(std::size_t events)
{
    VariantBatches batches;
    batches.batches.emplace_back().events.resize(events);
    return batches;
}

TEST(UpdateQueueTest, IsFullOfEventsUntilTheyAreTaken)
{
    UpdateQueue queue;
    ASSERT_TRUE(queue.open());
    EXPECT_FALSE(readable(queue.fd()));
    queue.push(batchOf(UpdateQueue::kMostEvents - 1));
    EXPECT_FALSE(queue.isFull());
    EXPECT_TRUE(readable(queue.fd()));
    queue.push(batchOf(1));
    EXPECT_TRUE(queue.isFull());
    queue.push(RunEnded{}); // what a run says last is never refused
    EXPECT_THAT(queue.takeAll(), SizeIs(3));
    EXPECT_FALSE(queue.isFull());
    EXPECT_FALSE(readable(queue.fd()));
}

TEST(UpdateQueueTest, IsFullOfTextByItself)
{
    UpdateQueue queue;
    ASSERT_TRUE(queue.open());
    queue.push(VariantOutput{0, std::string(UpdateQueue::kMostText, 'x')});
    EXPECT_TRUE(queue.textIsFull());
    EXPECT_FALSE(queue.isFull());
    EXPECT_THAT(queue.takeAll(), SizeIs(1));
    EXPECT_FALSE(queue.textIsFull());
}

} // namespace
} // namespace timeslice::update_queue_test
