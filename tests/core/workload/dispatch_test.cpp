// Policies over real threads. What is compared exactly is what work decides, not a clock: jobs that are all there at
// the start, and do no I/O, get their cores in the order of the closed form however busy the machine is.
#include "tests/core/workload/workload_support.h"

#include "core/trace/mark_text.h"
#include "core/trace/timeline_builder.h"

#include <csignal>
#include <gmock/gmock.h>
#include <tuple>

namespace timeslice::workload_test::dispatch_test {
namespace {

std::string dispatch(const std::string& rest)
{
    return "{\"dispatch\": {" + rest + "}}";
}

const char* const kThreeJobs = R"("jobs": [{"name": "A", "length": "12ms", "priority": 2, "tickets": 100, "nice": 3},
    {"name": "B", "length": "5ms", "priority": 3, "tickets": 50},
    {"name": "C", "length": "8ms", "priority": 1, "tickets": 250, "nice": -2}])";

class DispatchOf : public testing::TestWithParam<int> {
protected:
    std::string policy() const { return std::string(policyKindName(static_cast<PolicyKind>(GetParam()))); }
};

TEST_P(DispatchOf, GivesTheCoreInTheOrderOfTheClosedForm)
{
    const WorkloadResult result =
        run(dispatch("\"policy\": \"" + policy() + R"(", "quantum": "2ms", "switchCost": "200us",
        "latency": "6ms", "granularity": "1ms", "levels": [{"quantum": "1ms", "allotment": 2}, {"quantum": "3ms"}], )"
            + kThreeJobs));
    ASSERT_TRUE(result.errors.empty()) << result.errors.front();
    ASSERT_TRUE(result.dispatch);
    EXPECT_GE(result.dispatch->order.size(), 3U);
    EXPECT_EQ(result.dispatch->order, result.dispatch->closedFormOrder);
    EXPECT_FALSE(result.dispatch->cutOff);
    for (const JobFigures& job : result.dispatch->figures.jobs) {
        ASSERT_TRUE(job.turnaround());
        EXPECT_LT(*job.response(), *job.turnaround());
        EXPECT_LE(job.waiting, *job.turnaround());
    }
}

INSTANTIATE_TEST_SUITE_P(
    EachPolicy, DispatchOf, testing::Range(0, kPolicyKinds), [](const testing::TestParamInfo<int>& which) {
        std::string name(policyKindName(static_cast<PolicyKind>(which.param)));
        std::erase(name, '-');
        return name;
    });

TEST(Dispatch, DoesAllWorkOfTheJobsAndNoMore)
{
    const WorkloadResult result = run(dispatch(R"("policy": "round-robin", "quantum": "1ms", "jobs": [
        {"name": "A", "length": "3ms"}, {"name": "B", "length": "4ms", "arrival": "1ms", "io": {"every": "1ms", "for": "1ms"}}])"));
    ASSERT_EQ(result.tasks.size(), 2U);
    EXPECT_EQ(result.tasks[0].iterations, static_cast<std::uint64_t>(3000 * kSlow));
    EXPECT_EQ(result.tasks[1].iterations, static_cast<std::uint64_t>(4000 * kSlow));
    ASSERT_TRUE(result.dispatch);
    EXPECT_GE(result.dispatch->figures.jobs[1].blocked, 3 * kMillisecond) << "after each millisecond but the last";
}

TEST(Dispatch, ThreadsComeThroughTheirGatesInTheOrderOfTheDecisions)
{
    const Recorded recorded =
        record(dispatch(std::string(R"("policy": "round-robin", "quantum": "1ms", )") + kThreeJobs));
    ASSERT_TRUE(recorded.result.dispatch);
    const DispatchOutcome& outcome = *recorded.result.dispatch;
    std::vector<Tid> through; // one that goes on after its slice comes through again
    for (const Event& event : recorded.batch.events) {
        if (event.kind == EventKind::WaitEnd && event.value == static_cast<std::uint64_t>(WaitKind::Gate)
            && (through.empty() || through.back() != event.tid)) {
            through.push_back(event.tid);
        }
    }
    std::vector<Tid> decided;
    for (const JobIndex job : outcome.order) {
        decided.push_back(recorded.tidOf(outcome.names[job]));
    }
    EXPECT_EQ(through, decided);
}

TEST(Dispatch, TellsTheReasonOfEachDecisionAndHowManyAreReady)
{
    const Recorded recorded = record(dispatch(std::string(R"("policy": "sjf", )") + kThreeJobs));
    std::vector<std::string> reasons;
    for (const Event& mark : recorded.eventsOf("B")) {
        for (const ObjectBirth& object : recorded.objects(ObjectKind::Mark)) {
            if (mark.kind == EventKind::Mark && object.id == mark.object) {
                reasons.push_back(markText(object.name, mark.value).text);
            }
        }
    }
    EXPECT_EQ(reasons, (std::vector<std::string>{"shortest: 5\u00a0ms", "job ends"}));
    const auto counters = recorded.objects(ObjectKind::Counter);
    ASSERT_EQ(counters.size(), 1U);
    EXPECT_EQ(counters[0].name, "ready queue");
    std::vector<std::uint64_t> ready;
    for (const Event& store : recorded.eventsAt(counters[0].id)) {
        if (store.kind == EventKind::CounterStore) {
            ready.push_back(store.value);
        }
    }
    EXPECT_EQ(ready, (std::vector<std::uint64_t>{2, 1, 0}));
}

TEST(Dispatch, AThreadThatWaitsAtItsGateIsReadyAndNotBlocked)
{
    const Recorded recorded = record(dispatch(std::string(R"("policy": "fcfs", )") + kThreeJobs), true);
    Timeline timeline;
    TimelineBuilder builder(timeline, {});
    builder.append(recorded.batch);
    builder.finish(recorded.batch.events.back().time);
    const auto index = timeline.threadIndex(recorded.tidOf("C"));
    ASSERT_TRUE(index && timeline.workBegin && timeline.workEnd);
    const Shares shares = timeline.threads[*index].track.shares({*timeline.workBegin, *timeline.workEnd});
    const auto of = [&](SliceState state) { return shares[static_cast<std::size_t>(state)]; };
    EXPECT_GT(of(SliceState::Runnable), of(SliceState::Blocked)) << "it waits for the 17 ms of A and B";
}

TEST(Dispatch, AJobThatStarvesIsShownAsSuchWhenTheLimitEndsTheRun)
{
    const WorkloadResult result = run(dispatch(R"("policy": "priority", "until": "20ms", "jobs": [
        {"name": "Urgent", "length": "10s", "priority": 1}, {"name": "Patient", "length": "1ms", "priority": 9}])"));
    EXPECT_EQ(result.end, WorkloadResult::End::Done);
    ASSERT_TRUE(result.dispatch);
    EXPECT_TRUE(result.dispatch->cutOff);
    EXPECT_EQ(result.dispatch->figures.starved, 1U);
    EXPECT_EQ(result.dispatch->figures.unfinished, 2U);
    EXPECT_EQ(result.dispatch->closedForm.starved, 1U);
    EXPECT_GE(result.dispatch->figures.jobs[1].waiting, 20 * kMillisecond);
    EXPECT_TRUE(toJson(*result.dispatch).at("mean").at("turnaround_ms").is_null());
}

TEST(Dispatch, TellsInSentencesWhoStarvedAndWhoWasNotDone)
{
    for (const std::string by : {"dispatcher", "calculation"}) {
        const WorkloadResult result = run(dispatch(R"("policy": "priority", "until": "20ms", "by": ")" + by
            + R"(", "jobs": "Urgent 0 10s; Patient 0 1ms prio 9; Later 1s 1ms")"));
        ASSERT_TRUE(result.dispatch);
        EXPECT_THAT(findingsOf(*result.dispatch),
            testing::ElementsAre(
                "Starved: Patient was ready, and never had a core before the limit of 20 ms ended the run.",
                "Urgent and Later were not done when the limit of 20 ms ended the run."))
            << by << ": who has yet to arrive does not starve";
        const nlohmann::json json = toJson(*result.dispatch);
        EXPECT_EQ(json.at("by"), by);
        EXPECT_EQ(json.at("limit_ms"), 20);
        EXPECT_EQ(json.at("jobs").at(1).at("starved"), 1);
        EXPECT_EQ(json.at("jobs").at(2).at("starved"), 0);
        EXPECT_EQ(json.at("table"), "Urgent 0 10s; Patient 0 1ms prio 9; Later 1s 1ms");
    }
}

TEST(Dispatch, SaysNothingOfARunThatCameToItsEnd)
{
    const WorkloadResult result = run(dispatch(std::string(R"("policy": "fcfs", "until": "100s", )") + kThreeJobs));
    ASSERT_TRUE(result.dispatch);
    EXPECT_TRUE(findingsOf(*result.dispatch).empty());
    EXPECT_TRUE(toJson(*result.dispatch).at("limit_ms").is_null());
}

TEST(Dispatch, TakesATableAsTextInThePlaceOfAName)
{
    const auto jobsOf = [](const std::string& preset) {
        return parse(dispatch(R"("policy": "fcfs", "preset": ")" + preset
                         + R"(", "jobs": {"one": "A 0 3ms", "two": [{"name": "B", "length": "1ms"}]})"))
            .dispatch->jobs.jobs();
    };
    EXPECT_EQ(jobsOf("one").front().length, 3 * kMillisecond);
    EXPECT_EQ(jobsOf("two").front().name, "B");
    EXPECT_EQ(jobsOf("X 0 1ms; Y 1ms 2ms prio 3").at(1).priority, 3);
}

TEST(Dispatch, RefusesATableThatCannotRunAndSaysWhichJob)
{
    const auto complaint = [](const std::string& table) {
        const auto spec = parseWorkload(
            dispatch(R"("policy": "fcfs", "preset": ")" + table + R"(", "jobs": {"one": "A 0 3ms"})"), bounds());
        return spec ? std::string() : spec.error().message;
    };
    EXPECT_THAT(complaint("tow"), testing::HasSubstr("'tow'"));
    EXPECT_THAT(complaint("A 0 0; B 0 1ms"), testing::HasSubstr("dispatch/preset: job 1 (A): its length must be"));
    EXPECT_THAT(complaint("A 0 1ms; A 0 1ms"), testing::HasSubstr("job 2 (A): job 1 has that name, too"));
    std::string many;
    for (int i = 0; i < 10'000; ++i) {
        many += "J" + std::to_string(i) + " 0 1ms;";
    }
    EXPECT_THAT(
        complaint(many), testing::HasSubstr("10000 threads, a thread for each job, more than this run's limit of 64"));
}

TEST(Dispatch, StopsWhenAsked)
{
    const int status = statusOfChild([] {
        sigset_t terminate;
        sigemptyset(&terminate);
        sigaddset(&terminate, SIGTERM);
        sigprocmask(SIG_BLOCK, &terminate, nullptr);
        const pid_t worker = getpid();
        if (fork() == 0) { // while the jobs are at it, or about to
            usleep(30'000);
            kill(worker, SIGTERM);
            _exit(0);
        }
        const auto result = runWorkload(parse(dispatch(R"("policy": "round-robin", "jobs": [
            {"name": "A", "length": "1000s"}, {"name": "B", "length": "1000s", "io": {"every": "1s", "for": "100s"}},
            {"name": "Late", "length": "1s", "arrival": "1000s"}])")),
            options());
        return result && result->end == WorkloadResult::End::Stopped && !result->abandonedThreads ? 42 : 1;
    });
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(Dispatch, TheKernelSchedulesTheSameJobsWithoutGates)
{
    const Recorded recorded = record(dispatch(std::string(R"("policy": "fcfs", "by": "SCHED_OTHER", )") + kThreeJobs));
    ASSERT_TRUE(recorded.result.dispatch);
    const DispatchOutcome& outcome = *recorded.result.dispatch;
    EXPECT_TRUE(outcome.byKernel);
    EXPECT_TRUE(outcome.order.empty());
    EXPECT_EQ(outcome.figures.unfinished, 0U);
    EXPECT_EQ(outcome.closedForm.jobs[1].turnaround(), 17 * kMillisecond);
    EXPECT_TRUE(recorded.eventsOf("A").empty()
        || std::none_of(recorded.batch.events.begin(), recorded.batch.events.end(),
            [](const Event& event) { return event.value == static_cast<std::uint64_t>(WaitKind::Gate); }));
}

TEST(Dispatch, AMarkStandsExactlyWhereTheFiguresOfAJobEnd)
{
    for (const std::string by : {"dispatcher", "SCHED_OTHER", "calculation"}) {
        const Recorded recorded =
            record(dispatch(R"("policy": "round-robin", "quantum": "2ms", "by": ")" + by + "\", " + kThreeJobs),
                by == "calculation");
        ASSERT_TRUE(recorded.result.dispatch) << by;
        const DispatchOutcome& outcome = *recorded.result.dispatch;
        const auto begins = recorded.events(EventKind::WorkBegin);
        ASSERT_EQ(begins.size(), 1U) << by;
        const auto marks = recorded.objects(ObjectKind::Mark);
        const auto ends = std::find_if(
            marks.begin(), marks.end(), [](const ObjectBirth& object) { return object.name == "job ends"; });
        ASSERT_NE(ends, marks.end()) << by;
        std::vector<Nanos> marked(outcome.names.size(), -1);
        for (const Event& mark : recorded.eventsAt(ends->id)) {
            for (std::size_t job = 0; job < marked.size(); ++job) {
                if (mark.tid == recorded.tidOf(outcome.names[job])) {
                    EXPECT_EQ(marked[job], -1) << by << ": a job ends once";
                    marked[job] = mark.time - begins.front().time;
                }
            }
        }
        for (std::size_t job = 0; job < marked.size(); ++job) {
            EXPECT_EQ(outcome.figures.jobs[job].ended, marked[job]) << by << ", " << outcome.names[job];
        }
    }
}

TEST(Dispatch, ShowsTheCalculatedScheduleWithoutComputing)
{
    const Recorded recorded = record(
        dispatch(std::string(R"("policy": "round-robin", "quantum": "4ms", "by": "calculation", )") + kThreeJobs),
        true);
    ASSERT_TRUE(recorded.result.dispatch);
    EXPECT_EQ(recorded.result.dispatch->order, recorded.result.dispatch->closedFormOrder);
    for (const TaskOutcome& task : recorded.result.tasks) {
        EXPECT_EQ(task.iterations, 0U);
    }
    Timeline timeline;
    TimelineBuilder builder(timeline, {});
    builder.append(recorded.batch);
    builder.finish(recorded.batch.events.back().time);
    ASSERT_TRUE(timeline.workBegin);
    const TimeRange all{*timeline.workBegin, *timeline.workBegin + 25 * kMillisecond};
    for (const auto& [name, running, runnable] : {std::tuple{"A", 12, 13}, {"B", 5, 12}, {"C", 8, 13}}) {
        const auto index = timeline.threadIndex(recorded.tidOf(name));
        ASSERT_TRUE(index);
        const Shares shares = timeline.threads[*index].track.shares(all);
        EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::Running)], running * kMillisecond) << name;
        EXPECT_EQ(shares[static_cast<std::size_t>(SliceState::Runnable)], runnable * kMillisecond) << name;
    }
}

TEST(Dispatch, UsesTwoCoresWhereThereAreTwo)
{
    if (allowedCpus().size() < 2) {
        GTEST_SKIP() << "one core";
    }
    const WorkloadResult result =
        run(dispatch(std::string(R"("policy": "round-robin", "quantum": "1ms", "cores": 2, )") + kThreeJobs));
    ASSERT_TRUE(result.errors.empty()) << result.errors.front();
    ASSERT_TRUE(result.dispatch);
    EXPECT_EQ(result.dispatch->figures.unfinished, 0U);
    EXPECT_EQ(result.dispatch->order[0], 0U);
    EXPECT_EQ(result.dispatch->order[1], 1U);
}

std::string complaint(const std::string& rest)
{
    const auto spec = parseWorkload(dispatch(rest), bounds());
    return spec ? "" : spec.error().message;
}

TEST(DispatchSpec, SaysWhatIsWrongAndWhere)
{
    EXPECT_EQ(
        complaint(R"("policy": "fcsf", "jobs": [])"), "dispatch/policy: unknown policy 'fcsf'; did you mean 'fcfs'?");
    EXPECT_EQ(complaint(R"("policy": "fcfs", "jobs": [])"), "dispatch/jobs: the table has no job");
    EXPECT_EQ(complaint(R"("policy": "fcfs", "jobs": [{"name": "A", "length": "0ms"}])"),
        "dispatch/jobs: job 1 (A): its length must be more than 0, and an hour at the most");
    EXPECT_EQ(
        complaint(R"("policy": "fcfs", "jobs": [{"name": "A", "length": "2000s"}, {"name": "B", "length": "20000s"}])"),
        "dispatch/jobs: job 2 (B): its length must be more than 0, and an hour at the most");
    EXPECT_THAT(complaint(R"("policy": "fcfs", "jobs": [{"name": "A", "length": "1ms", "arrival": "-1ms"}])"),
        testing::StartsWith("dispatch/jobs/0/arrival: expected a duration"));
    EXPECT_EQ(complaint(R"("policy": "fcfs", "jobs": [{"name": "A", "length": 5}, {"name": "A", "length": 5}])"),
        "dispatch/jobs: job 2 (A): job 1 has that name, too");
    EXPECT_THAT(complaint(R"("policy": "fcfs", "cores": 64, "jobs": [{"name": "A", "length": 5}])"),
        testing::StartsWith("dispatch/cores: this run may use "));
    EXPECT_EQ(complaint(R"("policy": "fcfs", "preset": "convoy", "jobs": {"x": [], "y": []})"),
        "dispatch/preset: unknown preset 'convoy'; known: x and y");
    std::string many;
    for (int i = 0; i < 10'000; ++i) {
        many += (i == 0 ? "" : ",") + std::string(R"({"length": 5, "name": ")") + std::to_string(i) + "\"}";
    }
    EXPECT_EQ(complaint(R"("policy": "fcfs", "jobs": [)" + many + "]"),
        "dispatch/jobs: this makes 10000 threads, a thread for each job, more than this run's limit of 64");
}

TEST(DispatchSpec, TheNaiveFeedbackQueueCanBeGamed)
{
    const std::string jobs = R"("quantum": "5ms", "boost": "50ms", "levels": [{"quantum": "5ms"}, {"quantum": "10ms"}],
        "jobs": [{"name": "Honest", "length": "50ms"},
            {"name": "Gamer", "length": "50ms", "io": {"every": "4500us", "for": "500us"}}])";
    const WorkloadSpec naive = parse(dispatch("\"policy\": \"mlfq-naive\", " + jobs));
    const WorkloadSpec fair = parse(dispatch("\"policy\": \"mlfq\", " + jobs));
    ASSERT_TRUE(naive.dispatch && fair.dispatch);
    EXPECT_EQ(naive.dispatch->options.boost, 0);
    EXPECT_EQ(fair.dispatch->options.boost, 50 * kMillisecond);
    const auto gamersEnd = [](const WorkloadSpec& spec) {
        return *closedForm(spec.dispatch->jobs, spec.dispatch->options).figures.jobs[1].ended;
    };
    EXPECT_LT(gamersEnd(naive), gamersEnd(fair));
}

TEST(DispatchSpec, ChoosesOneOfSeveralTables)
{
    const WorkloadSpec spec =
        parse(dispatch(R"("policy": "lottery", "seed": 7, "preset": "two", "by": "SCHED_OTHER", "jobs": {
        "one": [{"name": "A", "length": "1ms"}],
        "two": [{"name": "B", "length": "2ms", "tickets": 9, "nice": 5}, {"name": "C", "length": 3000}]})"));
    ASSERT_TRUE(spec.dispatch);
    EXPECT_EQ(spec.dispatch->options.kind, PolicyKind::Lottery);
    EXPECT_EQ(spec.dispatch->options.seed, 7U);
    ASSERT_EQ(spec.tasks.size(), 2U);
    EXPECT_EQ(spec.tasks[0].name, "B");
    EXPECT_EQ(spec.tasks[0].nice, 5);
    EXPECT_EQ(spec.tasks[0].cpus.size(), 1U);
    EXPECT_EQ(spec.dispatch->jobs[1].length, 3 * kMillisecond);
}

} // namespace
} // namespace timeslice::workload_test::dispatch_test
