// ScenarioJobs: the table of jobs that a scenario lets its viewer edit, as its knobs are set.
#pragma once

#include "core/dispatch/job_table.h"
#include "core/scenario/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct ScenarioJobs {
    std::string knob; ///< the knob whose value they are
    std::string value; ///< of that: a table's name, or a table
    bool named = true; ///< it is a name
    std::string initial; ///< the name that the scenario begins with
    std::vector<Job> jobs;
    std::size_t most = 0; ///< so many can run
};

/// `shown` is resolved. Nullopt: it has no such knob, or its workload cannot be read.
std::optional<ScenarioJobs> jobsOf(const Scenario& shown);

} // namespace timeslice
