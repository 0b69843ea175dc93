// Job tables for tests, in units of a nanosecond unless said.
#pragma once

#include "core/dispatch/closed_form.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace timeslice::dispatch_test {

inline JobTable table(std::vector<Job> jobs)
{
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (jobs[i].name.empty()) {
            jobs[i].name = std::to_string(i);
        }
    }
    auto made = JobTable::create(std::move(jobs));
    if (!made) {
        ADD_FAILURE() << made.error().message;
        std::abort();
    }
    return *std::move(made);
}

/// All there at the start.
inline JobTable lengths(const std::vector<Nanos>& of)
{
    std::vector<Job> jobs;
    for (const Nanos length : of) {
        Job job;
        job.length = length;
        jobs.push_back(job);
    }
    return table(std::move(jobs));
}

inline PolicyOptions policy(PolicyKind kind, Nanos quantum = 1)
{
    PolicyOptions options;
    options.kind = kind;
    options.quantum = quantum;
    return options;
}

/// Who has the core, one after the other: "A B A".
inline std::string order(const JobSchedule& schedule, const JobTable& jobs)
{
    std::string names;
    for (const Span& span : schedule.spans) {
        names += (names.empty() ? "" : " ") + jobs[span.job].name;
    }
    return names;
}

} // namespace timeslice::dispatch_test
