#include "core/trace/timeline_builder.h"

#include "tests/core/trace/built_timeline.h"
#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace timeslice::timeline_builder_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;
using testing::kFirstTid;
using testing::kLock;

// --- Who is who

TEST(Builder, GivesColoursInOrderOfAppearanceAndNoneToAuxiliaryThreads)
{
    Built run({{0}, 10, true});
    run.add({at(1, 10, EventKind::SwitchIn, 0), at(2, 11, EventKind::SwitchIn, 0), at(3, 12, EventKind::SwitchIn, 0)});
    EXPECT_EQ(run.thread(10).colorSlot, kOtherSlot);
    EXPECT_TRUE(run.thread(10).auxiliary);
    EXPECT_EQ(run.thread(11).colorSlot, 1);
    EXPECT_EQ(run.thread(12).colorSlot, 2);
    for (Tid tid = 13; tid < 13 + kColorSlots; ++tid) {
        run.add({at(tid, tid, EventKind::SwitchIn, 0)});
    }
    EXPECT_EQ(run.thread(13 + kColorSlots - 3).colorSlot, kColorSlots);
    EXPECT_EQ(run.thread(13 + kColorSlots - 2).colorSlot, 1) << "then again from the first";
}

TEST(Builder, LetsInferredThreadsOfOneBatchAppearInTheOrderOfTheirIds)
{
    Built run({{0}, 10, false});
    Batch batch;
    batch.source = Source::Inferred;
    batch.events = {at(1, kB, EventKind::WaitBegin), at(2, kA, EventKind::LockAcquire, kNoCpu, kLock),
        at(3, kB, EventKind::ThreadExit), at(5, 99, EventKind::SwitchIn, 0)};
    run.builder.append(batch);
    ASSERT_EQ(run.timeline.threads.size(), 3U);
    EXPECT_EQ(run.timeline.threads[0].tid, kA);
    EXPECT_EQ(run.thread(kA).colorSlot, 1);
    EXPECT_EQ(run.thread(kB).colorSlot, 2);
    EXPECT_EQ(run.thread(kA).born, 2);
    EXPECT_EQ(run.thread(kB).exited, 3);
}

TEST(Builder, RecolorsEveryTrackWhenAThreadTurnsOutToBeAuxiliary)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(11, kA, EventKind::LockAcquire, kNoCpu, kLock),
                at(20, kB, EventKind::SwitchIn, 1)},
        30);
    EXPECT_EQ(run.timeline.cores[1].track.value(0).category(), 2);
    Batch batch;
    batch.names.push_back({kA, 10, "coordinator", true});
    batch.drainedAt = 40;
    run.builder.append(batch);
    EXPECT_EQ(run.thread(kA).name, "coordinator");
    EXPECT_EQ(run.thread(kA).colorSlot, kOtherSlot);
    EXPECT_EQ(run.thread(kB).colorSlot, 1);
    EXPECT_EQ(run.timeline.cores[0].track.value(0).category(), kOtherSlot);
    EXPECT_EQ(run.timeline.cores[1].track.value(0).category(), 1);
    EXPECT_EQ(run.lock().value(0).category(), kOtherSlot);
    EXPECT_EQ(run.timeline.cores[1].track.shares({20, 40})[1], 20);
}

TEST(Builder, KeepsANameThatCameBeforeTheThread)
{
    Built run;
    Batch batch;
    batch.names.push_back({kA, 10, "Thread 1", false});
    run.builder.append(batch);
    EXPECT_TRUE(run.timeline.threads.empty());
    run.add({at(10, kA, EventKind::SwitchIn, 0)});
    EXPECT_EQ(run.thread(kA).name, "Thread 1");
    run.add({at(20, kB, EventKind::ThreadBorn, kNoCpu, 0, kA)});
    EXPECT_EQ(run.thread(kB).name, "Thread 1") << "the kernel copies the creator's name";
    EXPECT_EQ(run.thread(kB).parent, kA);
}

TEST(Builder, TellsTwoThreadsWithOneIdApart)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::ThreadBorn), at(20, kA, EventKind::SwitchIn, 0), at(40, kA, EventKind::ThreadExit, 0),
            at(100, kA, EventKind::ThreadBorn), at(120, kA, EventKind::SwitchIn, 1),
            at(30, kA, EventKind::SwitchOut, 0, 0, 0)}, // late, and of the first one
        130);
    ASSERT_EQ(run.timeline.threads.size(), 2U);
    EXPECT_EQ(run.timeline.threadIndex(kA), 1U);
    EXPECT_EQ(run.timeline.threads[0].exited, 40);
    EXPECT_TRUE(run.timeline.threads[0].track.closed());
    EXPECT_EQ(run.timeline.threads[0].track.slice(run.timeline.threads[0].track.indexAt(35)).value.state(),
        SliceState::Blocked);
    EXPECT_EQ(run.timeline.threads[1].born, 100);
    EXPECT_FALSE(run.timeline.threads[1].track.closed());
}

TEST(Builder, IgnoresTheIdleThreadAndIdsThatNameNothing)
{
    Built run;
    run.add({at(10, 0, EventKind::SwitchIn, 0), at(20, -1, EventKind::SwitchIn, 0), at(30, kA, EventKind::LockAcquire),
        at(40, kA, EventKind::SwitchIn, kNoCpu), at(50, kA, EventKind::CounterLoad),
        {60, kA, 10, static_cast<EventKind>(999), 0, 0, 0}});
    EXPECT_EQ(run.timeline.threads.size(), 1U);
    EXPECT_TRUE(run.timeline.locks.empty());
    EXPECT_TRUE(run.timeline.counters.empty());
    EXPECT_EQ(run.timeline.lost.malformed, 3U);
    EXPECT_EQ(run.timeline.events, 6U);
}

TEST(Builder, RefusesTimesThatNoClockShows)
{
    Built run;
    run.add({at(-1, kA, EventKind::SwitchIn, 0), at(INT64_MAX, kA, EventKind::SwitchIn, 0),
        at(INT64_MIN, kA, EventKind::ThreadExit)});
    EXPECT_TRUE(run.timeline.threads.empty());
    EXPECT_EQ(run.timeline.lost.malformed, 3U);
}

TEST(Builder, StretchesOpenSlicesAsFarAsTheRecordingHasCome)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::SwitchIn, 0), at(11, kB, EventKind::SwitchIn, 1), at(12, kB, EventKind::ThreadExit, 1)},
        100);
    EXPECT_EQ(run.thread(kA).track.end(), 100);
    EXPECT_TRUE(run.thread(kA).track.slice(0).open);
    EXPECT_EQ(run.thread(kB).track.end(), 12) << "it is gone";
    run.builder.finish(150);
    EXPECT_EQ(run.thread(kA).track.end(), 150);
    EXPECT_FALSE(run.thread(kA).track.slice(0).open);
    EXPECT_TRUE(run.timeline.finished);
    EXPECT_EQ(run.timeline.end, 150);
    EXPECT_EQ(run.timeline.workRange(), (TimeRange{10, 150}));
}

TEST(Builder, TakesTheWorkProperForTheRangeToShow)
{
    Built run;
    run.add({at(10, kA, EventKind::SwitchIn, 0), at(20, kA, EventKind::WorkBegin), at(25, kB, EventKind::WorkBegin),
                at(80, kA, EventKind::WorkEnd)},
        100);
    EXPECT_EQ(run.timeline.workRange(), (TimeRange{20, 80}));
}

TEST(Builder, ReportsLossesAndThatSomethingWasInferred)
{
    Built run;
    Batch batch;
    batch.lost = {3, 2, 1, 0, 0};
    batch.source = Source::Inferred;
    run.builder.append(batch);
    run.builder.append(Batch{});
    EXPECT_EQ(run.timeline.lost.total(), 6U);
    EXPECT_EQ(run.timeline.source, Source::Inferred);
}

TEST(Builder, TakesNobodysTurnAwayWhereInferredTurnsOverlap)
{
    // B left before A came; inferred, its turn begins after A's.
    Built run;
    Batch batch;
    batch.source = Source::Inferred;
    batch.events = {at(10, kA, EventKind::SwitchIn, 0), at(13, kB, EventKind::SwitchIn, 0),
        at(15, kB, EventKind::SwitchOut, 0), at(90, kA, EventKind::SwitchOut, 0)};
    batch.drainedAt = 100;
    run.builder.append(batch);
    EXPECT_EQ(run.thread(kA).track.shares({0, 100})[static_cast<std::size_t>(SliceState::Running)], 80);
    EXPECT_EQ(run.thread(kB).track.shares({0, 100})[static_cast<std::size_t>(SliceState::Running)], 2);
    const Track& core = run.timeline.cores[0].track;
    const auto running = [&](Nanos t) {
        const SliceValue value = core.value(core.indexAt(t));
        return value.state() == SliceState::Running ? run.timeline.threads[value.subject()].tid : 0;
    };
    EXPECT_EQ(running(12), kA);
    EXPECT_EQ(running(14), kB);
    EXPECT_EQ(running(50), kA);
    EXPECT_EQ(running(95), 0);
}

TEST(Builder, EndsATurnWhereItIsMeasuredThatAnotherCame)
{
    Built run;
    run.add(
        {at(10, kA, EventKind::SwitchIn, 0), at(13, kB, EventKind::SwitchIn, 0), at(15, kB, EventKind::SwitchOut, 0)},
        100);
    EXPECT_EQ(run.thread(kA).track.shares({0, 100})[static_cast<std::size_t>(SliceState::Running)], 3);
}

TEST(Builder, KeepsUsageSamplesOfTheCoresOfTheRun)
{
    Built run;
    Batch batch;
    batch.usage = {{10, 20, 1, 0.5F, 0.1F, 0.4F}, {10, 20, 7, 1, 0, 0}};
    run.builder.append(batch);
    EXPECT_TRUE(run.timeline.cores[0].usage.empty());
    ASSERT_EQ(run.timeline.cores[1].usage.size(), 1U);
    EXPECT_EQ(run.timeline.cores[1].usage[0].busy, 0.5F);
}

TEST(Builder, TellsWhyThereIsNoGilToSee)
{
    const Built run({{0}, 10, false, "PyPy's GIL cannot be observed"});
    EXPECT_EQ(run.timeline.gilNote, "PyPy's GIL cannot be observed");
}

// --- Events that come late

std::vector<std::string> buildFrom(
    const testing::SimulationOptions& options, const std::vector<Event>& events, std::size_t perBatch, Nanos lastTime)
{
    Timeline timeline;
    TimelineBuilder builder(timeline, testing::builderOptionsOf(options));
    builder.append(testing::birthsOf(options));
    for (std::size_t first = 0; first < events.size(); first += perBatch) {
        Batch batch;
        const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
        batch.events.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(perBatch, events.size() - first)));
        batch.drainedAt = options.start;
        for (const Event& event : batch.events) {
            batch.drainedAt = std::max(batch.drainedAt, event.time);
        }
        builder.append(batch);
    }
    builder.finish(lastTime);
    EXPECT_EQ(timeline.lateEvents, 0U);
    return testing::describe(timeline);
}

TEST(Builder, MakesTheSameTimelineOfEventsInAnyOrderWithinTheReplayWindow)
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        testing::SimulationOptions options;
        options.seed = seed;
        options.loss = seed % 2 == 0 ? 0.1 : 0;
        options.cores = seed % 3 == 0 ? 1 : 3;
        std::vector<Event> events = testing::simulate(options);
        const Nanos end = events.back().time + 1000;
        const std::vector<std::string> ordered = buildFrom(options, events, events.size(), end);

        // Births first, or threads appear in another order; then each event up to 100 places from its own.
        std::mt19937_64 random(seed);
        std::vector<std::pair<std::size_t, Event>> placed;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const bool fixed = i < static_cast<std::size_t>(options.threads);
            placed.emplace_back(fixed ? 0 : i + std::uniform_int_distribution<std::size_t>(0, 100)(random), events[i]);
        }
        std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<Event> shuffled;
        for (const auto& entry : placed) {
            shuffled.push_back(entry.second);
        }
        ASSERT_EQ(buildFrom(options, shuffled, 1 + seed * 3, end), ordered);
    }
}

TEST(Builder, CountsAnEventThatIsTooLateAndAppliesItAtTheOldestMomentItKept)
{
    Built run;
    std::vector<Event> events;
    for (Nanos i = 0; i < 2000; ++i) {
        const bool in = i % 2 == 0;
        events.push_back(at(1000 + i * 10, kA, in ? EventKind::SwitchIn : EventKind::SwitchOut, 0));
    }
    run.add(events);
    EXPECT_EQ(run.timeline.lateEvents, 0U);
    const std::size_t slices = run.thread(kA).track.size();
    run.add({at(500, kA, EventKind::WaitBegin, kNoCpu, 0, static_cast<std::uint64_t>(WaitKind::Sleep))});
    EXPECT_EQ(run.timeline.lateEvents, 1U);
    EXPECT_EQ(run.thread(kA).track.size(), slices);
    const Track& track = run.thread(kA).track;
    EXPECT_EQ(track.value(1).subject(), 0U) << "what was long settled stays";
    EXPECT_EQ(track.value(track.size() - 1).subject(), static_cast<std::uint32_t>(WaitKind::Sleep));
}

TEST(Builder, KeepsACoreToOneThreadAndAThreadToOneCoreWhateverIsLost)
{
    for (std::uint64_t seed = 100; seed < 110; ++seed) {
        testing::SimulationOptions options;
        options.seed = seed;
        options.loss = 0.3;
        const std::vector<Event> events = testing::simulate(options);
        Timeline timeline;
        TimelineBuilder builder(timeline, testing::builderOptionsOf(options));
        Batch batch;
        batch.events = events;
        builder.append(batch);
        builder.finish(events.back().time);
        // Each stretch that a core shows of a thread is one that the thread shows on that core, and the other way.
        Nanos onCores = 0;
        Nanos onThreads = 0;
        for (std::uint32_t c = 0; c < timeline.cores.size(); ++c) {
            const Track& track = timeline.cores[c].track;
            for (std::size_t i = 0; i < track.size(); ++i) {
                const Slice slice = track.slice(i);
                if (slice.value.state() != SliceState::Running || slice.length() == 0) {
                    continue;
                }
                onCores += slice.length();
                const Track& thread = timeline.threads[slice.value.subject()].track;
                const Slice there = thread.slice(thread.indexAt(slice.begin));
                ASSERT_EQ(there.value.state(), SliceState::Running) << seed << " at " << slice.begin;
                ASSERT_EQ(there.value.subject(), c);
                ASSERT_GE(there.end, slice.end);
            }
        }
        for (const ThreadInfo& thread : timeline.threads) {
            onThreads += thread.track.shares({timeline.begin, timeline.end})[1];
        }
        ASSERT_EQ(onCores, onThreads) << seed;
    }
}

} // namespace
} // namespace timeslice::timeline_builder_test
