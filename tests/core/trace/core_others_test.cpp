// Other programs on the cores' tracks, and the gaps that nothing accounts for.
#include "core/trace/core_others.h"

#include "tests/core/trace/built_timeline.h"

#include <gtest/gtest.h>

namespace timeslice::core_others_test {
namespace {

using testing::at;
using testing::Built;
using testing::kA;
using testing::kB;

constexpr Nanos ms = kMillisecond;
constexpr std::uint64_t kPreempted = static_cast<std::uint64_t>(SwitchOutReason::Preempted);

Batch othersOn(CpuId cpu, std::vector<OthersRun> runs, std::vector<OtherProgram> programs = {})
{
    Batch batch;
    for (OthersRun& run : runs) {
        run.cpu = cpu;
    }
    batch.others = std::move(runs);
    batch.programs = std::move(programs);
    return batch;
}
Batch usageOn(CpuId cpu, Nanos begin, Nanos end, float busy, float stolen)
{
    Batch batch;
    batch.usage = {{begin, end, cpu, busy, stolen, 1 - busy - stolen}};
    batch.drainedAt = end;
    return batch;
}

/// A runs on core 0 until 10 ms, is preempted, and runs again from 30 ms to 40 ms.
struct Preempted : Built {
    Preempted()
    {
        add({at(0, kA, EventKind::SwitchIn, 0), at(10 * ms, kA, EventKind::SwitchOut, 0, 0, kPreempted),
                at(30 * ms, kA, EventKind::SwitchIn, 0), at(40 * ms, kA, EventKind::SwitchOut, 0)},
            50 * ms);
    }
};

std::vector<TimeRange> rangesOf(const std::vector<UnseenGap>& gaps)
{
    std::vector<TimeRange> ranges;
    for (const UnseenGap& gap : gaps) {
        ranges.push_back(gap.range);
    }
    return ranges;
}
constexpr TimeRange kAll{0, 50 * ms};

TEST(CoreOthers, StandOnATrackOfTheirOwn)
{
    Built run;
    run.add({at(0, kA, EventKind::SwitchIn, 0), at(10, kA, EventKind::SwitchOut, 0, 0, kPreempted)}, 40);
    run.builder.append(
        othersOn(0, {{0, 10}, {10, 20, 0, 0}, {20, 25, 0, 0}, {30, 40, 0, 1}}, {{500, "hog", {}}, {501, "pig", {}}}));
    const CoreInfo& core = run.timeline.cores[0];
    ASSERT_EQ(core.others.size(), 4U) << "nobody, hog in one piece, not known, pig";
    EXPECT_EQ(core.others.slice(1).begin, 10);
    EXPECT_EQ(core.others.slice(1).end, 25);
    EXPECT_EQ(run.timeline.programs[core.others.slice(1).value.subject()].name, "hog");
    EXPECT_EQ(run.timeline.programs[core.others.slice(3).value.subject()].name, "pig");
    EXPECT_EQ(othersIn(core, {0, 40}).others, 25);
    EXPECT_EQ(othersIn(core, {0, 40}).known, 35);
    EXPECT_EQ(othersIn(core, {40, 60}).known, 0) << "beyond what was told";
    EXPECT_TRUE(measuresOthers(run.timeline));
    // The run's own are as they would be without.
    EXPECT_EQ(run.timeline.threads.size(), 1U);
    EXPECT_EQ(core.track.shares({0, 40})[1], 10);
}

TEST(CoreOthers, OfWhatNobodyToldNothingIsShown)
{
    Built run;
    run.builder.append(othersOn(0, {{10, 20, 0, 7}, {30, 30, 0, 0}, {-5, 5}})); // no such program; empty; no such time
    run.builder.append(othersOn(9, {{10, 20}})); // not a core of this run
    EXPECT_FALSE(measuresOthers(run.timeline));
    run.builder.append(othersOn(0, {{40, 50}}));
    run.builder.append(othersOn(0, {{45, 60}, {20, 30}})); // told already
    EXPECT_EQ(othersIn(run.timeline.cores[0], {0, 100}).known, 20);
}

TEST(UnseenGap, IsWhereAPreemptedThreadWaitsAndNothingAccountsForTheCore)
{
    Preempted run;
    EXPECT_TRUE(unseenGaps(run.timeline, 0, kAll).empty()) << "the accounts may still come";
    run.builder.append(usageOn(0, 0, 50 * ms, 0.4F, 0));
    EXPECT_EQ(rangesOf(unseenGaps(run.timeline, 0, kAll)), (std::vector<TimeRange>{{10 * ms, 30 * ms}}));
    EXPECT_FALSE(unseenGaps(run.timeline, 0, kAll)[0].host);
    EXPECT_TRUE(unseenGaps(run.timeline, 1, kAll).empty()) << "nobody waits for the other core";
    EXPECT_TRUE(unseenGaps(run.timeline, 0, kAll, 21 * ms).empty());
    EXPECT_EQ(rangesOf(unseenGaps(run.timeline, 0, {15 * ms, 20 * ms})).size(), 1U) << "in sight, a part of it";
}

TEST(UnseenGap, IsNoneWhereTheSampledShareAccountsForIt)
{
    Preempted run;
    run.builder.append(usageOn(0, 0, 50 * ms, 0.9F, 0));
    EXPECT_TRUE(unseenGaps(run.timeline, 0, kAll).empty());
}

TEST(UnseenGap, IsNoneWhereAnotherProgramWasMeasured)
{
    Preempted run;
    run.builder.append(othersOn(0, {{0, 10 * ms}, {10 * ms, 30 * ms, 0, 0}, {30 * ms, 50 * ms}}, {{500, "hog", {}}}));
    run.builder.append(usageOn(0, 0, 50 * ms, 0.4F, 0));
    EXPECT_TRUE(unseenGaps(run.timeline, 0, kAll).empty());
}

TEST(UnseenGap, IsTheHostsWhereOthersWereMeasuredAndTheAccountsSaySo)
{
    for (const float stolen : {0.0F, 0.5F}) {
        Preempted run;
        run.builder.append(
            othersOn(0, {{0, 10 * ms}, {10 * ms, 15 * ms, 0, 0}, {15 * ms, 50 * ms}}, {{500, "hog", {}}}));
        run.builder.append(usageOn(0, 0, 50 * ms, 0.5F, stolen));
        const std::vector<UnseenGap> gaps = unseenGaps(run.timeline, 0, kAll);
        ASSERT_EQ(rangesOf(gaps), (std::vector<TimeRange>{{15 * ms, 30 * ms}}));
        EXPECT_EQ(gaps[0].host, stolen > 0);
    }
}

TEST(UnseenGap, IsNoneWhereAThreadGaveItsCoreUpOrNotAllIsKnown)
{
    Built waits;
    waits.add({at(0, kA, EventKind::SwitchIn, 0), at(10 * ms, kA, EventKind::SwitchOut, 0),
                  at(30 * ms, kA, EventKind::SwitchIn, 0)},
        50 * ms);
    waits.builder.append(usageOn(0, 0, 50 * ms, 0.4F, 0));
    EXPECT_TRUE(unseenGaps(waits.timeline, 0, kAll).empty());

    Built taken;
    taken.add({at(0, kA, EventKind::SwitchIn, 0), at(10 * ms, kA, EventKind::SwitchOut, 0, 0, kPreempted),
                  at(10 * ms, kB, EventKind::SwitchIn, 0), at(25 * ms, kB, EventKind::SwitchOut, 0),
                  at(30 * ms, kA, EventKind::SwitchIn, 0)},
        50 * ms);
    taken.builder.append(usageOn(0, 0, 50 * ms, 0.9F, 0));
    EXPECT_TRUE(unseenGaps(taken.timeline, 0, {0, 25 * ms}).empty()) << "another thread of the run had it";

    Preempted lossy;
    Batch batch = usageOn(0, 0, 50 * ms, 0.4F, 0);
    batch.lost.kernel = 1;
    lossy.builder.append(batch);
    EXPECT_TRUE(unseenGaps(lossy.timeline, 0, kAll).empty());

    Preempted inferred;
    batch = usageOn(0, 0, 50 * ms, 0.4F, 0);
    batch.source = Source::Inferred;
    inferred.builder.append(batch);
    EXPECT_TRUE(unseenGaps(inferred.timeline, 0, kAll).empty());
}

} // namespace
} // namespace timeslice::core_others_test
