#include "core/rtapp/rtapp_scheduling.h"

#include "core/base/did_you_mean.h"

#include <algorithm>
#include <sched.h>

namespace timeslice {

namespace {

constexpr int kDefaultRealtimePriority = 10;
constexpr int kMostUtilization = 1024;
constexpr int kMostNode = 1023;

bool isRealtime(int policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

Nanos micros(const std::optional<JsonPlace>& place, Nanos otherwise)
{
    return place ? place->integer<Nanos>(0, kMostRtappNumber) * kMicrosecond : otherwise;
}

std::vector<CpuId> readCpus(const RtappObject& object, const std::vector<CpuId>& allowed)
{
    std::vector<CpuId> cpus;
    const auto place = object.find("cpus");
    if (!place) {
        return cpus;
    }
    if (!place->value().is_array() || place->value().empty()) {
        place->complainExpected("a list of cores such as [0]");
        return cpus;
    }
    for (const JsonPlace& one : place->list("cores")) {
        const auto cpu = static_cast<CpuId>(one.integer(0, CPU_SETSIZE - 1));
        if (std::find(allowed.begin(), allowed.end(), cpu) == allowed.end()) {
            std::vector<std::string> names;
            for (const CpuId here : allowed) {
                names.push_back(std::to_string(here));
            }
            one.complain("core " + std::to_string(cpu) + " is not here; this run may use "
                    + (names.size() == 1 ? "core " : "cores ") + joinNames(names),
                ErrorKind::Unsupported);
        }
        cpus.push_back(cpu);
    }
    return cpus;
}

std::vector<int> readNodes(const RtappObject& object)
{
    std::vector<int> nodes;
    if (const auto place = object.find("nodes_membind")) {
        if (!place->value().is_array() || place->value().empty()) {
            place->complainExpected("a list of memory nodes such as [0]");
            return nodes;
        }
        for (const JsonPlace& one : place->list("memory nodes")) {
            nodes.push_back(one.integer(0, kMostNode));
        }
    }
    return nodes;
}

/// rt-app's -1: as it is.
std::optional<int> readClamp(const RtappObject& object, const char* key)
{
    const auto place = object.find(key);
    const int clamp = place ? place->integer(-1, kMostUtilization) : -1;
    return clamp < 0 ? std::nullopt : std::optional(clamp);
}

/// What "priority" says depends on the policy.
void readPriority(const JsonPlace& place, int policy, Scheduling& scheduling)
{
    if (isRealtime(policy)) {
        scheduling.priority = place.integer(1, 99);
    } else if (policy == SCHED_DEADLINE) {
        place.integer(0, 0);
    } else {
        scheduling.nice = place.integer(-20, 19);
    }
}

/// Budget, period and deadline of SCHED_DEADLINE, or the slice of SCHED_OTHER and SCHED_BATCH. `legacy`: a task may
/// also say "runtime", "period" and "deadline", the first of which is an event besides.
void readTimes(const RtappObject& object, int policy, bool legacy, Scheduling& scheduling)
{
    const auto find = [&](const char* key, const char* old) {
        auto found = object.find(key);
        return found || !legacy || policy != SCHED_DEADLINE ? found : object.find(old);
    };
    const auto runtime = find("dl-runtime", "runtime");
    const auto period = find("dl-period", "period");
    const auto deadline = find("dl-deadline", "deadline");
    if (policy != SCHED_DEADLINE) {
        for (const auto& other : {period, deadline}) {
            if (other) {
                other->complain("goes with SCHED_DEADLINE only");
            }
        }
        if (runtime && policy != SCHED_OTHER && policy != SCHED_BATCH) {
            runtime->complain("goes with SCHED_DEADLINE, SCHED_OTHER and SCHED_BATCH only");
        }
        scheduling.runtime = micros(runtime, 0);
        return;
    }
    scheduling.runtime = micros(runtime, 0);
    scheduling.period = micros(period, scheduling.runtime);
    scheduling.deadline = micros(deadline, scheduling.period);
    const auto wrong = [](const std::optional<JsonPlace>& place) { return place && place->failed(); };
    if (wrong(runtime) || wrong(period) || wrong(deadline)) {
        return; // how they go together cannot be told
    }
    if (scheduling.runtime == 0) {
        object.place().complain("SCHED_DEADLINE needs a \"dl-runtime\" of more than 0");
    } else if (scheduling.runtime > scheduling.deadline || scheduling.deadline > scheduling.period) {
        object.place().complain("SCHED_DEADLINE needs dl-runtime <= dl-deadline <= dl-period");
    }
}

/// "" is none.
std::string readTaskgroup(const RtappObject& object)
{
    const auto place = object.find("taskgroup");
    if (!place || place->value() == "") {
        return {};
    }
    std::string name = place->text();
    const bool wrong = !name.starts_with('/') || (name.size() > 1 && name.ends_with('/'))
        || (name + '/').find("/../") != std::string::npos || (name + '/').find("/./") != std::string::npos
        || name.find("//") != std::string::npos || name.find('\0') != std::string::npos;
    if (wrong) {
        place->complain("expected a path such as \"/group/inner\", found '" + shown(name) + "'");
    }
    return name;
}

/// As in rt-app. `group`: the one that the thread is in.
void refuseRealtimeInTaskgroup(const RtappObject& object, const std::string& group, int policy)
{
    const bool fair = policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
    if (!group.empty() && !fair) {
        object.place().complain(
            "a taskgroup ('" + shown(group) + "') goes with SCHED_OTHER, SCHED_BATCH and SCHED_IDLE only");
    }
}

/// What does not depend on what was before.
Scheduling readFixed(const RtappObject& object, const std::vector<CpuId>& allowed)
{
    Scheduling scheduling;
    scheduling.taskgroup = readTaskgroup(object);
    scheduling.cpus = readCpus(object, allowed);
    scheduling.memoryNodes = readNodes(object);
    scheduling.utilMin = readClamp(object, "util_min");
    scheduling.utilMax = readClamp(object, "util_max");
    return scheduling;
}

/// What `said` says, if it is one, or else the one before.
std::optional<int> policyOf(const std::optional<JsonPlace>& said, std::optional<int> before)
{
    if (!said) {
        return before;
    }
    const int policy = rtappPolicy(*said);
    return said->failed() ? std::nullopt : std::optional(policy);
}

/// The policy, with the priority that goes with it when none is given.
void setPolicy(int policy, Scheduling& scheduling)
{
    scheduling.policy = policy;
    if (isRealtime(policy)) {
        scheduling.priority = kDefaultRealtimePriority;
    } else if (policy != SCHED_DEADLINE) {
        scheduling.nice = 0;
    }
}

} // namespace

const std::vector<std::string>& rtappSchedulingKeys()
{
    static const std::vector<std::string> keys{"cpus", "nodes_membind", "policy", "priority", "dl-runtime", "dl-period",
        "dl-deadline", "util_min", "util_max", "taskgroup"};
    return keys;
}

int rtappPolicy(const JsonPlace& place)
{
    constexpr int kPolicies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_RR, SCHED_FIFO, SCHED_DEADLINE};
    return kPolicies[place.choice(
        "scheduling policy", {"SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_RR", "SCHED_FIFO", "SCHED_DEADLINE"})];
}

Scheduling readTaskScheduling(
    const RtappObject& task, std::optional<int> defaultPolicy, const std::vector<CpuId>& allowed)
{
    Scheduling scheduling = readFixed(task, allowed);
    const std::optional<int> policy = policyOf(task.find("policy"), defaultPolicy);
    if (!policy) {
        return scheduling;
    }
    setPolicy(*policy, scheduling);
    if (const auto priority = task.find("priority")) {
        readPriority(*priority, *policy, scheduling);
    }
    readTimes(task, *policy, true, scheduling);
    refuseRealtimeInTaskgroup(task, scheduling.taskgroup, *policy);
    return scheduling;
}

std::optional<Scheduling> readPhaseScheduling(
    const RtappObject& phase, std::optional<int>& policy, std::string& taskgroup, const std::vector<CpuId>& allowed)
{
    const auto& keys = rtappSchedulingKeys();
    if (std::none_of(keys.begin(), keys.end(), [&](const std::string& key) { return phase.find(key).has_value(); })) {
        return std::nullopt;
    }
    Scheduling scheduling = readFixed(phase, allowed);
    const auto said = phase.find("policy");
    const auto priority = phase.find("priority");
    policy = policyOf(said, policy);
    if (!policy) {
        return scheduling;
    }
    if (said) {
        setPolicy(*policy, scheduling);
    }
    if (priority) {
        readPriority(*priority, *policy, scheduling);
        if (isRealtime(*policy)) {
            scheduling.policy = policy; // what a priority is set together with
        }
    }
    if (said || phase.find("dl-runtime") || policy != SCHED_DEADLINE) {
        readTimes(phase, *policy, false, scheduling);
        if (policy == SCHED_DEADLINE) {
            scheduling.policy = policy;
        }
    } else if (const auto alone = phase.find("dl-period") ? phase.find("dl-period") : phase.find("dl-deadline")) {
        alone->complain("needs the \"dl-runtime\" of this phase");
    }
    taskgroup = scheduling.taskgroup.empty() ? taskgroup : scheduling.taskgroup;
    refuseRealtimeInTaskgroup(phase, taskgroup, *policy);
    return scheduling;
}

} // namespace timeslice
