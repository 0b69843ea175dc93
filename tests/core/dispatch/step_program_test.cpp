// The stepper's model, held against an enumeration that is written another way, and against arithmetic.
#include "core/dispatch/step_program.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace timeslice::step_program_test {
namespace {

using enum StepKind;

const StepProgram kBare{Load, Add, Store};
const StepProgram kLocked{Lock, Load, Add, Store, Unlock};

StepJob job(std::size_t threads, const StepProgram& program, std::int64_t initial = 0)
{
    return {std::vector<StepProgram>(threads, program), initial};
}

/// The reference: every permutation of the multiset of threads, executed by hand; those in which a thread would have to
/// take a lock that is held cannot happen.
std::map<Schedule, std::int64_t> reference(const StepJob& of)
{
    Schedule order;
    for (std::size_t thread = 0; thread < of.programs.size(); ++thread) {
        order.insert(order.end(), of.programs[thread].size(), static_cast<std::uint8_t>(thread));
    }
    std::map<Schedule, std::int64_t> ends;
    do {
        std::int64_t shared = of.initial;
        std::vector<std::int64_t> registers(of.programs.size());
        std::vector<std::size_t> next(of.programs.size());
        int holder = -1;
        bool possible = true;
        for (const std::uint8_t thread : order) {
            const StepKind kind = of.programs[thread][next[thread]++];
            possible = possible && !(kind == Lock && holder >= 0);
            holder = kind == Lock ? thread : kind == Unlock ? -1 : holder;
            registers[thread] = kind == Load ? shared : kind == Add ? registers[thread] + 1 : registers[thread];
            shared = kind == Store ? registers[thread] : shared;
        }
        if (possible) {
            ends.emplace(order, shared);
        }
    } while (std::next_permutation(order.begin(), order.end()));
    return ends;
}

std::map<Schedule, std::int64_t> enumerated(const StepJob& of)
{
    std::map<Schedule, std::int64_t> ends;
    forEachSchedule(of, [&](const Schedule& schedule, const StepState& end) {
        EXPECT_TRUE(ends.emplace(schedule, end.value()).second) << "each order once";
        return true;
    });
    return ends;
}

std::map<std::int64_t, int> outcomes(const StepJob& of)
{
    std::map<std::int64_t, int> counts;
    for (const auto& [schedule, value] : enumerated(of)) {
        ++counts[value];
    }
    return counts;
}

TEST(StepProgram, HasExactlyTheOrdersAndEndsOfAReferenceThatTriesEveryPermutation)
{
    std::vector<StepJob> jobs;
    for (const std::size_t threads : {1U, 2U, 3U}) {
        jobs.push_back(job(threads, kBare));
        jobs.push_back(job(threads, kBare, -7));
        jobs.push_back(job(threads, {Load}));
        jobs.push_back(job(threads, {Store, Load}));
    }
    jobs.push_back(job(2, kLocked));
    jobs.push_back(job(2, {Load, Add, Lock, Store, Unlock}));
    jobs.push_back(job(2, {Load, Lock, Add, Unlock, Store, Load}));
    jobs.push_back(job(2, {Lock, Load, Unlock, Add, Lock, Store, Unlock}));
    jobs.push_back({{kBare, kLocked}, 5});
    jobs.push_back({{{Add, Store}, kBare, {Load}}, 0});
    for (const StepJob& of : jobs) {
        const auto expected = reference(of);
        EXPECT_EQ(enumerated(of), expected);
        EXPECT_EQ(countSchedules(of), expected.size());
    }
}

TEST(StepProgram, HasAsManyOrdersAsTheMultinomialSays)
{
    EXPECT_EQ(countSchedules(job(1, kBare)), 1U);
    EXPECT_EQ(countSchedules(job(2, kBare)), 20U) << "6! / (3! 3!)";
    EXPECT_EQ(countSchedules(job(3, kBare)), 1680U) << "9! / (3! 3! 3!)";
    EXPECT_EQ(countSchedules(job(3, {Load, Add, Store, Load})), 34650U) << "12! / (4! 4! 4!)";
    EXPECT_EQ(countSchedules(job(2, {Load, Add, Store, Load, Add, Store, Load, Add})), 12870U) << "16! / (8! 8!)";
    EXPECT_EQ(countSchedules(job(3, {Load, Add, Store, Load, Add, Store})), StepJob::kMostSchedules + 1)
        << "17,153,136 are more than are all run";
}

TEST(StepProgram, LosesAnUpdateInAllOrdersButTheSerialOnes)
{
    EXPECT_EQ(outcomes(job(2, kBare)), (std::map<std::int64_t, int>{{1, 18}, {2, 2}}));
    // Three threads: those that end right are the 3! orders in which one is done before the next begins.
    EXPECT_EQ(outcomes(job(3, kBare)), (std::map<std::int64_t, int>{{1, 1404}, {2, 270}, {3, 6}}));
    for (const auto& [schedule, value] : enumerated(job(2, kBare))) {
        const bool serial =
            std::adjacent_find(schedule.begin(), schedule.end(), std::not_equal_to<>()) - schedule.begin() == 2;
        EXPECT_EQ(value == 2, serial);
    }
}

TEST(StepProgram, WithALockHasOnlyTheSerialOrdersAndTheRightEnd)
{
    EXPECT_EQ(outcomes(job(2, kLocked)), (std::map<std::int64_t, int>{{2, 2}}));
    EXPECT_EQ(outcomes(job(3, kLocked)), (std::map<std::int64_t, int>{{3, 6}}));
    EXPECT_EQ(firstWrongSchedule(job(3, kLocked)), std::nullopt);
}

TEST(StepProgram, FindsTheFirstOrderThatLosesAnUpdate)
{
    EXPECT_EQ(firstWrongSchedule(job(2, kBare)), (Schedule{0, 0, 1, 0, 1, 1}));
    EXPECT_EQ(firstWrongSchedule(job(1, kBare)), std::nullopt);
    const StepJob afterwards = job(2, {Load, Add, Lock, Store, Unlock}); // a lock in the wrong place
    const auto wrong = firstWrongSchedule(afterwards);
    ASSERT_TRUE(wrong);
    StepState state(afterwards);
    EXPECT_TRUE(state.steps(*wrong));
    EXPECT_EQ(state.value(), 1);
}

TEST(StepProgram, OffersNoThreadThatWaitsForTheLock)
{
    const StepJob of = job(2, kLocked);
    StepState state(of);
    EXPECT_TRUE(state.mayStep(0));
    EXPECT_TRUE(state.mayStep(1));
    state.step(1);
    EXPECT_EQ(state.holder(), 1);
    EXPECT_TRUE(state.waits(0));
    EXPECT_FALSE(state.mayStep(0));
    EXPECT_FALSE(state.steps({0}));
    EXPECT_TRUE(state.steps({1, 1, 1, 1}));
    EXPECT_EQ(state.holder(), std::nullopt);
    EXPECT_FALSE(state.waits(0));
    EXPECT_FALSE(state.mayStep(1)) << "it has done everything";
    EXPECT_TRUE(state.steps({0, 0, 0, 0, 0}));
    EXPECT_TRUE(state.over());
    EXPECT_EQ(state.value(), 2);
}

TEST(StepProgram, HasARegisterFromTheFirstLoadOn)
{
    const StepJob of = job(2, kBare, 41);
    StepState state(of);
    EXPECT_EQ(state.registerOf(0), std::nullopt);
    ASSERT_TRUE(state.steps({0, 0}));
    EXPECT_EQ(state.registerOf(0), 42);
    EXPECT_EQ(state.registerOf(1), std::nullopt);
    EXPECT_EQ(state.value(), 41);
    EXPECT_EQ(state.next(0), Store);
}

TEST(StepProgram, IsRefusedWhereItsLocksDoNotPair)
{
    EXPECT_EQ(whyNoProgram(kBare), "");
    EXPECT_EQ(whyNoProgram(kLocked), "");
    EXPECT_THAT(whyNoProgram({}), testing::HasSubstr("1 to 8 steps"));
    EXPECT_THAT(whyNoProgram(StepProgram(9, Load)), testing::HasSubstr("1 to 8 steps"));
    EXPECT_THAT(whyNoProgram({Unlock}), testing::HasSubstr("has not locked"));
    EXPECT_THAT(whyNoProgram({Lock, Lock, Unlock}), testing::HasSubstr("locks what it has locked"));
    EXPECT_THAT(whyNoProgram({Lock, Load}), testing::HasSubstr("does not unlock"));
}

TEST(StepProgram, StopsTheEnumerationWhenTheVisitorHasHadEnough)
{
    int seen = 0;
    forEachSchedule(job(3, kBare), [&](const Schedule&, const StepState&) { return ++seen < 5; });
    EXPECT_EQ(seen, 5);
}

} // namespace
} // namespace timeslice::step_program_test
