// Tables of jobs as people type them.
#include "core/dispatch/job_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice {
namespace {

using testing::HasSubstr;

std::string wrong(const std::string& text)
{
    const auto jobs = readJobs(text);
    if (jobs) {
        return "";
    }
    EXPECT_EQ(jobs.error().kind, ErrorKind::Usage);
    return jobs.error().message;
}

Job made(const std::string& name, Nanos arrival, Nanos length)
{
    Job job;
    job.name = name;
    job.arrival = arrival;
    job.length = length;
    return job;
}

std::string cell(JobField field, const std::string& typed)
{
    Job job;
    const auto set = setField(job, field, typed);
    return set ? fieldText(job, field, " ") : set.error().message;
}

TEST(JobText, ReadsATableOfOneLine)
{
    const auto jobs = readJobs("A 0 100ms; B 10ms 20ms prio 2 tickets 50 nice -3 io 2ms 8ms");
    ASSERT_TRUE(jobs) << jobs.error().message;
    Job second = made("B", 10 * kMillisecond, 20 * kMillisecond);
    second.priority = 2;
    second.tickets = 50;
    second.nice = -3;
    second.ioEvery = 2 * kMillisecond;
    second.ioLength = 8 * kMillisecond;
    EXPECT_EQ(jobs->jobs(), (std::vector{made("A", 0, 100 * kMillisecond), second}));
}

TEST(JobText, ReadsAJobALineWithRemarksAndNamesInQuotes)
{
    const auto jobs = readJobs("# the convoy\n\"Long; #1\" 0 60ms # first\n\n  \"say \"\"hi\"\"\"\t1us 2.5 ms\r\n");
    ASSERT_FALSE(jobs) << "a blank between a number and its unit makes two words";
    const auto right = readJobs("# the convoy\n\"Long; #1\" 0 60ms # first\n\n  \"say \"\"hi\"\"\"\t1us 2.5ms\r\n");
    ASSERT_TRUE(right) << right.error().message;
    EXPECT_EQ(right->jobs(),
        (std::vector{made("Long; #1", 0, 60 * kMillisecond), made("say \"hi\"", kMicrosecond, 2'500 * kMicrosecond)}));
}

TEST(JobText, WritesWhatItReadsAsTheSame)
{
    for (const std::string text : {"A 0 100ms", "A 0 100ms; B 10ms 20ms prio 2", "\"Short 1\" 1.5ms 10ms tickets 200",
             "X 0 1ns nice 19 io 2ms 8ms; \"a\"\"b\" 0 3600s prio 0"}) {
        const auto jobs = readJobs(text);
        ASSERT_TRUE(jobs) << text << ": " << jobs.error().message;
        EXPECT_EQ(jobsText(jobs->jobs()), text);
    }
}

TEST(JobText, SaysWhichJobIsWrongAndWhatWasExpected)
{
    EXPECT_EQ(wrong(""), "the table has no job");
    EXPECT_EQ(wrong(" ; \n # nothing"), "the table has no job");
    EXPECT_EQ(wrong("A"), "job 1 (A): expected its arrival, such as 0 or 10ms, found nothing more");
    EXPECT_EQ(
        wrong("A 0 5ms; B 0"), "job 2 (B): expected its length behind the arrival, such as 20ms, found nothing more");
    EXPECT_THAT(wrong("A 0 5"), HasSubstr("job 1 (A): expected its length"));
    EXPECT_THAT(wrong("A 0 5"), HasSubstr("'5' is no time: write one with its unit, such as 5ms"));
    EXPECT_THAT(wrong("A 0 5ms pri 2"), HasSubstr("'pri' is nothing that a job has; did you mean 'prio'?"));
    EXPECT_THAT(wrong("A 0 5ms prio high"), HasSubstr("'high' is no whole number"));
    EXPECT_THAT(wrong("A 0 5ms io 2ms"), HasSubstr("expected how long its I/O takes, found nothing more"));
    EXPECT_THAT(wrong("\"A 0 5ms"), HasSubstr("is not closed"));
}

TEST(JobText, RefusesWhatNoJobCanBe)
{
    EXPECT_THAT(wrong("A 0 0"), HasSubstr("its length must be more than 0"));
    EXPECT_THAT(wrong("A 0 -5ms"), HasSubstr("its length must be more than 0"));
    EXPECT_THAT(wrong("A 0 99999999999999s"), HasSubstr("an hour at the most"));
    EXPECT_THAT(wrong("A 0 2000000ms; B 0 4000s"), HasSubstr("job 2 (B): its length"));
    EXPECT_THAT(wrong("A -1ms 5ms"), HasSubstr("it would arrive before the start"));
    EXPECT_THAT(wrong("A 0 5ms; B 0 5ms; A 1ms 5ms"), HasSubstr("job 3 (A): job 1 has that name, too"));
    EXPECT_THAT(wrong("A 0 5ms tickets 99999999999999999999"), HasSubstr("its tickets must be from 1 to 10000"));
    EXPECT_THAT(wrong("A 0 5ms nice -21"), HasSubstr("its nice value must be from -20 to 19"));
    std::string many;
    for (std::size_t i = 0; i <= JobTable::kMostJobs; ++i) {
        many += "J" + std::to_string(i) + " 0 1ms\n";
    }
    EXPECT_EQ(wrong(many), "the table has 10001 jobs; 10000 is the most that is scheduled");
}

TEST(JobText, ReadsACellAsOneTypesIt)
{
    EXPECT_EQ(cell(JobField::Length, " 5ms "), "5 ms");
    EXPECT_EQ(cell(JobField::Length, "0.5 s"), "500 ms");
    EXPECT_EQ(cell(JobField::Arrival, "0"), "0");
    EXPECT_EQ(cell(JobField::Arrival, ""), "0");
    EXPECT_EQ(cell(JobField::Arrival, "-3ms"), "-3 ms") << "the table says what is wrong with that";
    EXPECT_EQ(cell(JobField::Arrival, "\u22123ms"), "-3 ms") << "a printed minus";
    EXPECT_EQ(cell(JobField::Priority, ""), "1") << "as a job has it of which nothing is said";
    EXPECT_EQ(cell(JobField::IoEvery, ""), "");
    EXPECT_EQ(cell(JobField::Tickets, "1e3"), "'1e3' is no whole number");
    EXPECT_EQ(cell(JobField::Length, "soon"), "'soon' is no time: write one with its unit, such as 5ms");
}

TEST(JobMistakes, TellOfEveryCellThatIsWrong)
{
    Job first = made("A", -1, 0);
    first.ioEvery = kMillisecond;
    const std::vector<JobMistake> mistakes = JobTable::mistakesIn({first, made("A", 0, 1)});
    ASSERT_EQ(mistakes.size(), 4U);
    EXPECT_EQ(mistakes[0].field, JobField::Length);
    EXPECT_EQ(mistakes[1].field, JobField::Arrival);
    EXPECT_EQ(mistakes[2].field, JobField::IoLength) << "how long it computes before is there";
    EXPECT_EQ(mistakes[3].job, 1U);
    EXPECT_EQ(mistakes[3].field, JobField::Name);
}

} // namespace
} // namespace timeslice
