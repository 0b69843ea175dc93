#include "core/workload/task_scheduling.h"

#include "core/workload/taskgroups.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// sched_setattr(2), which glibc 2.36 has no call for; <linux/sched/types.h> cannot stand beside <sched.h>.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
    std::uint32_t utilMin = 0;
    std::uint32_t utilMax = 0;
};
static_assert(sizeof(SchedulingAttributes) == 56); // the kernel's SCHED_ATTR_SIZE_VER1
constexpr std::uint64_t kResetOnFork = 0x01;
constexpr std::uint64_t kKeepPolicyAndParameters = 0x08 | 0x10;
constexpr std::uint64_t kClampMin = 0x20;
constexpr std::uint64_t kClampMax = 0x40;

bool setAttributes(SchedulingAttributes& attributes) noexcept
{
    return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

const char* policyName(int policy)
{
    switch (policy) {
    case SCHED_DEADLINE:
        return "SCHED_DEADLINE";
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

Result<void> applyDeadline(const Scheduling& wanted)
{
    SchedulingAttributes attributes;
    attributes.policy = SCHED_DEADLINE;
    attributes.flags = kResetOnFork; // else the kernel lets it start no thread
    attributes.runtime = static_cast<std::uint64_t>(wanted.runtime);
    attributes.deadline = static_cast<std::uint64_t>(wanted.deadline);
    attributes.period = static_cast<std::uint64_t>(wanted.period);
    if (setAttributes(attributes)) {
        return {};
    }
    const int error = errno;
    std::string message = std::string("the system refuses the policy SCHED_DEADLINE: ") + std::strerror(error);
    if (error == EPERM) {
        message += ". It takes the capability CAP_SYS_NICE (root has it), and a task that may run on every core: "
                   "\"cpus\" does not go with it";
    } else if (error == EBUSY) {
        message += ". All budgets together are more than the share of the cores that the kernel gives to deadlines: "
                   "see /proc/sys/kernel/sched_rt_runtime_us";
    }
    return fail(message, ErrorKind::Unsupported);
}

/// Of SCHED_OTHER and SCHED_BATCH. An older kernel takes the number and does nothing with it, so what it made of it is
/// looked at.
Result<void> applySlice(const Scheduling& wanted)
{
    SchedulingAttributes attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) {
        return failErrno("cannot read how the thread is scheduled", errno, ErrorKind::Unsupported);
    }
    attributes.flags = 0;
    attributes.runtime = static_cast<std::uint64_t>(wanted.runtime);
    if (!setAttributes(attributes)) {
        return failErrno("the system refuses a slice of its own to the thread", errno, ErrorKind::Unsupported);
    }
    SchedulingAttributes now;
    if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) != 0 || now.runtime == 0) {
        return fail(
            "this kernel has no slices for single threads (dl-runtime with SCHED_OTHER); Linux 6.12 and newer do",
            ErrorKind::Unsupported);
    }
    return {};
}

Result<void> applyClamps(const Scheduling& wanted)
{
    SchedulingAttributes attributes;
    attributes.flags = kKeepPolicyAndParameters;
    if (wanted.utilMin) {
        attributes.flags |= kClampMin;
        attributes.utilMin = static_cast<std::uint32_t>(*wanted.utilMin);
    }
    if (wanted.utilMax) {
        attributes.flags |= kClampMax;
        attributes.utilMax = static_cast<std::uint32_t>(*wanted.utilMax);
    }
    if (setAttributes(attributes)) {
        return {};
    }
    const int error = errno;
    std::string message = std::string("the system refuses util_min and util_max: ") + std::strerror(error);
    if (error == EOPNOTSUPP) {
        message += ". It takes a kernel that is built with CONFIG_UCLAMP_TASK";
    }
    return fail(message, ErrorKind::Unsupported);
}

Result<void> applyMemoryNodes(const std::vector<int>& nodes)
{
    constexpr std::size_t kBits = 8 * sizeof(unsigned long);
    std::array<unsigned long, 1024 / kBits> mask{};
    std::string names;
    for (const int node : nodes) {
        const auto bit = static_cast<std::size_t>(node);
        mask.at(bit / kBits) |= 1UL << (bit % kBits);
        names += (names.empty() ? "" : ", ") + std::to_string(node);
    }
    // The kernel takes one bit less than it is told.
    if (syscall(SYS_set_mempolicy, MPOL_BIND, mask.data(), mask.size() * kBits + 1) == 0) {
        return {};
    }
    const int error = errno;
    std::string message = "cannot take its memory from node " + names + ": " + std::strerror(error);
    if (error == EINVAL) {
        message += ". The nodes of this machine are in /sys/devices/system/node";
    } else if (error == ENOSYS) {
        message += ". It takes a kernel that is built with CONFIG_NUMA";
    }
    return fail(message, ErrorKind::Unsupported);
}

Result<void> applyPolicyOf(const Scheduling& wanted)
{
    if (wanted.policy == SCHED_DEADLINE) {
        return applyDeadline(wanted);
    }
    return wanted.policy ? applyPolicy(*wanted.policy, wanted.priority) : Result<void>();
}

} // namespace

Result<void> applyScheduling(const Scheduling& scheduling)
{
    Result<void> applied;
    if (!scheduling.cpus.empty()) {
        applied = applyCores(scheduling.cpus);
    }
    if (applied && scheduling.nice) {
        applied = applyNice(*scheduling.nice);
    }
    if (applied) {
        applied = applyPolicyOf(scheduling);
    }
    if (applied && scheduling.runtime > 0 && scheduling.policy != SCHED_DEADLINE) {
        applied = applySlice(scheduling);
    }
    if (applied && (scheduling.utilMin || scheduling.utilMax)) {
        applied = applyClamps(scheduling);
    }
    if (applied && !scheduling.taskgroup.empty()) {
        applied = Taskgroups::enter(scheduling.taskgroup);
    }
    if (applied && !scheduling.memoryNodes.empty()) {
        applied = applyMemoryNodes(scheduling.memoryNodes);
    }
    return applied;
}

Result<void> lockPages()
{
    if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) {
        return {};
    }
    return failErrno("the system refuses to keep the workload's memory from being paged out (\"lock_pages\"; it takes "
                     "the capability CAP_IPC_LOCK, which root has, or a higher limit, see \"ulimit -l\")",
        errno, ErrorKind::Unsupported);
}

} // namespace timeslice
