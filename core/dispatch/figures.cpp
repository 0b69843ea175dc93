#include "core/dispatch/figures.h"

#include <algorithm>
#include <utility>

namespace timeslice {

Figures Figures::of(std::vector<JobFigures> jobs, Nanos until)
{
    Figures figures;
    figures.jobs = std::move(jobs);
    const auto count = static_cast<Nanos>(figures.jobs.size());
    Nanos turnaround = 0;
    Nanos response = 0;
    Nanos waiting = 0;
    bool allBegun = true;
    for (const JobFigures& job : figures.jobs) {
        turnaround += job.turnaround().value_or(0);
        response += job.response().value_or(0);
        waiting += job.waiting;
        allBegun &= job.begun.has_value();
        figures.longestWait = std::max(figures.longestWait, job.waiting);
        figures.unfinished += job.ended ? 0 : 1;
        figures.starved += job.starved(until) ? 1 : 0;
    }
    if (count == 0) {
        return figures;
    }
    if (figures.unfinished == 0) {
        figures.turnaround = turnaround / count;
    }
    if (allBegun) {
        figures.response = response / count;
    }
    figures.waiting = waiting / count;
    return figures;
}

} // namespace timeslice
