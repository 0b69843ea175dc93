#include "core/workload/task_scheduling.h"

#include <cerrno>
#include <cstring>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace timeslice {

namespace {

const char* policyName(int policy)
{
    switch (policy) {
    case SCHED_BATCH:
        return "SCHED_BATCH";
    case SCHED_IDLE:
        return "SCHED_IDLE";
    case SCHED_FIFO:
        return "SCHED_FIFO";
    case SCHED_RR:
        return "SCHED_RR";
    default:
        return "SCHED_OTHER";
    }
}

Result<void> applyCores(const std::vector<CpuId>& cpus)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    std::string names;
    for (const CpuId cpu : cpus) {
        CPU_SET(static_cast<std::size_t>(cpu), &set);
        names += (names.empty() ? "" : ", ") + std::to_string(cpu);
    }
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        return failErrno("cannot keep it to core " + names, errno, ErrorKind::Unsupported);
    }
    return {};
}

Result<void> applyPolicy(int policy, int priority)
{
    sched_param parameters{};
    parameters.sched_priority = priority;
    if (sched_setscheduler(0, policy, &parameters) == 0) {
        return {};
    }
    const int error = errno;
    std::string message = std::string("the system refuses the policy ") + policyName(policy);
    if (priority > 0) {
        message += " with priority " + std::to_string(priority);
    }
    message += std::string(": ") + std::strerror(error);
    if (error == EPERM && priority > 0) {
        message += ". It takes the capability CAP_SYS_NICE (root has it) or a real-time limit of at least that "
                   "priority (see \"ulimit -r\"): put the line \"@users - rtprio 50\" into "
                   "/etc/security/limits.d/realtime.conf, with a group that you are in, and log in again";
    }
    return fail(message, ErrorKind::Unsupported);
}

Result<void> applyNice(int nice)
{
    // On Linux nice belongs to the thread: PRIO_PROCESS with a thread's id changes that thread alone.
    if (setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice) == 0) {
        return {};
    }
    const int error = errno;
    std::string message = "the system refuses nice " + std::to_string(nice) + ": " + std::strerror(error);
    if (error == EACCES || error == EPERM) {
        message += ". To lower a nice value takes the capability CAP_SYS_NICE (root has it) or a higher limit: see "
                   "\"ulimit -e\"";
    }
    return fail(message, ErrorKind::Unsupported);
}

} // namespace

Result<void> applyScheduling(const TaskSpec& task)
{
    if (!task.cpus.empty()) {
        if (auto applied = applyCores(task.cpus); !applied) {
            return applied;
        }
    }
    if (task.nice) {
        if (auto applied = applyNice(*task.nice); !applied) {
            return applied;
        }
    }
    if (task.policy) {
        return applyPolicy(*task.policy, task.priority);
    }
    return {};
}

} // namespace timeslice
