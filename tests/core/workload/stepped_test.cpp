// Real threads that are held at gates: they come to exactly the ends that the model has, order by order.
#include "core/dispatch/step_page.h"
#include "core/workload/stepped_thread.h"
#include "tests/core/workload/workload_support.h"

#include <csignal>
#include <gmock/gmock.h>
#include <map>

namespace timeslice::workload_test::stepped_test {
namespace {

constexpr Nanos kPatience = 60 * kSecond;

std::string workload(const std::string& tasks, int initial = 0)
{
    return R"({"resources": {"x": {"type": "counter", "initial": )" + std::to_string(initial)
        + R"(}, "L": {"type": "mutex"}}, "tasks": {)" + tasks + "}}";
}

std::string task(const std::string& name, int instances, const std::string& program)
{
    return '"' + name + R"(": {"instance": )" + std::to_string(instances) + R"(, "do": [{"stepped": {"program": [)"
        + program + R"(], "counter": "x", "mutex": "L"}}]})";
}

const std::string kBare = R"("load", "add", "store")";
const std::string kLocked = R"("lock", "load", "add", "store", "unlock")";

std::map<std::int64_t, std::uint64_t> modelled(const StepJob& job)
{
    std::map<std::int64_t, std::uint64_t> counts;
    forEachSchedule(job, [&](const Schedule&, const StepState& end) {
        ++counts[end.value()];
        return true;
    });
    return counts;
}

std::vector<std::string> workloads()
{
    return {workload(task("T", 1, kBare)), workload(task("T", 2, kBare)), workload(task("T", 3, kBare), 39),
        workload(task("T", 2, kLocked)), workload(task("T", 3, kLocked)),
        workload(task("A", 1, kBare) + ',' + task("B", 1, kLocked)),
        workload(task("T", 2, R"("load", "add", "lock", "store", "unlock")")),
        workload(task("T", 2, R"("lock", "load", "unlock", "add", "lock", "store", "unlock")")),
        workload(task("A", 1, R"("add", "store")") + ',' + task("B", 2, kBare), 5)};
}

TEST(Stepped, ComesToEveryEndAsOftenAsTheModelDoesAndToNoOther)
{
    for (const std::string& text : workloads()) {
        const StepJob job = parse(text).stepped.value().job;
        const WorkloadResult result = run(text);
        ASSERT_TRUE(result.schedules) << text;
        EXPECT_EQ(result.schedules->counts, modelled(job)) << text;
        EXPECT_EQ(result.schedules->right, job.right()) << text;
        EXPECT_EQ(result.end, WorkloadResult::End::Done);
    }
}

TEST(Stepped, ReportsHowManyOrdersAreWrong)
{
    const nlohmann::json bare = toJson(run(workload(task("T", 2, kBare), 40))).at("extra").at("schedules");
    EXPECT_EQ(bare, nlohmann::json::parse(R"({"all": 20, "right": 2, "wrong": 18, "outcomes": {"41": 18, "42": 2}})"));
    const nlohmann::json locked = toJson(run(workload(task("T", 2, kLocked), 40))).at("extra").at("schedules");
    EXPECT_EQ(locked, nlohmann::json::parse(R"({"all": 2, "right": 2, "wrong": 0, "outcomes": {"42": 2}})"));
}

TEST(Stepped, HoldsTheRealMutexOnlyBetweenLockAndUnlock)
{
    const Recorded recorded = record(workload(task("T", 3, kLocked)));
    const auto mutexes = recorded.objects(ObjectKind::Mutex);
    ASSERT_EQ(mutexes.size(), 1U);
    const std::vector<Event> events = recorded.eventsAt(mutexes.front().id);
    EXPECT_EQ(events.size(), 6U * 3 * 2) << "6 orders, 3 threads, taken and given back; nobody ever waited";
    expectHoldsDoNotOverlap(events);
}

/// A worker process whose threads are stepped from here.
class SteppedFromOutside : public testing::Test {
protected:
    void start(const std::string& text)
    {
        m_spec = parse(text);
        auto page = StepPage::create(m_spec.stepped->names.size());
        ASSERT_TRUE(page) << page.error().message;
        m_page.emplace(std::move(*page));
        m_child = fork();
        if (m_child == 0) {
            WorkloadOptions run = options();
            run.stepPage = &*m_page;
            const auto result = runWorkload(m_spec, run);
            const bool stopped = result && result->end == WorkloadResult::End::Stopped && !result->schedules;
            _exit(stopped ? (result->abandonedThreads ? 2 : 0) : 1);
        }
    }
    void TearDown() override
    {
        if (m_child > 0) {
            EXPECT_EQ(statusAfter(SIGTERM), 0) << "held at its gates it ends when it is told to";
        }
    }
    int statusAfter(int signal)
    {
        kill(m_child, signal);
        int status = -1;
        EXPECT_EQ(waitpid(std::exchange(m_child, 0), &status, 0) > 0, true);
        return status;
    }
    const StepJob& job() const { return m_spec.stepped->job; }
    StepAnswer order(std::size_t thread, StepOrder what)
    {
        m_page->seat(thread).give(what);
        EXPECT_TRUE(m_page->seat(thread).waitUntilAnswered(kPatience));
        return m_page->seat(thread).answer();
    }
    void rewind()
    {
        for (std::size_t thread = 0; thread < m_page->seats(); ++thread) {
            EXPECT_EQ(order(thread, StepOrder::Rewind).value, job().initial);
        }
    }

    WorkloadSpec m_spec;
    std::optional<StepPage> m_page;
    pid_t m_child = 0;
};

TEST_F(SteppedFromOutside, DoesAfterEachStepOfEachOrderWhatTheModelDoes)
{
    for (const std::string& text : workloads()) {
        start(text);
        forEachSchedule(job(), [&](const Schedule& schedule, const StepState&) {
            rewind();
            StepState model(job());
            for (const std::uint8_t thread : schedule) {
                model.step(thread);
                const StepAnswer answer = order(thread, StepOrder::Step);
                EXPECT_EQ(answer.value, model.value());
                EXPECT_EQ(answer.registerValue, model.registerOf(thread).value_or(0));
            }
            return !HasFailure();
        });
        EXPECT_EQ(statusAfter(SIGTERM), 0);
    }
}

TEST_F(SteppedFromOutside, GoesBackToTheBeginningFromAnywhereAndGivesTheLockBack)
{
    start(workload(task("T", 2, kLocked), 7));
    order(0, StepOrder::Step); // has the lock
    order(0, StepOrder::Step);
    rewind();
    order(1, StepOrder::Step); // takes the lock, which is free again
    EXPECT_EQ(order(1, StepOrder::Step).registerValue, 7);
}

TEST_F(SteppedFromOutside, EndsWithAThreadInTheMiddleOfAStep)
{
    start(workload(task("T", 2, kLocked)));
    order(0, StepOrder::Step);
    m_page->seat(1).give(StepOrder::Step); // waits for the lock: a dispatcher that knows the model does not ask for it
    EXPECT_FALSE(m_page->seat(1).waitUntilAnswered(20 * kMillisecond));
    // Thread 1, told to stop, gives the lock back, so both come home.
}

TEST_F(SteppedFromOutside, DoesNothingBeyondTheEndOfAProgram)
{
    start(workload(task("T", 1, kBare)));
    for (int i = 0; i < 3; ++i) {
        order(0, StepOrder::Step);
    }
    EXPECT_EQ(order(0, StepOrder::Step), (StepAnswer{1, 1}));
}

TEST(SteppedWorkload, IsRefusedWhereSomethingElseRunsBesides)
{
    const auto complaint = [](const std::string& text) {
        const auto spec = parseWorkload(text, bounds());
        return spec ? std::string() : spec.error().message;
    };
    EXPECT_EQ(complaint(workload(task("T", 3, kBare))), "");
    EXPECT_THAT(
        complaint(workload(task("T", 4, kBare))), testing::HasSubstr("at most 3 threads can be stepped, here are 4"));
    EXPECT_THAT(complaint(workload(task("T", 2, kBare) + R"(, "U": {"do": [{"yield": true}]})")),
        testing::HasSubstr("tasks/U: where threads are stepped"));
    EXPECT_THAT(complaint(workload(R"("T": {"loop": 2, "do": [{"stepped": {"program": ["load"], "counter": "x"}}]})")),
        testing::HasSubstr("nothing besides"));
    EXPECT_THAT(
        complaint(workload(R"("T": {"as": "process", "do": [{"stepped": {"program": ["load"], "counter": "x"}}]})")),
        testing::HasSubstr("nothing besides"));
    EXPECT_THAT(complaint(workload(
                    task("A", 1, kBare) + R"(, "B": {"do": [{"stepped": {"program": ["load"], "counter": "x"}}]})")),
        testing::HasSubstr("share one counter and one mutex"));
    EXPECT_THAT(complaint(workload(task("T", 3, R"("load", "add", "store", "load", "add", "store")"))),
        testing::HasSubstr("more than 50000 orders"));
}

} // namespace
} // namespace timeslice::workload_test::stepped_test
