#include "core/session/realtime_permission.h"

#include <algorithm>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

namespace {

bool haveSysNice() noexcept
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    if (syscall(SYS_capget, &header, sets) != 0) {
        return false;
    }
    return (sets[CAP_SYS_NICE / 32].effective >> (CAP_SYS_NICE % 32) & 1U) != 0;
}

} // namespace

int realtimePriority(const WorkloadSpec& workload) noexcept
{
    int highest = 0;
    const auto look = [&highest](const Scheduling& scheduling) {
        if (scheduling.policy == SCHED_FIFO || scheduling.policy == SCHED_RR) {
            highest = std::max(highest, scheduling.priority);
        }
    };
    for (const TaskSpec& task : workload.tasks) {
        look(task);
        for (const PhaseSpec& phase : task.phases) {
            for (const TaskStep& step : phase.steps) {
                if (const auto* schedule = std::get_if<step::Schedule>(&step)) {
                    look(schedule->scheduling);
                }
            }
        }
    }
    return highest;
}

bool mayRunRealtime(int priority) noexcept
{
    rlimit limit{};
    return haveSysNice()
        || (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur >= static_cast<rlim_t>(std::max(priority, 1)));
}

std::string whyNotRealtime(int priority)
{
    return "needs the privilege of real-time scheduling: the capability CAP_SYS_NICE (root has it), or the line "
           "\"@users - rtprio "
        + std::to_string(std::max(priority, 50))
        + "\" in /etc/security/limits.d/realtime.conf, with a group that you are in, and a new login";
}

} // namespace timeslice
