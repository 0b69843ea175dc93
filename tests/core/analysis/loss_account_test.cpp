#include "core/analysis/loss_account.h"
#include "tests/core/analysis/counter_stories.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::loss_account_test {
namespace {

constexpr std::uint32_t kC = 2;

std::vector<std::string> told(const Story& story, const Loss& loss)
{
    return describe(loss, story.counter, story.made.timeline);
}

/// Stores on record less what the counter has come to: how many are lost, where nothing is missing.
std::int64_t lostBy(const CounterInfo& counter, std::int64_t from, std::int64_t to)
{
    return std::count_if(counter.accesses.begin(), counter.accesses.end(), [](const auto& a) { return a.store; })
        - (to - from);
}

TEST(LossAccount, IsEmptyWhereEveryUpdateSeesTheOneBefore)
{
    Story story;
    for (int i = 0; i < 100; ++i) {
        story.update(i * 100, static_cast<std::uint32_t>(i % 2), i);
    }
    const LossAccount account = accountLosses(story.counter, 100);
    EXPECT_TRUE(account.losses.empty());
    EXPECT_EQ(account.found, 0);
    EXPECT_TRUE(accountLosses(CounterInfo{}).losses.empty());
}

TEST(LossAccount, FindsEachOfTwoLossesAndPutsThemInOrder)
{
    Story story;
    story.load(100, kA, 41).update(110, kB, 41).store(130, kA, 42).load(150, kB, 42).update(160, kA, 42);
    story.update(180, kA, 43).store(200, kB, 43).load(220, kA, 43).store(230, kA, 44);
    const LossAccount account = accountLosses(story.counter, 44);
    ASSERT_EQ(account.losses.size(), 2U);
    EXPECT_EQ(account.losses[0].atOnce, 1);
    EXPECT_EQ(account.losses[0].forGood, 1);
    EXPECT_EQ(account.losses[1].atOnce, 2);
    EXPECT_EQ(account.losses[1].forGood, 2);
    EXPECT_EQ(account.found, 3);
    EXPECT_EQ(account.found, lostBy(story.counter, 41, 44));
    EXPECT_EQ(account.complete, 2U);
    EXPECT_THAT(told(story, account.losses[1]),
        testing::ElementsAre(
            "Thread 2 read 42.", "Thread 1 counted on to 44.", "Thread 2 wrote 43 over it: 2 updates lost."));
}

TEST(LossAccount, OfThreeThreadsBlamesTheOneWhoseStoreMadeTheOthersVanish)
{
    Story story;
    story.load(100, kA, 10).update(110, kB, 10).update(130, kC, 11).update(150, kB, 12).store(170, kA, 11);
    story.load(190, kB, 11).store(200, kB, 12).load(210, kC, 12).store(220, kC, 13);
    const LossAccount account = accountLosses(story.counter, 13);
    ASSERT_EQ(account.losses.size(), 1U);
    const LostUpdate loss = lostUpdate(account.losses[0], story.counter);
    EXPECT_EQ(loss.overwrite.thread, kA);
    EXPECT_EQ(loss.overwritten.value, 13);
    EXPECT_EQ(account.found, 3);
    EXPECT_EQ(account.found, lostBy(story.counter, 10, 13));
    EXPECT_EQ(told(story, account.losses[0])[1], "The others counted on to 13.");
}

TEST(LossAccount, OfTwoThreadsThatBothHeldAnOldNumberCountsEachLossOnce)
{
    // Thread 1 and 3 both hold 10 while Thread 2 counts on to 12; Thread 1's store loses two, Thread 3's that of
    // Thread 1.
    Story story;
    story.load(100, kA, 10).load(105, kC, 10).update(110, kB, 10).update(130, kB, 11).store(150, kA, 11);
    story.store(160, kC, 11).load(170, kB, 11);
    const LossAccount account = accountLosses(story.counter, 11);
    ASSERT_EQ(account.losses.size(), 2U);
    EXPECT_EQ(account.losses[0].forGood, 2);
    EXPECT_EQ(account.losses[1].forGood, 1);
    EXPECT_EQ(account.found, lostBy(story.counter, 10, 11));
}

TEST(LossAccount, DoesNotCountWhatComesBack)
{
    // Thread 2 has read 43 when Thread 1 overwrites it, and stores 44: only one of the two 42 is gone.
    Story story;
    story.load(100, kA, 41).update(110, kB, 41).update(130, kB, 42).load(150, kB, 43).store(160, kA, 42);
    story.store(170, kB, 44).load(180, kA, 44);
    const LossAccount account = accountLosses(story.counter, 44);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.losses[0].atOnce, 2);
    EXPECT_EQ(account.losses[0].forGood, 1);
    EXPECT_TRUE(account.losses[0].overwrittenInTurn);
    EXPECT_EQ(account.found, lostBy(story.counter, 41, 44));
    EXPECT_THAT(told(story, account.losses[0]), testing::Contains("So 1 update counts after all; 1 is lost."));
}

TEST(LossAccount, OfAChainOfOldNumbersAddsUp)
{
    // Each thread overwrites what the other did meanwhile, over and over; nobody ever sees the other's.
    Story story;
    story.load(1, kA, 0).load(2, kB, 0);
    for (std::int64_t value = 1; value <= 50; ++value) {
        const Nanos time = value * 100;
        story.store(time, kA, value).load(time + 10, kA, value);
        story.store(time + 20, kB, value).load(time + 30, kB, value);
    }
    const LossAccount account = accountLosses(story.counter, 50);
    EXPECT_EQ(account.found, 50);
    EXPECT_EQ(account.losses.size(), 50U) << "each store of Thread 2 overwrites one of Thread 1's";
}

TEST(LossAccount, LosesAtTheEndWhatIsBeyondWhereTheCounterEnded)
{
    Story story;
    story.load(100, kA, 5).update(110, kB, 5).update(130, kB, 6).update(150, kB, 7).store(170, kA, 6);
    EXPECT_EQ(accountLosses(story.counter, 6).found, 3);
    EXPECT_EQ(accountLosses(story.counter).found, 3) << "the last store tells, too";
}

TEST(LossAccount, TakesALateStampForWhatItIs)
{
    Story story;
    story.load(90, kA, 41);
    for (std::int64_t value = 42; value < 142; ++value) {
        story.update(1000 + value * 1000, kB, value);
    }
    story.store(kMillisecond, kA, 42).load(kMillisecond + 20, kA, 142).store(kMillisecond + 30, kA, 143);
    EXPECT_EQ(accountLosses(story.counter, 143).found, 0);
}

TEST(LossAccount, SeesAStoreThatAnotherReadsBeforeItIsStamped)
{
    // Thread 1's store of 42 over 44 is stamped after Thread 2 has read it.
    Story story;
    story.load(100, kA, 41).update(110, kB, 41).update(130, kB, 42).update(150, kB, 43).load(170, kB, 42);
    story.store(180, kA, 42).store(190, kB, 43).load(200, kA, 43);
    const LossAccount account = accountLosses(story.counter, 43);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.losses[0].overwrite, 8U);
    EXPECT_EQ(account.found, 3);
    EXPECT_EQ(account.found, lostBy(story.counter, 41, 43));
}

TEST(LossAccount, LeavesUnexplainedWhatVanishedInAGap)
{
    // 10 to 15 are on record, then there is a gap in which somebody makes the counter 12 again. That the second 13, 14
    // and 15 are too many is certain; who overwrote the first ones is not on record.
    Story story;
    for (std::int64_t value = 10; value < 15; ++value) {
        story.update(value * 100, kB, value);
    }
    for (std::int64_t value = 12; value < 15; ++value) {
        story.update(10'000 + value * 100, kB, value);
    }
    const LossAccount account = accountLosses(story.counter, 15);
    EXPECT_TRUE(account.losses.empty());
    EXPECT_EQ(account.found, 0);
}

TEST(LossAccount, FindsWhatItCanWhereTheFirstUpdateThatVanishedIsNotOnRecord)
{
    // Of Thread 2's 41 -> 42 -> 43 only the last store is on record: that 43 and 44 vanished is seen, the first is not
    // explained.
    Story story;
    story.load(100, kA, 41).store(160, kB, 43).update(180, kB, 43).store(210, kA, 42).load(230, kA, 42);
    const LossAccount account = accountLosses(story.counter, 42);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.losses[0].atOnce, 3);
    EXPECT_EQ(account.found, 2);
}

TEST(LossAccount, TellsTwoStoresOfTheSameThoughOneIsStampedLongAfter)
{
    // One core. Both read 41; Thread 1 has stored 42, and stamps that when Thread 2 has counted on to 44.
    Story story;
    story.load(100, kA, 41).update(110, kB, 41).update(130, kB, 42).update(150, kB, 43).store(9000, kA, 42);
    story.load(9010, kA, 44).store(9020, kA, 45);
    const LossAccount account = accountLosses(story.counter, 45);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.found, 1);
    EXPECT_EQ(account.found, lostBy(story.counter, 41, 45));
    EXPECT_FALSE(account.losses[0].complete);
    EXPECT_THAT(told(story, account.losses[0])[1], "Thread 2 read 41 and wrote 42.");
}

TEST(LossAccount, PutsAStoreThatWasMadeBeforeTheLossAndStampedBehindItWhereItWasMade)
{
    // One core. Thread 2 has stored 44 and is interrupted before it can stamp that; Thread 1 comes back with 41. When
    // Thread 2 goes on, it does not find its 44.
    Story story;
    story.load(100, kA, 41).update(110, kB, 41).update(130, kB, 42).load(150, kB, 43).store(9000, kA, 42);
    story.store(15'000, kB, 44).load(15'010, kB, 42);
    const LossAccount account = accountLosses(story.counter, 42);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.losses[0].atOnce, 3);
    EXPECT_EQ(account.found, 3);
    EXPECT_EQ(account.found, lostBy(story.counter, 41, 42));
    EXPECT_EQ(story.counter.accesses[account.losses[0].overwritten].value, 44);
}

TEST(LossAccount, CopesWithPairsThatDoNotFitAndWithTheEndOfTheRange)
{
    Story story;
    story.load(0, kA, 5).store(50, kA, 900).update(100, kB, 900).store(200, kB, 77);
    story.load(300, kA, INT64_MAX).load(301, kB, INT64_MAX).store(302, kB, INT64_MIN).store(303, kA, INT64_MIN);
    const LossAccount account = accountLosses(story.counter, INT64_MIN);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.found, 1);
    EXPECT_EQ(account.losses[0].atOnce, 1);
}

TEST(LossAccount, HasTheStepsOfALossInTheirOrder)
{
    using Kind = LossStep::Kind;
    Story story;
    story.load(100, kA, 10).update(110, kB, 10).update(130, kC, 11).store(170, kA, 11);
    const LossAccount account = accountLosses(story.counter, 11);
    ASSERT_EQ(account.losses.size(), 1U);
    const std::vector<LossStep> steps = lossSteps(account.losses[0], story.counter);
    ASSERT_EQ(steps.size(), 7U);
    const std::pair<Kind, std::int64_t> told[] = {{Kind::Load, 10}, {Kind::Load, 10}, {Kind::Add, 11},
        {Kind::Store, 11}, {Kind::CountOn, 12}, {Kind::Add, 11}, {Kind::Store, 11}};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_EQ(steps[i].kind, told[i].first) << i;
        EXPECT_EQ(steps[i].value, told[i].second) << i;
        EXPECT_EQ(steps[i].lost, i == 3 || i == 4) << i;
    }
    EXPECT_EQ(steps[0].thread, kA);
    EXPECT_EQ(steps[4].thread, LossStep::kSeveral);
    EXPECT_EQ(steps[6].time, 170);
    EXPECT_FALSE(steps[5].time.has_value());
}

TEST(LossAccount, ExplainsEveryLostUpdateOfRandomInterleavings)
{
    std::int64_t lost = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        const Simulated truth(seed, 2 + seed % 3, 400, seed % 2 == 0 ? 0.5 : 0.98);
        const LossAccount account = accountLosses(truth.counter, truth.value);
        EXPECT_EQ(account.found, truth.updates - truth.value) << "seed " << seed;
        lost += account.found;
        std::int64_t sum = 0;
        for (const Loss& loss : account.losses) {
            const auto guilty = truth.guilty.find(truth.counter.accesses[loss.overwrite].time);
            ASSERT_NE(guilty, truth.guilty.end()) << "seed " << seed;
            EXPECT_EQ(loss.atOnce, guilty->second) << "seed " << seed;
            EXPECT_GE(loss.forGood, 1);
            EXPECT_LE(loss.forGood, loss.atOnce);
            sum += loss.forGood;
        }
        EXPECT_EQ(sum, account.found);
    }
    EXPECT_GT(lost, 100'000);
}

/// The same record of a counter whose updates count by `step`, from `start` on.
CounterInfo counted(const CounterInfo& byOne, std::int64_t start, std::int64_t step)
{
    CounterInfo counter = byOne;
    for (CounterAccess& access : counter.accesses) {
        access.value = start + access.value * step;
    }
    return counter;
}

TEST(LossAccount, OfUpdatesThatCountByAnyNumberIsTheSame)
{
    std::int64_t lost = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        const Simulated truth(seed, 2 + seed % 3, 400, seed % 2 == 0 ? 0.5 : 0.98);
        const LossAccount byOne = accountLosses(truth.counter, truth.value);
        for (const std::int64_t step : {-100, -1, 2, 7, 1'000'000'007}) {
            const std::int64_t start = seed % 2 == 0 ? 0 : 13;
            const CounterInfo counter = counted(truth.counter, start, step);
            EXPECT_EQ(stepOf(counter), step);
            const LossAccount account = accountLosses(counter, start + truth.value * step);
            ASSERT_EQ(account.losses.size(), byOne.losses.size()) << "seed " << seed << ", step " << step;
            EXPECT_EQ(account.found, truth.updates - truth.value);
            EXPECT_EQ(account.complete, byOne.complete);
            for (std::size_t i = 0; i < account.losses.size(); ++i) {
                EXPECT_EQ(account.losses[i].overwrite, byOne.losses[i].overwrite);
                EXPECT_EQ(account.losses[i].overwritten, byOne.losses[i].overwritten);
                EXPECT_EQ(account.losses[i].atOnce, byOne.losses[i].atOnce);
                EXPECT_EQ(account.losses[i].forGood, byOne.losses[i].forGood);
                EXPECT_EQ(account.losses[i].complete, byOne.losses[i].complete);
                const LostUpdate told = lostUpdate(account.losses[i], counter);
                const LostUpdate toldByOne = lostUpdate(byOne.losses[i], truth.counter);
                EXPECT_EQ(told.updatesLost, toldByOne.updatesLost);
                EXPECT_EQ(told.loadMade.end, toldByOne.loadMade.end);
                const std::vector<LossStep> steps = lossSteps(account.losses[i], counter);
                const std::vector<LossStep> stepsByOne = lossSteps(byOne.losses[i], truth.counter);
                ASSERT_EQ(steps.size(), stepsByOne.size());
                for (std::size_t k = 0; k < steps.size(); ++k) {
                    EXPECT_EQ(steps[k].kind, stepsByOne[k].kind);
                    EXPECT_EQ(steps[k].value, start + stepsByOne[k].value * step);
                }
            }
            lost += account.found;
        }
    }
    EXPECT_GT(lost, 10'000);
}

TEST(LossAccount, TellsAWithdrawalThatWasOverwrittenInItsOwnNumbers)
{
    // Both read 500; each withdraws 100, and Thread 2 twice.
    Story story;
    story.load(100, kA, 500).load(110, kB, 500).store(120, kB, 400).load(130, kB, 400).store(140, kB, 300);
    story.store(150, kA, 400).load(160, kB, 400);
    const LossAccount account = accountLosses(story.counter, 400);
    EXPECT_EQ(account.step, -100);
    ASSERT_EQ(account.losses.size(), 1U);
    EXPECT_EQ(account.found, 2);
    EXPECT_THAT(told(story, account.losses[0]),
        testing::ElementsAre(
            "Thread 1 read 500.", "Thread 2 counted on to 300.", "Thread 1 wrote 400 over it: 2 updates lost."));
}

TEST(LossAccount, IsNotMadeWhereUpdatesCountByDifferentAmounts)
{
    Story story;
    story.load(100, kA, 0).store(110, kA, 30).load(120, kB, 30).store(130, kB, 80).load(140, kA, 80);
    story.store(150, kA, 81);
    EXPECT_EQ(stepOf(story.counter), std::nullopt);
    const LossAccount account = accountLosses(story.counter, 81);
    EXPECT_EQ(account.step, std::nullopt);
    EXPECT_TRUE(account.losses.empty());
    // Nor where a value lies between what such updates can reach.
    Story between;
    between.load(100, kA, 0).store(110, kA, 30).load(120, kA, 30).store(130, kA, 60).store(140, kB, 7);
    EXPECT_EQ(stepOf(between.counter), std::nullopt);
}

TEST(LossAccount, KnowsTheStepAlsoWhereAFewAccessesAreMissing)
{
    Story story;
    for (int i = 0; i < 100; ++i) {
        if (i != 50) { // Thread 1's load before and its store after seem to be one update
            story.load(i * 100, kA, 5 * i);
        }
        if (i != 49) {
            story.store(i * 100 + 10, kA, 5 * (i + 1));
        }
    }
    EXPECT_EQ(stepOf(story.counter), 5);
    EXPECT_EQ(accountLosses(story.counter, 500).found, 0);
    EXPECT_EQ(stepOf(CounterInfo{}), 1);
}

TEST(LossAccount, NeverFindsMoreThanWasLostWhereverThreadsAreInterrupted)
{
    std::int64_t found = 0;
    std::int64_t lost = 0;
    int complete = 0;
    int wrong = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        const std::uint32_t threads = 2 + seed % 2;
        const SimulatedWithLateStamps truth(seed, threads, 1000, 0.97);
        const LossAccount account = accountLosses(truth.counter, truth.value);
        ASSERT_LE(account.found, truth.updates - truth.value) << "seed " << seed;
        found += account.found;
        lost += truth.updates - truth.value;
        for (const Loss& loss : account.losses) {
            if (!loss.complete) {
                continue;
            }
            auto guilty = truth.guilty.find(truth.counter.accesses[loss.overwrite].time);
            if (guilty == truth.guilty.end() && loss.atOnce == 1) { // both stored the same: which was the last?
                guilty = truth.guilty.find(truth.counter.accesses[loss.overwritten].time);
            }
            const bool right = guilty != truth.guilty.end() && guilty->second == loss.atOnce;
            EXPECT_TRUE(right || threads > 2) << "seed " << seed;
            ++complete;
            wrong += right ? 0 : 1;
        }
    }
    // Of three threads, each of which is interrupted before it stamps every other time, the values of one loss may
    // agree by chance with an order that was not.
    EXPECT_LT(wrong * 500, complete) << wrong << " of " << complete;
    EXPECT_GT(found * 100, lost * 95) << found << " of " << lost;
}

TEST(LossAccount, NeverFindsMoreThanWasLostWhereARecordHasAGap)
{
    std::int64_t found = 0;
    std::int64_t lost = 0;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        Simulated truth(seed, 2 + seed % 3, 4000, 0.9);
        auto& accesses = truth.counter.accesses;
        const auto from = static_cast<std::ptrdiff_t>(seed % 1000);
        accesses.erase(accesses.begin() + from, accesses.begin() + from + static_cast<std::ptrdiff_t>(seed % 2500));
        const LossAccount account = accountLosses(truth.counter, truth.value);
        ASSERT_LE(account.found, truth.updates - truth.value) << "seed " << seed;
        found += account.found;
        lost += truth.updates - truth.value;
    }
    EXPECT_GT(found * 2, lost) << "most is on record: " << found << " of " << lost;
}

TEST(LossAccount, HasEveryLossThatIsSeenStepByStep)
{
    std::size_t seen = 0;
    std::size_t complete = 0;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        const Simulated truth(seed, 2 + seed % 3, 400, seed % 2 == 0 ? 0.5 : 0.98);
        const LossAccount account = accountLosses(truth.counter, truth.value);
        const std::vector<CompleteLoss> all = completeLosses(truth.counter);
        seen += all.size();
        complete += account.complete;
        for (const Loss& loss : account.losses) {
            if (loss.complete) {
                EXPECT_TRUE(std::any_of(all.begin(), all.end(),
                    [&](const CompleteLoss& known) {
                        return known.place.overwrite == loss.overwrite && known.place.atOnce == loss.atOnce;
                    }))
                    << "seed " << seed;
            }
        }
    }
    EXPECT_GT(seen, 5'000U);
    EXPECT_EQ(complete, seen);
}

TEST(LossAccount, TellsALossAsTheSearchForTheFirstCompleteOneDoes)
{
    int compared = 0;
    for (unsigned seed = 0; seed < 500; ++seed) {
        const SimulatedWithLateStamps truth(seed, 2, 1000, 0.97);
        const auto first = firstCompleteLoss(truth.counter);
        const LossAccount account = accountLosses(truth.counter, truth.value);
        for (const Loss& loss : account.losses) {
            const LostUpdate told = lostUpdate(loss, truth.counter);
            if (first && loss.complete && told.overwrite.time == first->overwrite.time) {
                ++compared;
                EXPECT_EQ(told.window, first->window) << "seed " << seed;
                EXPECT_EQ(told.loadMade, first->loadMade) << "seed " << seed;
                EXPECT_EQ(told.updatesLost, first->updatesLost) << "seed " << seed;
                EXPECT_EQ(told.overwrittenInTurn, first->overwrittenInTurn) << "seed " << seed;
            }
        }
    }
    EXPECT_GT(compared, 100);
}

} // namespace
} // namespace timeslice::loss_account_test
