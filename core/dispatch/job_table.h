// JobTable: jobs that can be scheduled, whatever a person typed.
#pragma once

#include "core/base/result.h"
#include "core/dispatch/job.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace timeslice {

/// What a person says of a job: a column of the table.
enum class JobField : unsigned char { Name, Arrival, Length, Priority, Tickets, Nice, IoEvery, IoLength };
inline constexpr int kJobFields = 8;

/// What is wrong with a cell.
struct JobMistake {
    std::size_t job = 0; ///< its place, from 0
    JobField field = JobField::Name;
    std::string what; ///< "its length must be more than 0, and an hour at the most"
};

/// A value; what is in it has been checked.
class JobTable {
public:
    static constexpr std::size_t kMostJobs = 10'000;
    static constexpr Nanos kLongest = 3600 * kSecond; ///< of a length, an arrival, a wait for a device
    static constexpr int kMostTickets = 10'000;
    static constexpr int kMostPriority = 1'000'000;
    static constexpr std::size_t kLongestName = 32; ///< bytes: a thread is called by it

    /// Errors: Usage, naming the job (by its place, from 1, and its name) and what it would have to be.
    static Result<JobTable> create(std::vector<Job> jobs);

    /// All that is wrong with these, job by job; that there are none, or too many, is not told here.
    static std::vector<JobMistake> mistakesIn(const std::vector<Job>& jobs);

    std::size_t size() const noexcept { return m_jobs.size(); }
    const Job& operator[](JobIndex job) const noexcept { return m_jobs[job]; }
    const std::vector<Job>& jobs() const noexcept { return m_jobs; }
    auto begin() const noexcept { return m_jobs.begin(); }
    auto end() const noexcept { return m_jobs.end(); }

private:
    explicit JobTable(std::vector<Job> jobs) noexcept
        : m_jobs(std::move(jobs))
    {
    }

    std::vector<Job> m_jobs;
};

} // namespace timeslice
