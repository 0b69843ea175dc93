#include "core/session/realtime_permission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::realtime_permission_test {
namespace {

int priorityOf(const std::string& tasks)
{
    const auto workload = parseWorkload(R"({"tasks": {)" + tasks + "}}", {8, {0}});
    EXPECT_TRUE(workload.has_value());
    return workload ? realtimePriority(*workload) : -1;
}

TEST(RealtimePriority, IsTheHighestThatATaskAsksFor)
{
    EXPECT_EQ(priorityOf(R"("A": {"do": [{"run": 1}]}, "B": {"policy": "SCHED_BATCH", "do": [{"run": 1}]})"), 0);
    EXPECT_EQ(priorityOf(R"("A": {"policy": "SCHED_FIFO", "priority": 7, "do": [{"run": 1}]},
                            "B": {"policy": "SCHED_RR", "priority": 30, "do": [{"run": 1}]})"),
        30);
}

TEST(RealtimePermission, WithoutThePrivilegeIsWhatTheLimitAllows)
{
    const pid_t pid = fork();
    if (pid == 0) { // a child without any capability, and with a limit of its own
        const rlimit limit{0, 0};
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        const __user_cap_data_struct none[2]{};
        const bool dropped = setrlimit(RLIMIT_RTPRIO, &limit) == 0 && syscall(SYS_capset, &header, none) == 0;
        _exit(!dropped ? 2 : mayRunRealtime() || mayRunRealtime(30) ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(RealtimePermission, SaysHowToHaveIt)
{
    EXPECT_THAT(whyNotRealtime(30),
        testing::AllOf(testing::HasSubstr("CAP_SYS_NICE"), testing::HasSubstr("\"@users - rtprio 50\""),
            testing::HasSubstr("/etc/security/limits.d/")));
    EXPECT_THAT(whyNotRealtime(80), testing::HasSubstr("rtprio 80"));
}

} // namespace
} // namespace timeslice::realtime_permission_test
