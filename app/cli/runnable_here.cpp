#include "app/cli/runnable_here.h"

#include "core/session/realtime_permission.h"
#include "core/workload/workload_spec.h"

#include <algorithm>

namespace timeslice {

int coresHere()
{
    return static_cast<int>(allowedCpus().size());
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
    if (const int priority = realtimePriority(*workload); priority > 0 && !mayRunRealtime(priority)) {
        return whyNotRealtime(priority);
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
