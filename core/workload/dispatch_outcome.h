// DispatchOutcome: the figures of a run of jobs, beside those of the closed form.
#pragma once

#include "core/dispatch/closed_form.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace timeslice {

struct DispatchOutcome {
    std::vector<std::string> names; ///< of the jobs
    std::string policy; ///< of the closed form, as a scenario spells it
    bool byKernel = false; ///< nobody decided but the kernel
    Figures figures; ///< measured
    Figures closedForm; ///< with the same jobs, under the policy
    std::vector<JobIndex> order; ///< who got a core, one after the other; empty if the kernel decided
    std::vector<JobIndex> closedFormOrder;
    bool cutOff = false;
};

/// Who gets a core by these decisions; one that goes on after its slice is not counted again.
std::vector<JobIndex> orderOf(const std::vector<TimedDecision>& decisions);

/// {"policy", "granularity_ms", "jobs": [{"name", "turnaround_ms", "waiting_ms", "response_ms",
/// "closed_form": {...}}], "mean": {..., "closed_form": {...}}, "order": "A B A", "closed_form_order",
/// "same_order": 1 or 0, "starved", "unfinished", "longest_wait_ms", "cut_off"}; what did not come about is null.
nlohmann::json toJson(const DispatchOutcome& outcome);

} // namespace timeslice
