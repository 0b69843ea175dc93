#include "core/session/worker_result.h"

#include "core/base/unique_fd.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <sys/mman.h>
#include <unistd.h>

namespace timeslice::worker_result_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WorkerResult read(const std::string& text)
{
    const UniqueFd fd(memfd_create("result", MFD_CLOEXEC));
    EXPECT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return readWorkerResult(fd.get()); // its offset stands at the end; that must not matter
}

WorkerResult readScript(const std::string& text)
{
    const UniqueFd fd(memfd_create("result", MFD_CLOEXEC));
    EXPECT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return readScriptResult(fd.get());
}

TEST(WorkerResult, HoldsWhatTheWorkerSaid)
{
    const WorkerResult result = read(R"({"counters": [{"name": "x", "expected": 200, "actual": 150}],
        "threads": [{"tid": 7, "pid": 6, "name": "Thread 1", "cpu_ns": 1000}], "wall_ns": 5, "cpu_ns": 9,
        "extra": {"rss": 1}, "errors": ["no"]})");
    ASSERT_EQ(result.counters.size(), 1U);
    EXPECT_EQ(result.counters[0].lost(), 50);
    EXPECT_EQ(result.threadCpu.at(7), 1000);
    EXPECT_EQ(result.wall, 5);
    EXPECT_EQ(result.cpu, 9);
    EXPECT_EQ(result.extra.at("rss"), 1);
    EXPECT_THAT(result.errors, testing::ElementsAre("no"));
}

TEST(WorkerResult, OfAWorkerThatDidNotComeThatFarIsEmpty)
{
    for (const char* text : {"", "{\"counters\": [{\"na", "null", "17", "[]", "\xff\xfe"}) {
        const WorkerResult result = read(text);
        EXPECT_THAT(result.counters, IsEmpty()) << text;
        EXPECT_EQ(result.wall, std::nullopt) << text;
    }
}

TEST(WorkerResult, LeavesOutWhatIsOfTheWrongType)
{
    const WorkerResult result = read(R"({"counters": [3, {"name": 4, "expected": "x"}], "threads": {"tid": 1},
        "wall_ns": "long", "cpu_ns": null, "extra": [], "errors": [1, "two", {}]})");
    EXPECT_THAT(result.counters, IsEmpty());
    EXPECT_THAT(result.unused,
        ElementsAre("a counter is the number 3, no object with a 'name'; it is left out",
            "a counter is an object, no object with a 'name'; it is left out"));
    EXPECT_THAT(result.threadCpu, IsEmpty());
    EXPECT_EQ(result.wall, std::nullopt);
    EXPECT_EQ(result.cpu, std::nullopt);
    EXPECT_TRUE(result.extra.is_null());
    EXPECT_THAT(result.errors, testing::ElementsAre("two"));
}

TEST(WorkerResult, NumbersThatFitNoFieldAreLeftOut)
{
    const WorkerResult result = read(R"({"counters": [{"name": "x", "expected": 1e30, "actual": 1},
        {"name": "y", "expected": 18446744073709551615, "actual": 1}, {"name": "z", "expected": 7.0, "actual": -7}],
        "threads": [{"tid": 1e300, "cpu_ns": 1}, {"tid": 99999999999, "cpu_ns": 1}, {"tid": 5, "cpu_ns": -1}],
        "wall_ns": 1e300, "cpu_ns": 9223372036854775807})");
    ASSERT_EQ(result.counters.size(), 1U);
    EXPECT_EQ(result.counters[0].lost(), 14);
    EXPECT_THAT(result.threadCpu, IsEmpty());
    EXPECT_EQ(result.wall, std::nullopt);
    EXPECT_EQ(result.cpu, std::nullopt);
}

TEST(WorkerResult, SaysOfDeeplyNestedTextThatItCannotBeRead)
{
    const WorkerResult result = read("{\"extra\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}");
    EXPECT_THAT(result.unused, ElementsAre(HasSubstr("levels deep")));
}

TEST(ScriptResult, KeepsWhatIsRightOfALineAndSaysWhatIsNot)
{
    const WorkerResult result = readScript(
        "{\"counters\": [{\"name\": \"x\", \"expected\": 9, \"actual\": 7}], \"extra\": {\"a\": NaN, \"b\": 2}}\n"
        "\n"
        "{\"counters\": [{\"name\": \"y\", \"expected\": \"many\", \"actual\": 7},"
        " {\"name\": \"z\", \"expected\": 1, \"actual\": 1}], \"latency_ms\": [1, -Infinity, \"x\", -2, 3]}\n"
        "[1]\n"
        "{\"extra\": 5, \"error\": 7, \"colour\": \"red\"}\n"
        "{\"extra\": {\"c\": 3} \n"
        "{\"extra\": {\"d\": \"caf\xe9\", \"e\": "
        + std::string(400, '9')
        + "}}\n"
          "{\"extra\": {\"cut sho");
    ASSERT_EQ(result.counters.size(), 2U);
    EXPECT_EQ(result.counters[0].name, "x");
    EXPECT_EQ(result.counters[0].lost(), 2);
    EXPECT_EQ(result.counters[1].name, "z");
    EXPECT_EQ(result.extra, nlohmann::json({{"a", nullptr}, {"b", 2}, {"d", "caf\uFFFD"}, {"e", nullptr}}));
    EXPECT_THAT(result.latencyMillis, ElementsAre(1, 3));
    EXPECT_THAT(result.errors, IsEmpty());
    const std::string line = "of the script's result, line ";
    EXPECT_THAT(result.unused,
        ElementsAre(line + "1: extra/a is NaN, which is no number; it is left out",
            line + "3: latency_ms/1 is infinite, which is no number; it is left out",
            line + "3: the counter 'y' is left out: 'expected' is the text \"many\", no whole number that fits 64 bits",
            line + "3: 3 of its delays are no numbers of milliseconds", line + "4: it is an array, no object",
            line + "5: 'colour' is the text \"red\", which means nothing here",
            line + "5: 'error' is the number 7, which means nothing here",
            line + "5: 'extra' is the number 5, no object",
            line
                + "6: it cannot be read: syntax error while parsing object - unexpected end of input; expected '}' at "
                  "column 20",
            line + "7: extra/e is beyond all numbers that can be held; it is left out", line + "8: it was cut short"));
}

TEST(ScriptResult, KeepsTheRestOfALineInWhichAValueIsNestedWithoutEnd)
{
    const WorkerResult result = readScript(
        "{\"extra\": {\"deep\": " + std::string(100'000, '[') + std::string(100'000, ']') + ", \"n\": 1}}\n");
    EXPECT_EQ(result.extra.at("n"), 1);
    EXPECT_THAT(result.unused, ElementsAre(HasSubstr("levels deep")));
    EXPECT_NO_THROW((void)result.extra.dump());
}

TEST(ScriptResult, OfAMillionLinesAllCountAndOnlyTheFirstFaultsAreTold)
{
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "{\"extra\": {\"n\": " + std::to_string(i) + "}}\n[]\n";
    }
    const WorkerResult result = readScript(text);
    EXPECT_EQ(result.extra.at("n"), 99'999);
    ASSERT_EQ(result.unused.size(), 51U);
    EXPECT_EQ(result.unused.back(), "of the script's result, 99950 more things cannot be used");
}

TEST(ScriptResult, WhatIsTooLongIsReadAsFarAsItMayBeAndSaid)
{
    const std::string text =
        "{\"extra\": {\"n\": 1}}\n{\"extra\": {\"long\": \"" + std::string(std::size_t{20} << 20, 'x') + "\"}}\n";
    const WorkerResult result = readScript(text);
    EXPECT_EQ(result.extra.at("n"), 1);
    EXPECT_THAT(result.unused, ElementsAre(HasSubstr("longer than 16 MiB"), HasSubstr("line 2: it was cut short")));
}

TEST(CounterResult, WhatIsLostIsTheNearestNumberThatFits)
{
    constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ((CounterResult{"x", 10, 7}).lost(), 3);
    EXPECT_EQ((CounterResult{"x", kMost, -1}).lost(), kMost);
    EXPECT_EQ((CounterResult{"x", kLeast, 1}).lost(), kLeast);
    EXPECT_EQ((CounterResult{"x", 0, kLeast}).lost(), kMost);
}

TEST(ExitFromStatus, SaysInWordsHowAProgramEnded)
{
    EXPECT_EQ(exitFromStatus(0, "whatever").text, "finished");
    const Exit failed = exitFromStatus(3 << 8, "line one\nno such pipe 'p'\n\n");
    EXPECT_EQ(failed.code, 3);
    EXPECT_EQ(failed.text, "failed with exit status 3: no such pipe 'p'");
    EXPECT_EQ(exitFromStatus(1 << 8, "ValueError: caf\xe9 \x1b[31m").text,
        "failed with exit status 1: ValueError: caf\uFFFD \uFFFD[31m");
    EXPECT_EQ(exitFromStatus(1 << 8, "RuntimeError: can't start new thread\n").text,
        "failed with exit status 1: RuntimeError: can't start new thread (no thread or process is left for this user: "
        "see ulimit -u)");
    const Exit killed = exitFromStatus(SIGSEGV, "");
    EXPECT_EQ(killed.kind, Exit::Kind::Signalled);
    EXPECT_EQ(killed.text, "killed by signal 11 (segmentation fault)");
    EXPECT_THAT(exitFromStatus(SIGXCPU, "").text, testing::HasSubstr("real-time priority"));
}

TEST(LastLine, IsTheLastThatIsNotBlank)
{
    EXPECT_EQ(lastLine(""), "");
    EXPECT_EQ(lastLine("\n \n"), "");
    EXPECT_EQ(lastLine("only"), "only");
    EXPECT_EQ(lastLine("one\ntwo  \n\n"), "two");
}

} // namespace
} // namespace timeslice::worker_result_test
