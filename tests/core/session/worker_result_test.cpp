#include "core/session/worker_result.h"

#include "core/base/unique_fd.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace timeslice {
namespace {

using testing::IsEmpty;

WorkerResult read(const std::string& text)
{
    const UniqueFd fd(memfd_create("result", MFD_CLOEXEC));
    EXPECT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return readWorkerResult(fd.get()); // its offset stands at the end; that must not matter
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
    ASSERT_EQ(result.counters.size(), 1U);
    EXPECT_EQ(result.counters[0].name, "");
    EXPECT_THAT(result.threadCpu, IsEmpty());
    EXPECT_EQ(result.wall, std::nullopt);
    EXPECT_EQ(result.cpu, std::nullopt);
    EXPECT_TRUE(result.extra.is_null());
    EXPECT_THAT(result.errors, testing::ElementsAre("two"));
}

TEST(ExitFromStatus, SaysInWordsHowAProgramEnded)
{
    EXPECT_EQ(exitFromStatus(0, "whatever").text, "finished");
    const Exit failed = exitFromStatus(3 << 8, "line one\nno such pipe 'p'\n\n");
    EXPECT_EQ(failed.code, 3);
    EXPECT_EQ(failed.text, "failed with exit status 3: no such pipe 'p'");
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
} // namespace timeslice
