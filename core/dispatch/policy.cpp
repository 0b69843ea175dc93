#include "core/dispatch/policy.h"

#include <algorithm>
#include <cassert>

namespace timeslice {

Policy::Policy(const PolicyOptions& options, const JobTable& jobs)
    : m_options(options)
    , m_jobs(jobs)
    , m_states(jobs.size())
    , m_cores(static_cast<std::size_t>(options.cores), kNoJob)
{
}

void Policy::arrive(JobIndex job, Nanos now)
{
    State& arriving = m_states[job];
    assert(arriving.stage == Stage::Absent);
    arriving.stage = Stage::Ready;
    onReady(job, arriving, true, now);
    enqueue(job);
}

void Policy::unblock(JobIndex job, Nanos now)
{
    State& woken = m_states[job];
    assert(woken.stage == Stage::Blocked);
    woken.stage = Stage::Ready;
    onReady(job, woken, false, now);
    enqueue(job);
}

void Policy::charge(JobIndex job, Nanos ran)
{
    if (ran > 0) {
        rearrange(job, [&](State& charged) {
            charged.done += ran;
            if (charged.slice != kNever) {
                charged.slice = std::max<Nanos>(charged.slice - ran, 0);
            }
            onCharge(job, charged, ran);
        });
    }
}

void Policy::sliceOver(JobIndex job)
{
    State& over = m_states[job];
    if (over.stage == Stage::Running && !over.expired) {
        onSliceOver(job, over);
        expire(job, Leaving::SliceOver);
    }
}

void Policy::expire(JobIndex job, Leaving leaving)
{
    State& expired = m_states[job];
    if (expired.stage == Stage::Running && !expired.expired) {
        expired.expired = true;
        expired.leaving = leaving;
        ++m_expired;
        enqueue(job);
    }
}

void Policy::leaveCore(JobIndex job)
{
    State& leaving = m_states[job];
    dequeue(job);
    if (leaving.expired) {
        leaving.expired = false;
        --m_expired;
    }
    if (leaving.core >= 0) {
        m_cores[static_cast<std::size_t>(leaving.core)] = kNoJob;
        leaving.core = -1;
    }
}

void Policy::block(JobIndex job)
{
    leaveCore(job);
    m_states[job].stage = Stage::Blocked;
    onBlock(job, m_states[job]);
}

void Policy::end(JobIndex job)
{
    leaveCore(job);
    m_states[job].stage = Stage::Ended;
    onEnd(job, m_states[job]);
}

void Policy::timer(Nanos now)
{
    onTimer(now);
}

std::span<const Decision> Policy::decide(Nanos now)
{
    m_decisions.clear();
    fillCores(now);
    if (preempts()) {
        preempt(now);
    }
    std::sort(
        m_decisions.begin(), m_decisions.end(), [](const Decision& a, const Decision& b) { return a.core < b.core; });
    return m_decisions;
}

void Policy::takeCore(int core, JobIndex job, JobIndex out, Leaving leaving)
{
    State& taking = m_states[job];
    Decision decision{core, out, job, leaving, Reason::Alone, 0, kNever};
    explain(job, taking, decision);
    taking.stage = Stage::Running;
    taking.core = core;
    m_cores[static_cast<std::size_t>(core)] = job;
    onStart(job, taking);
    decision.slice = taking.slice;
    m_decisions.push_back(decision);
}

/// The cores that are free, or whose job is expired, go to the first in the queue; one that had a core keeps its own.
void Policy::fillCores(Nanos now)
{
    std::size_t free = m_expired + static_cast<std::size_t>(std::count(m_cores.begin(), m_cores.end(), kNoJob));
    std::vector<JobIndex> chosen;
    for (; free > 0 && !m_ready.empty(); --free) {
        const JobIndex job = choose();
        dequeue(job);
        State& winner = m_states[job];
        if (winner.expired) {
            winner.expired = false;
            --m_expired;
            takeCore(winner.core, job, job, winner.leaving);
        } else {
            chosen.push_back(job);
        }
    }
    auto next = chosen.begin();
    for (std::size_t core = 0; core < m_cores.size() && next != chosen.end(); ++core) {
        const JobIndex before = m_cores[core];
        Leaving leaving = Leaving::Nobody;
        if (before != kNoJob) {
            State& loser = m_states[before];
            if (!loser.expired) {
                continue;
            }
            leaving = loser.leaving;
            loser.expired = false;
            --m_expired;
            loser.stage = Stage::Ready;
            loser.core = -1;
            rearrange(before, [&](State& changed) { onPreempted(before, changed, now); });
        }
        takeCore(static_cast<int>(core), *next++, before, leaving);
    }
}

/// Whoever is ready takes the core of the last of those that it goes before.
void Policy::preempt(Nanos now)
{
    while (!m_ready.empty()) {
        JobIndex last = kNoJob;
        for (const JobIndex job : m_cores) {
            if (job != kNoJob && (last == kNoJob || placeOf(job) > placeOf(last))) {
                last = job;
            }
        }
        const JobIndex first = front();
        if (last == kNoJob || m_states[first].rank >= m_states[last].rank) {
            return;
        }
        dequeue(first);
        State& loser = m_states[last];
        const int core = loser.core;
        loser.stage = Stage::Ready;
        loser.core = -1;
        onPreempted(last, loser, now);
        enqueue(last);
        takeCore(core, first, last, Leaving::Preempted);
    }
}

std::vector<JobIndex> Policy::queued() const
{
    std::vector<JobIndex> queue;
    queue.reserve(m_ready.size());
    for (const Place& place : m_ready) {
        queue.push_back(place.job);
    }
    return queue;
}

std::vector<JobIndex> Policy::readyQueue() const
{
    std::vector<JobIndex> queue = queued();
    std::erase_if(queue, [this](JobIndex job) { return m_states[job].expired; });
    return queue;
}

} // namespace timeslice
