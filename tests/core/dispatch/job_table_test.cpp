#include "core/dispatch/job_table.h"

#include "core/dispatch/policy_options.h"

#include <gtest/gtest.h>

namespace timeslice {
namespace {

Job job(const std::string& name, Nanos length = kMillisecond)
{
    Job made;
    made.name = name;
    made.length = length;
    return made;
}

std::string complaint(std::vector<Job> jobs)
{
    const auto table = JobTable::create(std::move(jobs));
    if (table) {
        return "";
    }
    EXPECT_EQ(table.error().kind, ErrorKind::Usage);
    return table.error().message;
}

TEST(JobTable, TakesWhatCanBeScheduled)
{
    const auto table = JobTable::create({job("A"), job("B")});
    ASSERT_TRUE(table);
    EXPECT_EQ(table->size(), 2U);
    EXPECT_EQ((*table)[1].name, "B");
}

TEST(JobTable, SaysWhichJobIsWrongAndWhatItWouldHaveToBe)
{
    EXPECT_EQ(complaint({}), "the table has no job");
    EXPECT_EQ(complaint({job("A"), job("B", 0)}), "job 2 (B): its length must be more than 0, and an hour at the most");
    EXPECT_EQ(complaint({job("A", -5)}), "job 1 (A): its length must be more than 0, and an hour at the most");
    EXPECT_EQ(complaint({job("A", kLatestTime)}), "job 1 (A): its length must be more than 0, and an hour at the most");
    EXPECT_EQ(complaint({job("A"), job("B"), job("A")}), "job 3 (A): job 1 has that name, too");
    EXPECT_EQ(complaint({job("")}), "job 1 (): its name must have 1 to 32 printable bytes");
    Job past = job("A");
    past.arrival = -1;
    EXPECT_EQ(
        complaint({past}), "job 1 (A): it would arrive before the start; an arrival counts from the start, from 0");
    Job tickets = job("A");
    tickets.tickets = 0;
    EXPECT_EQ(complaint({tickets}), "job 1 (A): its tickets must be from 1 to 10000");
    Job io = job("A");
    io.ioEvery = kMillisecond;
    EXPECT_EQ(complaint({io}),
        "job 1 (A): its I/O takes two times, each more than 0 and an hour at the most: how long it computes before, "
        "and "
        "how long it waits");
}

TEST(JobTable, HasALimit)
{
    std::vector<Job> many;
    for (std::size_t i = 0; i <= JobTable::kMostJobs; ++i) {
        many.push_back(job(std::to_string(i)));
    }
    EXPECT_EQ(complaint(many), "the table has 10001 jobs; 10000 is the most that is scheduled");
}

TEST(PolicyOptions, AreChecked)
{
    PolicyOptions options;
    EXPECT_TRUE(options.check());
    options.quantum = 0;
    ASSERT_FALSE(options.check());
    EXPECT_EQ(options.check().error().message, "the quantum must be more than 0, and an hour at the most");
    options = {};
    options.cores = 65;
    EXPECT_EQ(options.check().error().message, "there must be 1 to 64 cores");
    options = {};
    options.levels[2].allotment = 0;
    EXPECT_EQ(options.check().error().message, "the allotment of a level must be 1 to 1000000 quanta");
}

} // namespace
} // namespace timeslice
