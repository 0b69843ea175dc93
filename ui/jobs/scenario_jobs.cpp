#include "ui/jobs/scenario_jobs.h"

#include "core/dispatch/policy_options.h"
#include "core/workload/workload_spec.h"

#include <algorithm>
#include <numeric>

namespace timeslice {

std::optional<ScenarioJobs> jobsOf(const Scenario& shown)
{
    const auto knob = std::find_if(
        shown.knobs.begin(), shown.knobs.end(), [](const Knob& one) { return one.type == Knob::Type::Jobs; });
    if (knob == shown.knobs.end()) {
        return std::nullopt;
    }
    WorkloadBounds bounds{shown.limits.threads, std::vector<CpuId>(PolicyOptions::kMostCores)};
    std::iota(bounds.cpus.begin(), bounds.cpus.end(), CpuId{0}); // a recording may be of a larger machine
    for (const VariantSpec& variant : shown.variants) {
        if (isPython(variant.engine) || !variant.workload.contains("dispatch")) {
            continue;
        }
        if (const Result<WorkloadSpec> spec = readWorkload(variant.workload, bounds); spec && spec->dispatch) {
            ScenarioJobs jobs;
            jobs.knob = knob->id;
            jobs.value = knobValue(shown, knob->id);
            jobs.named = std::find(knob->choices.begin(), knob->choices.end(), jobs.value) != knob->choices.end();
            jobs.initial = knob->initial;
            jobs.jobs = spec->dispatch->jobs.jobs();
            jobs.most = std::min(JobTable::kMostJobs, static_cast<std::size_t>(std::max(shown.limits.threads, 1)));
            return jobs;
        }
    }
    return std::nullopt;
}

} // namespace timeslice
