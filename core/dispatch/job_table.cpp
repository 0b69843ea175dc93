#include "core/dispatch/job_table.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace timeslice {

namespace {

/// What is wrong with a job by itself.
class Complaints {
public:
    Complaints(std::size_t place, const Job& job, std::vector<JobMistake>& mistakes)
        : m_place(place)
        , m_job(job)
        , m_mistakes(mistakes)
    {
    }

    void find()
    {
        const std::string longest = "an hour"; // JobTable::kLongest
        const bool printable = std::none_of(m_job.name.begin(), m_job.name.end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        expect(!m_job.name.empty() && m_job.name.size() <= JobTable::kLongestName && printable, JobField::Name,
            "its name must have 1 to " + std::to_string(JobTable::kLongestName) + " printable bytes");
        expect(within(m_job.length, 1), JobField::Length,
            "its length must be more than 0, and " + longest + " at the most");
        if (m_job.arrival < 0) {
            expect(
                false, JobField::Arrival, "it would arrive before the start; an arrival counts from the start, from 0");
        } else {
            expect(within(m_job.arrival, 0), JobField::Arrival, "its arrival must be within " + longest);
        }
        expect(m_job.priority >= 0 && m_job.priority <= JobTable::kMostPriority, JobField::Priority,
            "its priority must be from 0 (the most urgent) to " + std::to_string(JobTable::kMostPriority));
        expect(m_job.tickets >= 1 && m_job.tickets <= JobTable::kMostTickets, JobField::Tickets,
            "its tickets must be from 1 to " + std::to_string(JobTable::kMostTickets));
        expect(m_job.nice >= -20 && m_job.nice <= 19, JobField::Nice, "its nice value must be from -20 to 19");
        if (m_job.ioEvery != 0 || m_job.ioLength != 0) {
            const std::string both = "its I/O takes two times, each more than 0 and " + longest
                + " at the most: how long it computes before, and how long it waits";
            expect(within(m_job.ioEvery, 1), JobField::IoEvery, both);
            expect(within(m_job.ioLength, 1), JobField::IoLength, both);
        }
    }

private:
    static bool within(Nanos value, Nanos least) { return value >= least && value <= JobTable::kLongest; }
    void expect(bool right, JobField field, const std::string& what)
    {
        if (!right) {
            m_mistakes.push_back({m_place, field, what});
        }
    }

    std::size_t m_place;
    const Job& m_job;
    std::vector<JobMistake>& m_mistakes;
};

} // namespace

std::vector<JobMistake> JobTable::mistakesIn(const std::vector<Job>& jobs)
{
    std::vector<JobMistake> mistakes;
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        Complaints(i, jobs[i], mistakes).find();
        const auto [first, isNew] = places.emplace(jobs[i].name, i);
        if (!isNew && !jobs[i].name.empty()) {
            mistakes.push_back({i, JobField::Name, "job " + std::to_string(first->second + 1) + " has that name, too"});
        }
    }
    return mistakes;
}

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
    if (const std::vector<JobMistake> mistakes = mistakesIn(jobs); !mistakes.empty()) {
        const JobMistake& first = mistakes.front();
        return fail("job " + std::to_string(first.job + 1) + " (" + jobs[first.job].name + "): " + first.what,
            ErrorKind::Usage);
    }
    return JobTable(std::move(jobs));
}

} // namespace timeslice
