#include "core/base/proc_stat.h"

#include <csignal>
#include <gtest/gtest.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::proc_stat_test {
namespace {

/// Fields 3 to 52 of a sleeping process, as Linux 6.1 wrote them.
const std::string kFields = "S 812 2417 812 34816 2417 4194304 105 230 1 0 7 3 40 50 20 0 1 0 98765 8740864 1024 "
                            "18446744073709551615 94100 94200 140700 0 0 0 0 4 65538 1 0 0 17 5 0 0 0 0 0 94300 94400 "
                            "94500 140800 140900 140900 140990 0";

std::optional<ProcStat> parse(const std::string& name)
{
    return parseProcStat("2417 (" + name + ") " + kFields + "\n");
}

TEST(ProcStat, TellsTheFieldsApart)
{
    const std::optional<ProcStat> stat = parse("bash");
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->name, "bash");
    EXPECT_EQ(stat->state, 'S');
    EXPECT_EQ(stat->parent, 812);
    EXPECT_EQ(stat->flags, 4194304U);
    EXPECT_EQ(stat->cpuTicks, 7 + 3);
    EXPECT_EQ(stat->stack, 140700U);
    EXPECT_EQ(stat->core, 5);
    EXPECT_EQ(stat->argumentsBegin, 140800U);
    EXPECT_EQ(stat->argumentsEnd, 140900U);
    EXPECT_FALSE(stat->hasEnded());
}

TEST(ProcStat, IsNotMisledByNames)
{
    for (const std::string name : {"", "Web Content", "(sd-pam)", ") R 1 (", "a) Z 1 1", ")", "(((", "1 2 3"}) {
        const std::optional<ProcStat> stat = parse(name);
        ASSERT_TRUE(stat) << name;
        EXPECT_EQ(stat->name, name);
        EXPECT_EQ(stat->state, 'S') << name;
        EXPECT_EQ(stat->parent, 812) << name;
        EXPECT_EQ(stat->core, 5) << name;
    }
    EXPECT_EQ(parse("a\nb\x1b")->name, "a\uFFFDb\uFFFD");
}

TEST(ProcStat, IsNothingWhereTheTextIsCutOffOrAnother)
{
    for (const std::string text : {"", "1", "1 (a", "1 (a)", "1 a) S 1", ")(", "1 (a) S 1 2 3"}) {
        EXPECT_FALSE(parseProcStat(text)) << text;
    }
    const std::string whole = "2417 (bash) " + kFields;
    for (std::size_t length = 0; length < whole.find(" 17 5 ") + 4; ++length) {
        EXPECT_FALSE(parseProcStat(whole.substr(0, length))) << length;
    }
}

TEST(ProcStat, IsReadOfProcessesAndThreads)
{
    char before[16] = {};
    prctl(PR_GET_NAME, before);
    prctl(PR_SET_NAME, "a) R (b c");
    const std::optional<ProcStat> thread = readProcStat(getpid(), gettid());
    prctl(PR_SET_NAME, before);
    ASSERT_TRUE(thread);
    EXPECT_EQ(thread->name, "a) R (b c");
    EXPECT_EQ(thread->state, 'R');
    const std::optional<ProcStat> process = readProcStat(getpid());
    ASSERT_TRUE(process);
    EXPECT_EQ(process->parent, getppid());
    EXPECT_LT(process->argumentsBegin, process->argumentsEnd);
}

TEST(ProcStat, KnowsWhoHasEndedAndIsNothingOfWhoIsGone)
{
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    const std::optional<ProcStat> ended = readProcStat(child);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->hasEnded());
    EXPECT_EQ(ended->parent, getpid());
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_FALSE(readProcStat(child));
}

} // namespace
} // namespace timeslice::proc_stat_test
