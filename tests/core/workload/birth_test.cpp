// Threads and processes that do one line, and what that costs.
#include "core/workload/birth.h"

#include "tests/core/workload/workload_support.h"

#include <memory>
#include <set>

namespace timeslice::workload_test::birth_test {
namespace {

std::string births(const std::string& as, int times, const std::string& more = "")
{
    return R"({"tasks": {"Parent": {)" + more + R"("do": [{"birth": {"as": ")" + as + R"(", "times": )"
        + std::to_string(times) + "}}]}}}";
}

/// From its beginning, in nanoseconds.
std::unique_ptr<Birth> birth(Nanos began, Nanos started, Nanos firstLine, Nanos gone)
{
    auto made = std::make_unique<Birth>();
    made->began = began;
    made->started = began + started;
    made->firstLine = began + firstLine;
    made->gone = began + gone;
    return made;
}

TEST(Births, HaveTheMiddleOfEachTimeByItself)
{
    const auto a = birth(100, 1, 5, 30);
    const auto b = birth(200, 2, 4, 10);
    const auto c = birth(900, 9, 6, 20);
    const BirthTimes three = birthTimes({a.get(), b.get(), c.get()}).value();
    EXPECT_EQ(three.count, 3U);
    EXPECT_EQ(three.start, 2);
    EXPECT_EQ(three.first, 5) << "the first line may come before the call is back";
    EXPECT_EQ(three.join, 14);
    EXPECT_EQ(three.all, 20);
    EXPECT_EQ(birthTimes({a.get(), b.get()})->all, 20) << "of two the middle between them";
    EXPECT_FALSE(birthTimes({}).has_value());
}

TEST(Births, OfOneItsPartsAreTheWhole)
{
    for (const char* as : {"thread", "process"}) {
        const WorkloadResult result = run(births(as, 1));
        ASSERT_TRUE(result.births.has_value()) << as;
        EXPECT_EQ(result.births->count, 1U);
        EXPECT_EQ(result.births->first + result.births->join, result.births->all) << as;
        EXPECT_GT(result.births->first, 0) << as;
        EXPECT_GT(result.births->start, 0) << as;
        EXPECT_LE(result.births->start, result.births->all) << as;
    }
}

TEST(Births, AreCountedWithoutTheOneThatWarmsUp)
{
    for (const char* as : {"thread", "process"}) {
        const nlohmann::json extra = toJson(run(births(as, 7, R"("loop": 3, "instance": 2, )"))).at("extra");
        EXPECT_EQ(extra.at("births"), 7 * 3 * 2) << as;
        EXPECT_GE(extra.at("all_ms"), extra.at("first_ms")) << as;
        EXPECT_GE(extra.at("all_ms"), extra.at("join_ms")) << as;
    }
    EXPECT_FALSE(toJson(run(R"({"tasks": {"T": {"do": [{"run": 1}]}}})")).at("extra").contains("births"));
}

TEST(Births, ReachTheRunFromAParentThatIsAProcess)
{
    EXPECT_EQ(run(births("thread", 3, R"("as": "process", )")).births->count, 3U);
    EXPECT_EQ(run(births("process", 3, R"("as": "process", )")).births->count, 3U);
}

TEST(Births, OfProcessesEndWithStatusZeroAndAreWaitedFor)
{
    const Recorded recorded = record(births("process", 5));
    const Tid parent = recorded.tidOf("Parent");
    std::set<Pid> pids;
    for (const Event& event : recorded.events(EventKind::ProcessReaped)) {
        const Reaping reaping = Reaping::fromBits(event.value);
        EXPECT_EQ(event.tid, parent);
        EXPECT_EQ(reaping.status, 0);
        EXPECT_TRUE(pids.insert(reaping.pid).second) << "each is another";
        EXPECT_EQ(waitpid(reaping.pid, nullptr, WNOHANG), -1) << "nothing is left";
    }
    EXPECT_EQ(pids.size(), 6U) << "that of the warming up is real, too";
    EXPECT_EQ(recorded.events(EventKind::WaitBegin).size(), 6U);
    EXPECT_EQ(recorded.events(EventKind::WaitEnd).size(), 6U);
}

TEST(Births, OneAfterAnotherNeedRoomForOne)
{
    for (const char* as : {"thread", "process"}) {
        WorkloadOptions narrow = options();
        narrow.threadLimit = 2;
        const auto enough = runWorkload(parse(births(as, 20)), narrow);
        ASSERT_TRUE(enough.has_value()) << enough.error().message;
        EXPECT_EQ(enough->births->count, 20U) << as;
        narrow.threadLimit = 1;
        const auto full = runWorkload(parse(births(as, 20)), narrow);
        ASSERT_TRUE(full.has_value()) << full.error().message;
        EXPECT_EQ(full->end, WorkloadResult::End::Failed) << as;
        ASSERT_EQ(full->errors.size(), 1U);
        EXPECT_NE(full->errors[0].find("this run may have 1 threads and processes"), std::string::npos)
            << full->errors[0];
        EXPECT_FALSE(full->births.has_value());
    }
}

TEST(Births, AreNotMoreThanCanBeKept)
{
    const auto spec = parseWorkload(births("thread", 5001, R"("loop": 2, )"), bounds());
    ASSERT_FALSE(spec.has_value());
    EXPECT_NE(spec.error().message.find("more than 10000 births"), std::string::npos) << spec.error().message;
    EXPECT_TRUE(parseWorkload(births("thread", 5000, R"("loop": 2, )"), bounds()).has_value());
}

} // namespace
} // namespace timeslice::workload_test::birth_test
