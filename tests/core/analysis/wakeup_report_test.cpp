// What a report makes of wake-ups.
#include "core/analysis/report.h"
#include "core/trace/timeline_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace timeslice::wakeup_report_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Tid kA = 11;
constexpr Nanos kMs = kMillisecond;

Event at(Nanos time, EventKind kind, std::uint64_t value = 0)
{
    return {time, kA, 10, kind, 0, 0, value};
}

/// Runs 1..2 ms, is blocked until 5, ready until 6, and runs until 9.
struct Measured {
    Timeline timeline;
    TimelineBuilder builder{timeline, {{0}, 10, false}};

    explicit Measured(bool wakeups = true, Nanos wokenAt = 5 * kMs)
    {
        Batch batch;
        batch.events = {at(1 * kMs, EventKind::SwitchIn), at(2 * kMs, EventKind::SwitchOut)};
        if (wakeups) {
            batch.events.push_back(at(wokenAt, EventKind::Wakeup));
        }
        batch.events.push_back(at(6 * kMs, EventKind::SwitchIn));
        batch.wakeups = wakeups;
        batch.drainedAt = 7 * kMs;
        builder.append(batch);
        batch = {};
        batch.events = {at(9 * kMs, EventKind::SwitchOut)};
        batch.drainedAt = 9 * kMs;
        batch.wakeups = wakeups;
        builder.append(batch);
    }
    VariantReport report()
    {
        builder.finish(9 * kMs);
        return analyzeVariant(timeline, RunFacts{}, "id", "name", Engine::Native);
    }
};

TEST(WakeupReport, CountsTheTimeFromTheWakeUpOnAsWaitingForACore)
{
    const VariantReport report = Measured().report();
    EXPECT_TRUE(report.wakeups);
    EXPECT_EQ(report.threads.at(0).running, 4 * kMs);
    EXPECT_EQ(report.threads[0].blocked, 3 * kMs);
    EXPECT_EQ(report.threads[0].runnable, 1 * kMs);
    EXPECT_THAT(report.findings, IsEmpty());

    const VariantReport without = Measured(false).report();
    EXPECT_FALSE(without.wakeups);
    EXPECT_EQ(without.threads.at(0).blocked, 4 * kMs);
    EXPECT_EQ(without.threads[0].runnable, 0);
}

TEST(WakeupReport, AThreadThatIsWokenAtTheMomentThatItBlocksHasGivenItsCoreUpAllTheSame)
{
    const VariantReport report = Measured(true, 2 * kMs).report();
    EXPECT_EQ(report.threads.at(0).blocked, 0);
    EXPECT_EQ(report.preempted, 0U);
    EXPECT_EQ(report.voluntary, 1U);
}

TEST(WakeupReport, SaysFromWhenOnTheyAreMissing)
{
    Measured run;
    run.timeline.wakeupsUntil = 4 * kMs;
    EXPECT_THAT(run.report().findings, ElementsAre(HasSubstr("After 3 ms no more wake-ups were recorded")));
}

TEST(WakeupReport, SaysHowManyWereLost)
{
    Measured run;
    Batch batch;
    batch.drainedAt = 9 * kMs;
    batch.wakeups = true;
    batch.lost.wakeups = 12;
    run.builder.append(batch);
    const VariantReport report = run.report();
    EXPECT_THAT(report.findings, ElementsAre(HasSubstr("12 records of wake-ups were lost")));
    EXPECT_EQ(report.lostEvents, 0U) << "the run's own switches are whole";
}

TEST(WakeupReport, ComesBackFromItsJson)
{
    RunReport run;
    run.variants.push_back(Measured().report());
    run.variants.push_back(Measured(false).report());
    const nlohmann::json json = toJson(run);
    EXPECT_EQ(json.at("variants")[0].at("wakeups"), "measured");
    EXPECT_FALSE(json.at("variants")[1].contains("wakeups")) << "as in reports of before";
    const Result<RunReport> read = reportFromJson(json);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_TRUE(read->variants[0].wakeups);
    EXPECT_FALSE(read->variants[1].wakeups);
}

} // namespace
} // namespace timeslice::wakeup_report_test
