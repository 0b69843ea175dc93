#include "core/dispatch/job_table.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace timeslice {

namespace {

/// What is wrong with a job by itself; "" if nothing is.
std::string complaintAbout(const Job& job)
{
    const auto within = [](Nanos value, Nanos least) { return value >= least && value <= JobTable::kLongest; };
    const std::string longest = "an hour"; // kLongest
    const bool printable = std::none_of(
        job.name.begin(), job.name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (job.name.empty() || job.name.size() > JobTable::kLongestName || !printable) {
        return "its name must have 1 to " + std::to_string(JobTable::kLongestName) + " printable bytes";
    }
    if (!within(job.length, 1)) {
        return "its length must be more than 0, and " + longest + " at the most";
    }
    if (job.arrival < 0) {
        return "it would arrive before the start; an arrival counts from the start, from 0";
    }
    if (!within(job.arrival, 0)) {
        return "its arrival must be within " + longest;
    }
    if (job.priority < 0 || job.priority > JobTable::kMostPriority) {
        return "its priority must be from 0 (the most urgent) to " + std::to_string(JobTable::kMostPriority);
    }
    if (job.tickets < 1 || job.tickets > JobTable::kMostTickets) {
        return "its tickets must be from 1 to " + std::to_string(JobTable::kMostTickets);
    }
    if (job.nice < -20 || job.nice > 19) {
        return "its nice value must be from -20 to 19";
    }
    if (job.ioEvery == 0 && job.ioLength == 0) {
        return "";
    }
    if (!within(job.ioEvery, 1) || !within(job.ioLength, 1)) {
        return "its I/O takes two times, each more than 0 and " + longest
            + " at the most: how long it computes before, and how long it waits";
    }
    return "";
}

} // namespace

Result<JobTable> JobTable::create(std::vector<Job> jobs)
{
    if (jobs.empty()) {
        return fail("the table has no job", ErrorKind::Usage);
    }
    if (jobs.size() > kMostJobs) {
        return fail("the table has " + std::to_string(jobs.size()) + " jobs; " + std::to_string(kMostJobs)
                + " is the most that is scheduled",
            ErrorKind::Usage);
    }
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const std::string which = "job " + std::to_string(i + 1) + " (" + jobs[i].name + "): ";
        if (const std::string complaint = complaintAbout(jobs[i]); !complaint.empty()) {
            return fail(which + complaint, ErrorKind::Usage);
        }
        const auto [first, isNew] = places.emplace(jobs[i].name, i);
        if (!isNew) {
            return fail(which + "job " + std::to_string(first->second + 1) + " has that name, too", ErrorKind::Usage);
        }
    }
    return JobTable(std::move(jobs));
}

} // namespace timeslice
