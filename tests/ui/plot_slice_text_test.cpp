#include "tests/ui/sample_runs.h"
#include "ui/plot/slice_text.h"
#include "ui/result/picture_of.h"

#include <gtest/gtest.h>

namespace timeslice::plot_slice_text_test {
namespace {

using samples::kStart;

SliceText textOf(const RunModel& model, SliceRef::Row row, std::size_t track, Nanos at)
{
    const Timeline& timeline = model.variants()[0].recording->timeline;
    const Track& slices = row == SliceRef::Row::Core ? timeline.cores[track].track
        : row == SliceRef::Row::Lock                 ? timeline.locks[track].track
                                                     : timeline.threads[track].track;
    return describeSlice(pictureOf(model), {0, row, track, slices.slice(slices.indexAt(kStart + at))});
}

TEST(SliceTextTest, aHoldTellsWhoHowLongAndWhyItEnded)
{
    samples::VariantMaker maker("GIL", "", 1);
    const auto one = maker.thread("Thread 1", 1);
    const auto two = maker.thread("Thread 2", 2);
    const auto gil = maker.lock("GIL", ObjectKind::Gil);
    maker.run(one, 0, 0, 46'030'000);
    maker.state(two, 40'900'000, SliceState::WaitingForLock, gil, Cause::Requested);
    maker.hold(gil, 40'900'000, one);
    maker.ask(gil, 45'900'000, two);
    maker.free(gil, 46'030'000, Cause::ReleasedAfterTimeout);
    const auto model = samples::modelWith("", maker.finish(50 * kMillisecond));
    const SliceText text = textOf(*model, SliceRef::Row::Lock, gil, 42 * kMillisecond);
    EXPECT_EQ(text.title, "Thread 1 holds the GIL");
    ASSERT_EQ(text.lines.size(), 2);
    EXPECT_EQ(text.lines[0], "for 5.13 ms, from 40.9 ms");
    EXPECT_EQ(text.lines[1], "let go: Thread 2 waited 5 ms and asked");
}

TEST(SliceTextTest, aWaitNamesTheLockAndItsHolder)
{
    const auto model = samples::modelWith("", samples::deadlockVariant(60 * kMillisecond));
    const SliceText text = textOf(*model, SliceRef::Row::Thread, 0, 30 * kMillisecond);
    EXPECT_EQ(text.title, "Thread 1 waits for lock B");
    EXPECT_TRUE(text.lines.contains("held by Thread 2"));
    EXPECT_TRUE(text.lines.contains("deadlock: it will wait forever"));
}

TEST(SliceTextTest, aPreemptedThreadNamesWhoGotTheCore)
{
    samples::VariantMaker maker("x", "", 1);
    const auto one = maker.thread("Thread 1", 1);
    const auto two = maker.thread("Thread 2", 2);
    maker.state(two, 0, SliceState::Runnable, 0, Cause::Born);
    maker.run(one, 0, 0, 4 * kMillisecond);
    maker.state(one, 4 * kMillisecond, SliceState::Runnable, 0, Cause::Preempted);
    maker.run(two, 4 * kMillisecond, 0, 8 * kMillisecond);
    maker.state(
        two, 8 * kMillisecond, SliceState::Blocked, static_cast<std::uint32_t>(WaitKind::Sleep), Cause::Blocked);
    const auto model = samples::modelWith("", maker.finish(10 * kMillisecond));

    const SliceText running = textOf(*model, SliceRef::Row::Thread, 0, kMillisecond);
    EXPECT_EQ(running.title, "Thread 1 runs on core 0");
    EXPECT_TRUE(running.lines.contains("then preempted: Thread 2 got the core"));
    const SliceText runnable = textOf(*model, SliceRef::Row::Thread, 0, 5 * kMillisecond);
    EXPECT_EQ(runnable.title, "Thread 1 waits for a core");
    EXPECT_TRUE(runnable.lines.contains("preempted: Thread 2 got the core"));
    EXPECT_EQ(textOf(*model, SliceRef::Row::Thread, 1, 9 * kMillisecond).title, "Thread 2 is blocked: sleeping");
    EXPECT_EQ(textOf(*model, SliceRef::Row::Core, 0, 9 * kMillisecond).title, "Core 0 runs nothing of this run");
    EXPECT_TRUE(textOf(*model, SliceRef::Row::Core, 0, 9 * kMillisecond)
                    .lines.last()
                    .startsWith("Other programs may run here"));
    EXPECT_EQ(textOf(*model, SliceRef::Row::Core, 0, 6 * kMillisecond).title, "Thread 2 runs on core 0");
}

TEST(SliceTextTest, anOpenSliceHasAnAgeAndNoLength)
{
    const auto model = samples::modelWith("", samples::deadlockVariant(60 * kMillisecond));
    SliceRef ref{0, SliceRef::Row::Lock, 0, model->variants()[0].recording->timeline.locks[0].track.slice(1)};
    ref.slice.open = true;
    EXPECT_TRUE(describeSlice(pictureOf(*model), ref).lines[0].contains("so far"));
}

TEST(SliceTextTest, crowdedPixelsTellSharesThatAreExact)
{
    const auto model = samples::modelWith("", samples::denseVariant(100'000, 1, kSecond));
    const VariantPicture variant = pictureOf(*model).variants[0];
    const SliceRef ref{0, SliceRef::Row::Thread, 0, variant.recording->timeline.threads[0].track.slice(0)};
    const SliceText text = describeShares(variant, ref, {kStart, kStart + kMillisecond});
    EXPECT_TRUE(text.lines.contains("runs 50 %")) << text.lines.join("|").toStdString();
    EXPECT_TRUE(text.lines.contains("is blocked 50 %"));
}

TEST(SliceTextTest, theStoreThatWasLostSaysWhoOverwroteIt)
{
    const auto model = samples::modelWith("", samples::raceVariant(100));
    const VariantPicture variant = pictureOf(*model).variants[0];
    ASSERT_TRUE(variant.loss.has_value());
    const CounterInfo& counter = variant.recording->timeline.counters[0];
    for (std::size_t i = 0; i < counter.accesses.size(); ++i) {
        const SliceText text = describeAccess(variant, counter, i);
        const bool lost = counter.accesses[i].store && counter.accesses[i].time == variant.loss->overwritten.time;
        EXPECT_EQ(text.lines.join(" ").contains("lost:"), lost) << i;
    }
}

} // namespace
} // namespace timeslice::plot_slice_text_test
