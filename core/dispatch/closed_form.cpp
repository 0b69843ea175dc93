#include "core/dispatch/closed_form.h"

#include "core/dispatch/policy.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

namespace timeslice {

namespace {

class Calculation {
public:
    Calculation(const JobTable& jobs, const PolicyOptions& options, const ScheduleLimits& limits)
        : m_jobs(jobs)
        , m_options(options)
        , m_limits(limits)
        , m_policy(Policy::create(options, jobs))
        , m_cores(static_cast<std::size_t>(options.cores))
        , m_arrivals(jobs.size())
        , m_figures(jobs.size())
        , m_left(jobs.size())
    {
        std::iota(m_arrivals.begin(), m_arrivals.end(), 0);
        std::stable_sort(m_arrivals.begin(), m_arrivals.end(),
            [&](JobIndex a, JobIndex b) { return jobs[a].arrival < jobs[b].arrival; });
        for (JobIndex job = 0; job < jobs.size(); ++job) {
            m_figures[job].arrival = jobs[job].arrival;
        }
    }

    JobSchedule run()
    {
        for (std::size_t moments = 0; m_left > 0; ++moments) {
            const Nanos next = nextMoment();
            if (next > m_limits.until || moments == m_limits.moments) {
                cutOff(std::min(next, m_limits.until));
                break;
            }
            moveTo(next);
            finishStretches();
            if (m_policy->nextTimer() <= m_now) {
                m_policy->timer(m_now);
            }
            for (; m_arrived < m_arrivals.size() && m_jobs[m_arrivals[m_arrived]].arrival <= m_now; ++m_arrived) {
                m_policy->arrive(m_arrivals[m_arrived], m_now);
            }
            while (!m_blocked.empty() && std::get<0>(*m_blocked.begin()) <= m_now) {
                m_policy->unblock(std::get<2>(*m_blocked.begin()), m_now);
                m_blocked.erase(m_blocked.begin());
            }
            for (const Decision& decision : m_policy->decide(m_now)) {
                apply(decision);
            }
            const std::size_t ready = m_policy->readyJobs();
            if (ready != (m_schedule.ready.empty() ? 0 : m_schedule.ready.back().jobs)) {
                m_schedule.ready.push_back({m_now, ready});
            }
        }
        m_schedule.length = m_now;
        std::sort(m_schedule.spans.begin(), m_schedule.spans.end(),
            [](const Span& a, const Span& b) { return std::pair(a.begin, a.core) < std::pair(b.begin, b.core); });
        m_schedule.figures = Figures::of(std::move(m_figures), m_now);
        return std::move(m_schedule);
    }

private:
    struct Core {
        JobIndex job = kNoJob;
        JobIndex last = kNoJob; ///< the last that it was given to
        Nanos switchBegan = 0;
        Nanos begin = 0; ///< of the job's stretch: when the switch is over
        Nanos charged = 0; ///< up to when its job is charged
    };

    /// When its job lets go of the core, or its slice is over.
    Nanos stretchEnd(const Core& core) const
    {
        const Nanos untilItLetsGo = m_jobs[core.job].untilItLetsGo(m_figures[core.job].ran);
        return core.charged + std::min(untilItLetsGo, m_policy->sliceLeft(core.job));
    }

    Nanos nextMoment() const
    {
        Nanos next = std::min(kNever, m_policy->nextTimer());
        if (m_arrived < m_arrivals.size()) {
            next = std::min(next, m_jobs[m_arrivals[m_arrived]].arrival);
        }
        if (!m_blocked.empty()) {
            next = std::min(next, std::get<0>(*m_blocked.begin()));
        }
        for (const Core& core : m_cores) {
            next = core.job == kNoJob ? next : std::min(next, stretchEnd(core));
        }
        return next;
    }

    void moveTo(Nanos now)
    {
        m_now = now;
        for (Core& core : m_cores) {
            if (core.job != kNoJob && now > core.charged) {
                JobFigures& figures = m_figures[core.job];
                if (!figures.begun) {
                    figures.begun = core.begin;
                }
                m_policy->charge(core.job, now - core.charged);
                figures.ran += now - core.charged;
                core.charged = now;
            }
        }
    }

    void finishStretches()
    {
        for (Core& core : m_cores) {
            if (core.job == kNoJob || core.charged > m_now) {
                continue;
            }
            const Job& job = m_jobs[core.job];
            JobFigures& figures = m_figures[core.job];
            if (figures.ran == job.length) {
                figures.ended = m_now;
                finish(core.job);
                m_policy->end(core.job);
                --m_left;
                release(core, SpanEnd::Ended);
            } else if (job.ioEvery > 0 && figures.ran > 0 && figures.ran % job.ioEvery == 0 && core.begin < m_now) {
                m_blocked.insert({m_now + job.ioLength, m_blocks++, core.job});
                figures.blocked += job.ioLength;
                m_policy->block(core.job);
                release(core, SpanEnd::Blocked);
            } else if (m_policy->sliceLeft(core.job) == 0) {
                m_policy->sliceOver(core.job);
            }
        }
    }

    void finish(JobIndex job)
    {
        JobFigures& figures = m_figures[job];
        figures.waiting = figures.ended.value_or(m_now) - figures.arrival - figures.ran - figures.blocked;
    }

    void release(Core& core, SpanEnd how)
    {
        if (m_now > core.begin) {
            const auto number = static_cast<int>(&core - m_cores.data());
            m_schedule.spans.push_back({number, core.job, core.begin, m_now, how});
        }
        m_schedule.switching += std::min(core.begin, m_now) - core.switchBegan;
        core.job = kNoJob;
    }

    void apply(const Decision& decision)
    {
        m_schedule.decisions.push_back({m_now, decision});
        Core& core = m_cores[static_cast<std::size_t>(decision.core)];
        if (decision.in == decision.out) {
            return; // it goes on, or goes on switching
        }
        if (core.job != kNoJob) {
            release(core, decision.leaving == Leaving::SliceOver ? SpanEnd::SliceOver : SpanEnd::Preempted);
        }
        const Nanos cost = core.last == kNoJob || core.last == decision.in ? 0 : m_options.switchCost;
        core = {decision.in, decision.in, m_now, m_now + cost, m_now + cost};
    }

    void cutOff(Nanos time)
    {
        m_schedule.cutOff = true;
        moveTo(std::max(time, m_now));
        for (Core& core : m_cores) {
            if (core.job != kNoJob) {
                release(core, SpanEnd::CutOff);
            }
        }
        for (const auto& [until, order, job] : m_blocked) {
            m_figures[job].blocked -= until - m_now;
        }
        for (JobIndex job = 0; job < m_jobs.size(); ++job) {
            if (!m_figures[job].ended && m_figures[job].arrival < m_now) {
                finish(job);
            }
        }
    }

    const JobTable& m_jobs;
    const PolicyOptions& m_options;
    const ScheduleLimits& m_limits;
    std::unique_ptr<Policy> m_policy;
    std::vector<Core> m_cores;
    std::vector<JobIndex> m_arrivals; ///< in the order in which they arrive
    std::size_t m_arrived = 0; ///< so many of them
    std::set<std::tuple<Nanos, std::uint64_t, JobIndex>> m_blocked; ///< by the time when they are ready, then by block
    std::uint64_t m_blocks = 0;
    std::vector<JobFigures> m_figures;
    std::size_t m_left; ///< jobs that have not ended
    Nanos m_now = 0;
    JobSchedule m_schedule;
};

} // namespace

JobSchedule closedForm(const JobTable& jobs, const PolicyOptions& options, const ScheduleLimits& limits)
{
    return Calculation(jobs, options, limits).run();
}

} // namespace timeslice
