// Lessons whose outcome is exact: what was read, who survived, what was left behind. With their knobs at the least.
#include "tests/system/program.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace timeslice::system::lessons_test {
namespace {

using nlohmann::json;

class LessonsTest : public SystemTest {
protected:
    LessonsTest() { setenv("XDG_CACHE_HOME", path("cache").c_str(), 1); }
    ~LessonsTest() override { unsetenv("XDG_CACHE_HOME"); }

    /// Of the lesson's variants by their ids; it must end as it should.
    std::map<std::string, json> variants(
        const std::string& lesson, const std::vector<std::string>& settings, bool native = false)
    {
        std::vector<std::string> words{"run", lesson, "--report", path(lesson + ".json")};
        if (!native) {
            words.insert(words.end(), {"--interpreter", "/usr/bin/python3"});
        }
        for (const std::string& setting : settings) {
            words.insert(words.end(), {"--set", setting});
        }
        const Outcome outcome = timeslice(words);
        EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
        std::map<std::string, json> found;
        const json report = json::parse(readText(path(lesson + ".json")));
        for (const json& variant : report.at("variants")) {
            found[variant.at("id")] = variant;
        }
        return found;
    }
};

TEST_F(LessonsTest, AThreadWritesToItsParentsVariableAndAProcessToItsOwn)
{
    auto ways = variants("same-variable", {"value=99"});
    for (const auto& [id, variant] : ways) {
        EXPECT_EQ(variant.at("extra").at("worker_reads"), 99) << id;
        EXPECT_EQ(variant.at("extra").at("parent_reads"), id == "thread" ? 99 : 0) << id;
        EXPECT_EQ(variant.at("extra").at("page_alone_kb"), 4) << id;
        EXPECT_EQ(variant.at("extra").at("page_shared_kb"), id == "thread" ? 4 : 2) << id;
        EXPECT_EQ(variant.at("extra").at("page_written_kb"), 4) << id;
    }
    EXPECT_EQ(ways.size(), 2U);
}

/// "Worker 0", which warms up, and so many more.
std::multiset<std::string> workers(int births)
{
    std::multiset<std::string> names;
    for (int i = 0; i <= births; ++i) {
        names.insert("Worker " + std::to_string(i));
    }
    return names;
}

std::multiset<std::string> workersIn(const json& list)
{
    std::multiset<std::string> names;
    for (const json& each : list) {
        if (const std::string name = each.at("name"); name.starts_with("Worker ")) {
            names.insert(name);
        }
    }
    return names;
}

TEST_F(LessonsTest, AsManyWorkersAreBornAsTheKnobSaysNativeOnesToo)
{
    auto ways = variants("birth-cost", {"births=3"});
    const json& thread = ways.at("native-thread");
    const json& process = ways.at("native-process");
    EXPECT_EQ(thread.at("extra").at("births"), 3);
    EXPECT_EQ(process.at("extra").at("births"), 3);
    for (const char* id : {"thread", "fork", "native-thread", "native-process"}) {
        const json& extra = ways.at(id).at("extra");
        EXPECT_GE(extra.at("all_ms"), extra.at("first_ms")) << id;
        EXPECT_GE(extra.at("all_ms"), extra.at("join_ms")) << id;
        EXPECT_GT(extra.at("start_ms"), 0) << id;
    }
    EXPECT_EQ(workersIn(process.at("processes")), workers(3));
    for (const json& each : process.at("processes")) { // a sanitizer starts one of its own at the end
        if (each.at("name").get<std::string>().starts_with("Worker")) {
            EXPECT_EQ(each.at("status"), 0) << each;
        }
    }
    if (thread.at("source") == "measured") { // else threads that stamp nothing themselves are not seen
        EXPECT_EQ(workersIn(thread.at("threads")), workers(3));
        EXPECT_EQ(workersIn(ways.at("thread").at("threads")), workers(3));
        for (const json& each : thread.at("threads")) {
            if (each.at("name").get<std::string>().starts_with("Worker")) {
                EXPECT_EQ(each.at("pid"), thread.at("threads").front().at("pid")) << "all in the one that is there";
            }
        }
    }
}

TEST_F(LessonsTest, AKilledProcessLeavesItsLockHeldAndAThreadThatWasAskedLeavesNothing)
{
    auto ways = variants("kill-it", {"nap=500ms", "wait=10ms"});
    EXPECT_EQ(ways.at("terminate").at("extra").at("locks_held"), 1);
    EXPECT_EQ(ways.at("terminate").at("extra").at("lines"), 1);
    EXPECT_EQ(ways.at("exception").at("extra").at("locks_held"), 0);
    EXPECT_EQ(ways.at("exception").at("extra").at("lines"), 1);
    EXPECT_EQ(ways.at("event").at("extra").at("locks_held"), 0);
    EXPECT_EQ(ways.at("event").at("extra").at("lines"), 2);
}

TEST_F(LessonsTest, ACrashTakesAllThreadsAndAnExecutorsWorkersButNotAPoolThatCopes)
{
    auto ways = variants("crash", {"requests=80", "wait=5ms"});
    EXPECT_EQ(ways.at("thread").at("exit").at("code"), SIGSEGV);
    EXPECT_LT(ways.at("thread").at("extra").at("answered"), 79);
    EXPECT_EQ(ways.at("executor").at("extra").at("after_per_s"), 0);
    EXPECT_EQ(ways.at("executor").at("extra").at("survivors"), 0);
    EXPECT_EQ(ways.at("child").at("extra").at("answered"), 79);
    EXPECT_EQ(ways.at("child").at("extra").at("survivors"), 3);
    EXPECT_EQ(ways.at("own").at("extra").at("answered"), 79);
    EXPECT_EQ(ways.at("own").at("extra").at("survivors"), 4);
}

TEST_F(LessonsTest, WhereNoProcessIsLeftAPoolsScriptEndsAtOnceWithTheReason)
{
    if (getuid() != 0) {
        GTEST_SKIP() << "it takes a user who runs nothing else, to give it a limit of its own";
    }
    fs::permissions(folder(), fs::perms::all);
    const auto asNobody = [] {
        constexpr uid_t kNobody = 65534;
        const rlimit few{4, 4}; // the server and three of its four workers
        if (setrlimit(RLIMIT_NPROC, &few) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) {
            _exit(99);
        }
    };
    for (const char* way : {"executor", "own"}) {
        Program script("/usr/bin/python3",
            {(test::resourceFolder() / "scenarios" / "crash.py").string(), way, "80", "5"}, folder(),
            {{"PYTHONDONTWRITEBYTECODE", "1"}}, asNobody);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!script.hasEnded() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        EXPECT_TRUE(script.hasEnded()) << way << ": it waits for those who wait for it";
        ::kill(script.pid(), SIGKILL);
        const Outcome outcome = script.wait();
        EXPECT_EQ(outcome.status, 1) << way;
        EXPECT_THAT(outcome.err, testing::HasSubstr("BlockingIOError")) << way;
    }
}

TEST_F(LessonsTest, OfAScriptsOneProcessEachThreadIsScheduledAndAllIsGoneAtItsEnd)
{
    auto ways = variants("one-script", {"threads=3", "millions=1", "megabytes=0"});
    EXPECT_EQ(ways.at("alone").at("extra").at("scheduled"), 1);
    EXPECT_EQ(ways.at("pool").at("extra").at("scheduled"), 4);
    for (const auto& [id, variant] : ways) {
        EXPECT_EQ(variant.at("extra").at("zombie"), 1) << id;
        EXPECT_EQ(variant.at("extra").at("gone"), 1) << id;
    }
}

TEST_F(LessonsTest, UpdatesBetweenProcessesAreWholeUnderGetLock)
{
    auto ways = variants("process-counter", {"updates=1000"});
    EXPECT_EQ(ways.at("get-lock").at("counters").at(0).at("expected"), 2000);
    EXPECT_EQ(ways.at("get-lock").at("counters").at(0).at("lost"), 0);
}

TEST_F(LessonsTest, AnAccountThatIsLockedFromCheckToPaymentIsNeverOverdrawn)
{
    auto ways = variants("bank", {"rounds=10"});
    EXPECT_EQ(ways.at("locked").at("extra").at("overdrawn"), 0);
    EXPECT_EQ(ways.at("locked").at("extra").at("paid"), 1000);
    for (const auto& [id, variant] : ways) {
        const json& extra = variant.at("extra");
        EXPECT_EQ(extra.at("paid"), 1000 + 100 * extra.at("overdrawn").get<int>()) << id;
    }
}

TEST_F(LessonsTest, AQueueHandsOutEachBlockOnce)
{
    auto ways = variants("queue", {"blocks=20", "room=2"});
    EXPECT_EQ(ways.at("queue").at("extra").at("wrong"), 0);
    EXPECT_EQ(ways.at("condition").at("extra").at("wrong"), 0);
}

TEST_F(LessonsTest, TheBytecodeOfAStatementSaysWhereTheGilCanGo)
{
    auto ways = variants("python-counter", {"updates=10000"});
    const json& extra = ways.at("usual").at("extra");
    for (const char* statement : {"c += 1", "c = f(c) + 1"}) {
        const auto text = extra.at(statement).get<std::string>();
        EXPECT_THAT(text, testing::StartsWith("LOAD_GLOBAL")) << statement;
        EXPECT_THAT(text, testing::HasSubstr("STORE_GLOBAL")) << statement;
    }
    EXPECT_THAT(extra.at("c = f(c) + 1").get<std::string>(), testing::ContainsRegex("CALL[_A-Z]*⇄"));

    std::set<std::string> versions;
    for (const auto& [id, way] : ways) {
        if (!way.contains("extra") || !way.at("extra").contains("python")) {
            continue; // it is not here
        }
        const auto python = way.at("extra").at("python").get<std::string>();
        EXPECT_TRUE(versions.insert(python).second) << python << " comes twice";
        int minor = 0;
        if (std::sscanf(python.c_str(), "CPython 3.%d", &minor) != 1 || python.ends_with("free-threaded")) {
            continue;
        }
        const auto plus = way.at("extra").at("c += 1").get<std::string>();
        if (minor < 10) {
            EXPECT_THAT(plus, testing::StartsWith("LOAD_GLOBAL⇄")) << python;
        } else { // only behind the store
            EXPECT_EQ(plus.find("⇄"), plus.size() - std::string("⇄").size()) << python << ": " << plus;
        }
    }
}

TEST_F(LessonsTest, PhilosophersWithACureAllRise)
{
    auto ways = variants("philosophers", {"time=100ms", "reach=500us", "eat=100us"}, true);
    for (const char* cure : {"order", "waiter", "trylock"}) {
        EXPECT_EQ(ways.at(cure).at("deadlocked_threads"), 0) << cure;
        EXPECT_EQ(ways.at(cure).at("exit").at("code"), 0) << cure;
        for (const json& meals : ways.at(cure).at("counters")) {
            EXPECT_EQ(meals.at("lost"), 0) << cure;
        }
    }
}

TEST_F(LessonsTest, CountingIsRightByEachWayButThePlainOne)
{
    auto ways = variants("price-of-right", {"updates=100000"}, true);
    for (const char* right : {"atomic", "mutex", "local"}) {
        EXPECT_EQ(ways.at(right).at("counters").at(0).at("actual"), 200000) << right;
    }
}

TEST_F(LessonsTest, EveryOrderOfTheSteppedThreadsEndsAsArithmeticSays)
{
    auto two = variants("step-it", {"initial=40"});
    EXPECT_EQ(two.at("bare").at("extra").at("schedules"),
        json::parse(R"({"all": 20, "right": 2, "wrong": 18, "outcomes": {"41": 18, "42": 2}})"));
    EXPECT_EQ(two.at("python").at("extra").at("schedules"), two.at("bare").at("extra").at("schedules"));
    EXPECT_EQ(two.at("lock").at("extra").at("schedules"),
        json::parse(R"({"all": 2, "right": 2, "wrong": 0, "outcomes": {"42": 2}})"));
    auto three = variants("step-it", {"threads=3"});
    EXPECT_EQ(three.at("bare").at("extra").at("schedules"),
        json::parse(R"({"all": 1680, "right": 6, "wrong": 1674, "outcomes": {"1": 1404, "2": 270, "3": 6}})"));
    EXPECT_EQ(three.at("python").at("extra").at("schedules"), three.at("bare").at("extra").at("schedules"));
    EXPECT_EQ(three.at("lock").at("extra").at("schedules"),
        json::parse(R"({"all": 6, "right": 6, "wrong": 0, "outcomes": {"3": 6}})"));
}

} // namespace
} // namespace timeslice::system::lessons_test
