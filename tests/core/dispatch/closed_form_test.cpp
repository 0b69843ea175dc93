// Schedules by calculation. The job lists and the answers of the tests called OSTEP are facts from the homework of R.
// and A. Arpaci-Dusseau, "Operating Systems: Three Easy Pieces" (scheduler.py, mlfq.py, lottery.py, run with -c), and
// from its chapters 7 to 9.
#include "core/dispatch/closed_form.h"

#include "made_jobs.h"
#include "tick_by_tick.h"

#include <array>
#include <ostream>
#include <random>
#include <tuple>

namespace timeslice {

void PrintTo(const Span& span, std::ostream* out)
{
    *out << "core " << span.core << ": job " << span.job << " from " << span.begin << " to " << span.end << " ("
         << static_cast<int>(span.how) << ")";
}

namespace {

using namespace dispatch_test;

struct Answer {
    Nanos response, turnaround, wait;
};

void expectAnswers(const JobSchedule& schedule, const std::vector<Answer>& answers)
{
    ASSERT_EQ(schedule.figures.jobs.size(), answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const JobFigures& job = schedule.figures.jobs[i];
        EXPECT_EQ(job.response(), answers[i].response) << "job " << i;
        EXPECT_EQ(job.turnaround(), answers[i].turnaround) << "job " << i;
        EXPECT_EQ(job.waiting, answers[i].wait) << "job " << i;
    }
}

/// (job, begin, end) on the only core; stretches that follow one another count as one, as in OSTEP's traces of ticks.
using Stretch = std::tuple<JobIndex, Nanos, Nanos>;
std::vector<Stretch> stretches(const JobSchedule& schedule)
{
    std::vector<Stretch> all;
    for (const Span& span : schedule.spans) {
        if (!all.empty() && std::get<0>(all.back()) == span.job && std::get<2>(all.back()) == span.begin) {
            std::get<2>(all.back()) = span.end;
        } else {
            all.emplace_back(span.job, span.begin, span.end);
        }
    }
    return all;
}

TEST(ClosedForm, OstepFifoRunsJobsAsTheyStand)
{
    expectAnswers(closedForm(lengths({1, 4, 7}), policy(PolicyKind::Fcfs)), {{0, 1, 0}, {1, 5, 1}, {5, 12, 5}});
    const JobSchedule three = closedForm(lengths({200, 100, 300}), policy(PolicyKind::Fcfs));
    expectAnswers(three, {{0, 200, 0}, {200, 300, 200}, {300, 600, 300}});
}

TEST(ClosedForm, OstepShortestJobFirst)
{
    const JobSchedule schedule = closedForm(lengths({200, 100, 300}), policy(PolicyKind::Sjf));
    expectAnswers(schedule, {{100, 300, 100}, {0, 100, 0}, {300, 600, 300}});
    EXPECT_EQ(schedule.figures.turnaround, 333);
    EXPECT_EQ(schedule.figures.response, 133);
    EXPECT_EQ(schedule.figures.waiting, 133);
}

TEST(ClosedForm, OstepRoundRobin)
{
    const JobSchedule schedule = closedForm(lengths({5, 3, 8}), policy(PolicyKind::RoundRobin, 2));
    expectAnswers(schedule, {{0, 12, 7}, {2, 9, 6}, {4, 16, 8}});
    EXPECT_EQ(stretches(schedule),
        (std::vector<Stretch>{
            {0, 0, 2}, {1, 2, 4}, {2, 4, 6}, {0, 6, 8}, {1, 8, 9}, {2, 9, 11}, {0, 11, 12}, {2, 12, 16}}));
}

TEST(ClosedForm, OstepConvoyAndItsCures)
{
    // Chapter 7: A of 100 s, B and C of 10 s each.
    const JobTable convoy = lengths({100, 10, 10});
    EXPECT_EQ(closedForm(convoy, policy(PolicyKind::Fcfs)).figures.turnaround, 110);
    EXPECT_EQ(closedForm(convoy, policy(PolicyKind::Sjf)).figures.turnaround, 50);
    Job a;
    a.length = 100;
    Job late;
    late.length = 10;
    late.arrival = 10;
    const JobTable lateArrivals = table({a, late, late});
    EXPECT_EQ(closedForm(lateArrivals, policy(PolicyKind::Sjf)).figures.turnaround, 103); // 103.33
    EXPECT_EQ(closedForm(lateArrivals, policy(PolicyKind::Srtf)).figures.turnaround, 50);
    EXPECT_EQ(closedForm(lengths({5, 5, 5}), policy(PolicyKind::Sjf)).figures.response, 5);
    EXPECT_EQ(closedForm(lengths({5, 5, 5}), policy(PolicyKind::RoundRobin)).figures.response, 1);
}

TEST(ClosedForm, OstepOverlapTreatsEachStretchBetweenIoAsAJob)
{
    // Chapter 7: A computes 10 ms and waits 10 ms for its disk, five times; B computes 50 ms.
    Job a;
    a.length = 50;
    a.ioEvery = 10;
    a.ioLength = 10;
    Job b;
    b.length = 50;
    const JobTable jobs = table({a, b});
    // At 80 both have 10 to go: who has the core keeps it.
    EXPECT_EQ(order(closedForm(jobs, policy(PolicyKind::Srtf)), jobs), "0 1 0 1 0 1 0 1 0");
    EXPECT_EQ(closedForm(jobs, policy(PolicyKind::Srtf)).length, 100);
}

JobTable mlfqJobs(const std::vector<std::array<Nanos, 3>>& startLengthIo, Nanos ioLength)
{
    std::vector<Job> jobs;
    for (const auto& [start, length, io] : startLengthIo) {
        Job job;
        job.arrival = start;
        job.length = length;
        job.ioEvery = io;
        job.ioLength = io > 0 ? ioLength : 0;
        jobs.push_back(job);
    }
    return table(std::move(jobs));
}

TEST(ClosedForm, OstepFeedbackQueueWithBoostAndIo)
{
    PolicyOptions options = policy(PolicyKind::Mlfq);
    options.levels = {{4, 1}, {8, 1}, {16, 1}};
    options.boost = 30;
    const JobSchedule schedule = closedForm(mlfqJobs({{0, 40, 0}, {7, 25, 5}, {9, 12, 0}}, 6), options);
    EXPECT_EQ(stretches(schedule),
        (std::vector<Stretch>{{0, 0, 7}, {1, 7, 11}, {2, 11, 15}, {0, 15, 20}, {1, 20, 21}, {2, 21, 29}, {1, 29, 30},
            {0, 30, 34}, {1, 34, 38}, {0, 38, 46}, {1, 46, 51}, {0, 51, 57}, {1, 57, 60}, {0, 60, 64}, {1, 64, 66},
            {0, 66, 72}, {1, 72, 77}}));
    EXPECT_EQ(schedule.figures.jobs[0].turnaround(), 72);
    EXPECT_EQ(schedule.figures.jobs[1].turnaround(), 70);
    EXPECT_EQ(schedule.figures.jobs[2].turnaround(), 20);
}

TEST(ClosedForm, OstepFeedbackQueueCanBeGamedWhereBlockingRenewsTheAllotment)
{
    PolicyOptions options = policy(PolicyKind::Mlfq);
    options.levels = {{4, 2}, {8, 1}, {16, 1}};
    const JobTable jobs = mlfqJobs({{0, 30, 0}, {0, 24, 3}, {3, 12, 0}}, 1);
    options.forgetsAtBlock = true;
    const JobSchedule gamed = closedForm(jobs, options);
    EXPECT_EQ(stretches(gamed),
        (std::vector<Stretch>{{0, 0, 4}, {1, 4, 7}, {2, 7, 11}, {0, 11, 15}, {1, 15, 18}, {2, 18, 22}, {1, 22, 25},
            {0, 25, 26}, {1, 26, 29}, {0, 29, 30}, {1, 30, 33}, {0, 33, 34}, {1, 34, 37}, {0, 37, 38}, {1, 38, 41},
            {0, 41, 42}, {1, 42, 45}, {0, 45, 48}, {2, 48, 52}, {0, 52, 66}}));
    options.forgetsAtBlock = false;
    const JobSchedule accounted = closedForm(jobs, options);
    EXPECT_EQ(stretches(accounted),
        (std::vector<Stretch>{{0, 0, 4}, {1, 4, 7}, {2, 7, 11}, {0, 11, 15}, {1, 15, 16}, {2, 16, 20}, {1, 20, 22},
            {0, 22, 23}, {1, 23, 25}, {0, 25, 32}, {2, 32, 36}, {1, 36, 37}, {0, 37, 38}, {1, 38, 41}, {0, 41, 42},
            {1, 42, 45}, {0, 45, 46}, {1, 46, 47}, {0, 47, 58}, {1, 58, 60}, {1, 61, 64}, {1, 65, 68}}));
    EXPECT_LT(gamed.figures.jobs[1].turnaround(), accounted.figures.jobs[1].turnaround());
}

TEST(ClosedForm, OstepLotteryDrawsWhatTheHomeworkDrawsWithThatSeed)
{
    std::vector<Job> jobs;
    for (const auto& [length, tickets] : {std::pair{1, 1}, {1, 100}, {5, 10}, {10, 50}}) {
        Job job;
        job.length = length;
        job.tickets = tickets;
        jobs.push_back(job);
    }
    const JobTable drawn = table(std::move(jobs));
    const JobSchedule schedule = closedForm(drawn, policy(PolicyKind::Lottery)); // lottery.py -s 0
    std::string winners;
    for (const TimedDecision& one : schedule.decisions) {
        winners += drawn[one.decision.in].name;
    }
    EXPECT_EQ(winners, "33133323232333220");
    EXPECT_EQ(schedule.decisions[0].decision.reason, Reason::Drawn);
    EXPECT_EQ(schedule.decisions[0].decision.value, 138);
    EXPECT_EQ(schedule.figures.jobs[1].ended, 3);
    EXPECT_EQ(schedule.figures.jobs[3].ended, 14);
    EXPECT_EQ(schedule.figures.jobs[2].ended, 16);
    EXPECT_EQ(schedule.figures.jobs[0].ended, 17);
}

TEST(ClosedForm, OstepStrideTakesTheLeastPass)
{
    // Chapter 9: A, B, C with 100, 50 and 250 tickets; among equal passes the first in the table begins.
    std::vector<Job> jobs;
    for (const int tickets : {100, 50, 250}) {
        Job job;
        job.name = std::string(1, static_cast<char>('A' + jobs.size()));
        job.length = 1000;
        job.tickets = tickets;
        jobs.push_back(job);
    }
    const JobTable abc = table(std::move(jobs));
    const JobSchedule schedule = closedForm(abc, policy(PolicyKind::Stride, 10));
    std::string winners;
    for (std::size_t i = 0; i < 8; ++i) {
        winners += abc[schedule.decisions[i].decision.in].name;
    }
    EXPECT_EQ(winners, "ABCCCACC");
}

TEST(ClosedForm, FairShareFollowsTheKernelsNiceTable)
{
    Job plain;
    plain.length = 10 * kSecond;
    Job nice = plain;
    nice.nice = 10;
    PolicyOptions options = policy(PolicyKind::Fair);
    ScheduleLimits limits;
    limits.until = 10 * kSecond;
    const JobSchedule schedule = closedForm(table({plain, nice}), options, limits);
    EXPECT_TRUE(schedule.cutOff);
    const double share = static_cast<double>(schedule.figures.jobs[0].ran) / static_cast<double>(limits.until);
    EXPECT_NEAR(share, 1024.0 / (1024 + 110), 0.005); // within a slice
}

TEST(ClosedForm, AgeingEndsStarvation)
{
    // Urgent jobs keep coming, each as the one before ends.
    std::vector<Job> jobs(1);
    jobs[0].length = 5;
    jobs[0].priority = 3;
    for (int i = 0; i < 100; ++i) {
        Job urgent;
        urgent.arrival = Nanos{10} * i;
        urgent.length = 10;
        jobs.push_back(urgent);
    }
    const JobTable stream = table(std::move(jobs));
    PolicyOptions options = policy(PolicyKind::Priority);
    ScheduleLimits limits;
    limits.until = 900;
    const JobSchedule starving = closedForm(stream, options, limits);
    EXPECT_TRUE(starving.cutOff);
    EXPECT_EQ(starving.figures.starved, 1U);
    EXPECT_EQ(starving.figures.jobs[0].waiting, 900);
    EXPECT_FALSE(starving.figures.response);
    options.ageing = 30; // after 60 it is as urgent as they are, and was there before
    const JobSchedule aged = closedForm(stream, options, limits);
    EXPECT_EQ(aged.figures.jobs[0].begun, 60);
    EXPECT_EQ(aged.figures.starved, 0U);
}

TEST(ClosedForm, AContextSwitchCostsEachChangeOfJobAndIsNobodysTime)
{
    PolicyOptions options = policy(PolicyKind::RoundRobin, 2);
    options.switchCost = 1;
    const JobSchedule schedule = closedForm(lengths({4, 4}), options);
    EXPECT_EQ(schedule.spans,
        (std::vector<Span>{{0, 0, 0, 2, SpanEnd::SliceOver}, {0, 1, 3, 5, SpanEnd::SliceOver},
            {0, 0, 6, 8, SpanEnd::Ended}, {0, 1, 9, 11, SpanEnd::Ended}}));
    EXPECT_EQ(schedule.switching, 3);
    EXPECT_EQ(schedule.length, 11);
    EXPECT_EQ(schedule.figures.jobs[1].waiting, 11 - 4);
}

TEST(ClosedForm, WhatGoesOnForTooLongIsCutOffAndSaysSo)
{
    ScheduleLimits limits;
    limits.moments = 1000;
    const JobSchedule many =
        closedForm(lengths({JobTable::kLongest, JobTable::kLongest}), policy(PolicyKind::RoundRobin), limits);
    EXPECT_TRUE(many.cutOff);
    EXPECT_EQ(many.figures.unfinished, 2U);
    EXPECT_FALSE(many.figures.turnaround);
    EXPECT_LE(many.decisions.size(), limits.moments);
    limits = {};
    limits.until = 10;
    const JobSchedule late = closedForm(lengths({100}), policy(PolicyKind::Fcfs), limits);
    EXPECT_EQ(late.spans, (std::vector<Span>{{0, 0, 0, 10, SpanEnd::CutOff}}));
}

TEST(ClosedForm, TenThousandJobsAreScheduled)
{
    std::vector<Job> jobs(JobTable::kMostJobs);
    Nanos work = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].length = 1 + static_cast<Nanos>(i % 7);
        jobs[i].arrival = static_cast<Nanos>(i % 1000);
        work += jobs[i].length;
    }
    const JobTable many = table(std::move(jobs));
    for (const PolicyKind kind : {PolicyKind::Fcfs, PolicyKind::Srtf, PolicyKind::Mlfq, PolicyKind::Fair}) {
        const JobSchedule schedule = closedForm(many, policy(kind));
        EXPECT_FALSE(schedule.cutOff) << policyKindName(kind);
        EXPECT_EQ(schedule.figures.unfinished, 0U);
        EXPECT_EQ(schedule.length, work) << "the core is never idle";
    }
}

struct Random {
    std::mt19937 engine{20240917};
    Nanos operator()(Nanos least, Nanos most) { return std::uniform_int_distribution<Nanos>(least, most)(engine); }
};

JobTable randomJobs(Random& random)
{
    std::vector<Job> jobs(static_cast<std::size_t>(random(1, 7)));
    for (Job& job : jobs) {
        job.length = random(1, 25);
        job.arrival = random(0, 3) == 0 ? 0 : random(0, 40);
        job.priority = static_cast<int>(random(0, 4));
        job.tickets = static_cast<int>(random(1, 5) * 25);
        job.nice = static_cast<int>(random(-3, 10));
        if (random(0, 2) == 0) {
            job.ioEvery = random(1, 8);
            job.ioLength = random(1, 9);
        }
    }
    return table(std::move(jobs));
}

PolicyOptions randomOptions(Random& random, PolicyKind kind)
{
    PolicyOptions options = policy(kind, random(1, 6));
    options.cores = static_cast<int>(random(1, 3));
    options.switchCost = random(0, 2) == 0 ? random(1, 3) : 0;
    options.preemptive = random(0, 1) == 0;
    options.ageing = random(0, 1) == 0 ? random(1, 15) : 0;
    options.levels.resize(static_cast<std::size_t>(random(1, 4)));
    for (MlfqLevel& level : options.levels) {
        level = {random(1, 6), static_cast<int>(random(1, 3))};
    }
    options.boost = random(0, 1) == 0 ? random(5, 40) : 0;
    options.forgetsAtBlock = random(0, 1) == 0;
    options.seed = static_cast<std::uint32_t>(random(0, 1000));
    options.latency = random(6, 30);
    options.granularity = random(1, 6);
    return options;
}

class ClosedFormOf : public testing::TestWithParam<int> { };

TEST_P(ClosedFormOf, IsWhatTheReferenceFindsTickByTick)
{
    const auto kind = static_cast<PolicyKind>(GetParam());
    Random random;
    constexpr int kTables = 300;
    for (int i = 0; i < kTables; ++i) {
        const JobTable jobs = randomJobs(random);
        const PolicyOptions options = randomOptions(random, kind);
        const JobSchedule schedule = closedForm(jobs, options);
        ASSERT_EQ(schedule.spans, tickByTick(jobs, options)) << policyKindName(kind) << ", table " << i;
        ASSERT_FALSE(schedule.cutOff);
        for (JobIndex job = 0; job < jobs.size(); ++job) {
            const JobFigures& figures = schedule.figures.jobs[job];
            ASSERT_EQ(figures.ran, jobs[job].length);
            ASSERT_EQ(*figures.turnaround(), figures.ran + figures.waiting + figures.blocked);
            ASSERT_LE(*figures.response(), *figures.turnaround());
            ASSERT_GE(figures.waiting, 0);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    EachPolicy, ClosedFormOf, testing::Range(0, kPolicyKinds), [](const testing::TestParamInfo<int>& which) {
        std::string name(policyKindName(static_cast<PolicyKind>(which.param)));
        std::erase(name, '-');
        return name;
    });

} // namespace
} // namespace timeslice
