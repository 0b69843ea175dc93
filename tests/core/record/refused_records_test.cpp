// What is said where the kernel's records are refused, and by what they would be allowed.
#include "core/record/context_switches.h"
#include "tests/core/record/refused_call.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace timeslice::test::refused_records_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// The refusal of a kernel that answers perf_event_open with `error`.
Error refusalAfter(int error)
{
    Error refusal{"", ErrorKind::Failed};
    std::thread([&] {
        if (!refuseCall(SYS_perf_event_open, error)) {
            refusal.message = "seccomp filters are refused here";
            return;
        }
        const Result<ContextSwitches> opened = ContextSwitches::open(getpid(), {static_cast<CpuId>(sched_getcpu())});
        refusal = opened ? Error{"it was allowed", ErrorKind::Failed} : opened.error();
    }).join();
    return refusal;
}

int paranoidLevel()
{
    int level = 0;
    std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> level;
    return level;
}

TEST(RefusedRecords, NameTheSettingOrTheFilterThatForbidsThem)
{
    for (const int error : {EACCES, EPERM}) {
        const Error refusal = refusalAfter(error);
        EXPECT_EQ(refusal.kind, ErrorKind::Unsupported);
        const std::string level = std::to_string(paranoidLevel());
        if (paranoidLevel() > 2) {
            EXPECT_THAT(refusal.message,
                AllOf(HasSubstr("perf_event_paranoid is " + level),
                    EndsWith("run: sudo sysctl kernel.perf_event_paranoid=2")));
        } else {
            EXPECT_THAT(refusal.message,
                AllOf(HasSubstr(std::strerror(error)), HasSubstr("although kernel.perf_event_paranoid is " + level),
                    HasSubstr("seccomp filter forbids perf_event_open"), HasSubstr("--security-opt seccomp"),
                    Not(HasSubstr("sysctl"))));
        }
    }
}

TEST(RefusedRecords, OfAKernelThatHasNoneSaySo)
{
    for (const int error : {ENOSYS, ENOENT, EOPNOTSUPP}) {
        const Error refusal = refusalAfter(error);
        EXPECT_EQ(refusal.kind, ErrorKind::Unsupported);
        EXPECT_THAT(refusal.message,
            AllOf(
                HasSubstr(std::strerror(error)), HasSubstr("CONFIG_PERF_EVENTS"), HasSubstr("hides perf_event_open")));
    }
}

TEST(RefusedRecords, ForWantOfDescriptorsSayHowToAllowMore)
{
    for (const int error : {EMFILE, ENFILE}) {
        EXPECT_THAT(
            refusalAfter(error).message, AllOf(HasSubstr("one descriptor per core"), EndsWith("run: ulimit -n 4096")));
    }
}

TEST(RefusedRecords, OfAnOldKernelSayWhichOneHasThem)
{
    for (const int error : {EINVAL, E2BIG}) {
        EXPECT_THAT(refusalAfter(error).message, EndsWith("they need Linux 4.3 or newer"));
    }
}

TEST(RefusedRecords, ForAnyOtherReasonSayTheSystemsOwn)
{
    const Error refusal = refusalAfter(EBUSY);
    EXPECT_EQ(refusal.kind, ErrorKind::Unsupported);
    EXPECT_THAT(
        refusal.message, AllOf(HasSubstr("process " + std::to_string(getpid())), HasSubstr(std::strerror(EBUSY))));
}

TEST(RefusedRecords, AreFoundByProbingToo)
{
    Result<void> probed;
    std::thread([&probed] {
        if (refuseCall(SYS_perf_event_open, ENOSYS)) {
            probed = probeContextSwitches();
        }
    }).join();
    ASSERT_FALSE(probed);
    EXPECT_EQ(probed.error().kind, ErrorKind::Unsupported);
    EXPECT_THAT(probed.error().message, HasSubstr("CONFIG_PERF_EVENTS"));
}

} // namespace
} // namespace timeslice::test::refused_records_test
