#include "app/cli/runnable_here.h"

#include "core/workload/workload_spec.h"

#include <algorithm>
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

namespace {

bool haveSysNice()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[2]{};
    if (syscall(SYS_capget, &header, sets) != 0) {
        return false;
    }
    return (sets[CAP_SYS_NICE / 32].effective >> (CAP_SYS_NICE % 32) & 1U) != 0;
}

bool wantsRealtime(const WorkloadSpec& workload)
{
    return std::any_of(workload.tasks.begin(), workload.tasks.end(),
        [](const TaskSpec& task) { return task.policy == SCHED_FIFO || task.policy == SCHED_RR; });
}

} // namespace

int coresHere()
{
    return static_cast<int>(allowedCpus().size());
}

bool mayRunRealtime()
{
    rlimit limit{};
    return haveSysNice() || (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0);
}

const std::vector<Interpreter>& interpretersHere()
{
    static const std::vector<Interpreter> found = findInterpreters();
    return found;
}

std::string whyNotRunnableHere(const Scenario& scenario, const VariantSpec& variant)
{
    if (isPython(variant.engine)) {
        const std::string& need = variant.python.interpreter;
        return chooseInterpreter(interpretersHere(), need) ? std::string() : whyNoInterpreter(interpretersHere(), need);
    }
    const Result<WorkloadSpec> workload =
        readWorkload(variant.workload, WorkloadBounds{scenario.limits.threads, allowedCpus()});
    if (!workload) {
        return "variant " + variant.id + ": " + workload.error().message;
    }
    if (wantsRealtime(*workload) && !mayRunRealtime()) {
        return "needs the privilege of real-time scheduling (CAP_SYS_NICE, or an rtprio limit above 0)";
    }
    return {};
}

std::string whyNotRunnableHere(const Scenario& scenario)
{
    const int cores = coresHere();
    if (cores < scenario.verdict.needsCores) {
        return "needs " + std::to_string(scenario.verdict.needsCores) + " cores to show its effect; this machine has "
            + std::to_string(cores);
    }
    std::string firstWhy;
    bool some = false;
    for (const VariantSpec& variant : scenario.variants) {
        const std::string why = whyNotRunnableHere(scenario, variant);
        const Metric& metric = scenario.verdict.metric;
        const bool needed = variant.id == metric.term.variant || (metric.over && variant.id == metric.over->variant);
        if (!why.empty() && (needed || !isPython(variant.engine))) {
            return why;
        }
        some = some || why.empty();
        firstWhy = firstWhy.empty() ? why : firstWhy;
    }
    return some ? std::string() : firstWhy;
}

} // namespace timeslice
