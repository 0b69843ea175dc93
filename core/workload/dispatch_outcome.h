// DispatchOutcome: the figures of a run of jobs, beside those of the closed form.
#pragma once

#include "core/dispatch/closed_form.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct DispatchOutcome {
    std::vector<std::string> names; ///< of the jobs
    std::string policy; ///< of the closed form, as a scenario spells it
    bool byKernel = false; ///< nobody decided but the kernel
    std::string by = "dispatcher"; ///< who decided, as a scenario spells it: "calculation", "SCHED_OTHER", ...
    std::vector<Job> jobs = {}; ///< what was to be done
    std::optional<Nanos> limit = {}; ///< it was ended by, since its start; nothing: it came to its end, or was stopped
    Figures figures; ///< measured
    Figures closedForm; ///< with the same jobs, under the policy
    std::vector<JobIndex> order; ///< who got a core, one after the other; empty if the kernel decided
    std::vector<JobIndex> closedFormOrder;
    bool cutOff = false;
};

/// Who gets a core by these decisions; one that goes on after its slice is not counted again.
std::vector<JobIndex> orderOf(const std::vector<TimedDecision>& decisions);

/// {"policy", "by", "table": "A 0 100ms; ...", "granularity_ms", "jobs": [{"name", "arrival_ms", "length_ms",
/// "turnaround_ms", "waiting_ms", "response_ms", "starved", "closed_form": {...}}], "mean": {..., "closed_form":
/// {...}}, "order": "A B A", "closed_form_order", "same_order": 1 or 0, "starved", "unfinished", "longest_wait_ms",
/// "cut_off", "limit_ms"}; what did not come about is null.
nlohmann::json toJson(const DispatchOutcome& outcome);

/// What a person has to be told of it, in sentences: who starved, and who was not done when the limit ended it.
std::vector<std::string> findingsOf(const DispatchOutcome& outcome);

} // namespace timeslice
