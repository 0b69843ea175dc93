#include "core/session/update_portions.h"

#include "core/trace/timeline_builder.h"

#include <gtest/gtest.h>

namespace timeslice::update_portions_test {
namespace {

constexpr std::size_t kEvents = 1000;

Event switchOf(std::size_t i)
{
    Event event;
    event.time = static_cast<Nanos>(1000 + 10 * i);
    event.tid = static_cast<Tid>(11 + i / 2 % 3);
    event.pid = 10;
    event.cpu = 0;
    event.kind = i % 2 == 0 ? EventKind::SwitchIn : EventKind::SwitchOut;
    return event;
}

Batch batchOf(std::size_t first, std::size_t count)
{
    Batch batch;
    for (std::size_t i = first; i < first + count; ++i) {
        batch.events.push_back(switchOf(i));
    }
    batch.names = {{11, 10, "first", false}};
    batch.usage = {{1000, 2000, 0, 0.5F, 0, 0.5F}};
    batch.lost.kernel = 3;
    batch.drainedAt = static_cast<Nanos>(1000 + 10 * (first + count) + 5);
    return batch;
}

std::vector<RunUpdate> run()
{
    std::vector<RunUpdate> updates;
    updates.emplace_back(VariantStarted{0, BuilderOptions{{0}, 10, false}});
    VariantBatches batches;
    batches.batches.push_back(batchOf(0, kEvents));
    batches.batches.emplace_back(); // nothing happened
    batches.batches.back().drainedAt = 1000 + 10 * kEvents + 6;
    batches.batches.push_back(batchOf(kEvents + 1, 1));
    updates.emplace_back(std::move(batches));
    updates.emplace_back(VariantOutput{0, "printed"});
    updates.emplace_back(VariantEnded{0, {}, 100'000});
    updates.emplace_back(RunEnded{});
    return updates;
}

std::size_t eventsOf(const std::vector<RunUpdate>& updates)
{
    std::size_t events = 0;
    for (const RunUpdate& update : updates) {
        if (const auto* batches = std::get_if<VariantBatches>(&update)) {
            for (const Batch& batch : batches->batches) {
                events += batch.events.size();
            }
        }
    }
    return events;
}

/// The timeline that a run's updates make, and the kinds of the others in their order.
struct Made {
    Timeline timeline;
    std::vector<std::size_t> others;
    std::size_t portions = 0;
    std::size_t most = 0; ///< events in a portion
};

Made make(std::size_t portion)
{
    Made made;
    UpdatePortions queue;
    queue.push(run());
    TimelineBuilder builder(made.timeline, BuilderOptions{{0}, 10, false});
    while (!queue.empty()) {
        const std::vector<RunUpdate> updates = queue.take(portion);
        EXPECT_FALSE(updates.empty()) << "each portion gets on";
        ++made.portions;
        made.most = std::max(made.most, eventsOf(updates));
        for (const RunUpdate& update : updates) {
            if (const auto* batches = std::get_if<VariantBatches>(&update)) {
                for (const Batch& batch : batches->batches) {
                    builder.append(batch);
                }
            } else {
                made.others.push_back(update.index());
            }
        }
    }
    builder.finish(100'000);
    return made;
}

TEST(UpdatePortions, HandsOnNoMoreEventsAtATimeThanWereAskedForHoweverLargeABatchIs)
{
    for (const std::size_t portion : {1U, 7U, 64U, 999U, 1000U, 5000U}) {
        const Made made = make(portion);
        EXPECT_LE(made.most, portion);
        EXPECT_GE(made.portions * portion, kEvents) << portion;
    }
}

TEST(UpdatePortions, MakesTheSameTimelineInPiecesAsInOne)
{
    const Made whole = make(1'000'000);
    ASSERT_EQ(whole.portions, 1U);
    for (const std::size_t portion : {1U, 7U, 64U, 999U, 1001U}) {
        const Made pieces = make(portion);
        EXPECT_EQ(pieces.others, whole.others) << "in the order in which they came";
        EXPECT_EQ(pieces.timeline.events, whole.timeline.events);
        EXPECT_EQ(pieces.timeline.end, whole.timeline.end);
        EXPECT_EQ(pieces.timeline.lost.total(), whole.timeline.lost.total());
        EXPECT_EQ(pieces.timeline.lateEvents, 0U);
        EXPECT_EQ(pieces.timeline.cores[0].usage.size(), whole.timeline.cores[0].usage.size());
        ASSERT_EQ(pieces.timeline.threads.size(), whole.timeline.threads.size());
        for (std::size_t thread = 0; thread < whole.timeline.threads.size(); ++thread) {
            const Track& made = pieces.timeline.threads[thread].track;
            const Track& wanted = whole.timeline.threads[thread].track;
            EXPECT_EQ(pieces.timeline.threads[thread].name, whole.timeline.threads[thread].name);
            ASSERT_EQ(made.size(), wanted.size());
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                EXPECT_EQ(made.slice(i).begin, wanted.slice(i).begin);
                EXPECT_EQ(made.value(i), wanted.value(i));
            }
        }
    }
}

} // namespace
} // namespace timeslice::update_portions_test
