#include "core/workload/dispatcher.h"

#include "core/base/futex.h"
#include "core/dispatch/policy.h"
#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"
#include "core/workload/spawned.h"

#include <algorithm>
#include <limits>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>

namespace timeslice {

namespace {

constexpr std::uint64_t kNoTarget = std::numeric_limits<std::uint64_t>::max();

/// Whether a policy gives that reason, beside Alone.
bool gives(PolicyKind kind, Reason reason) noexcept
{
    switch (reason) {
    case Reason::Alone:
        return kind != PolicyKind::Lottery;
    case Reason::FirstInQueue:
        return kind == PolicyKind::Fcfs || kind == PolicyKind::RoundRobin;
    case Reason::Shortest:
        return kind == PolicyKind::Sjf || kind == PolicyKind::Srtf;
    case Reason::MostUrgent:
    case Reason::Aged:
        return kind == PolicyKind::Priority;
    case Reason::HighestLevel:
        return kind == PolicyKind::Mlfq;
    case Reason::Drawn:
        return kind == PolicyKind::Lottery;
    case Reason::LeastPass:
        return kind == PolicyKind::Stride;
    case Reason::LeastVirtualTime:
        return kind == PolicyKind::Fair;
    }
    return false;
}

/// As a scenario spells it.
std::string schedulerName(const DispatchSpec& spec)
{
    switch (spec.run) {
    case DispatchSpec::Run::Policy:
        return "dispatcher";
    case DispatchSpec::Run::Calculation:
        return "calculation";
    case DispatchSpec::Run::Kernel:
        return spec.kernelPolicy == SCHED_FIFO ? "SCHED_FIFO"
            : spec.kernelPolicy == SCHED_RR    ? "SCHED_RR"
                                               : "SCHED_OTHER";
    }
    return {};
}

} // namespace

Dispatcher::Dispatcher(const DispatchSpec& spec, Setting setting)
    : m_spec(spec)
    , m_setting(std::move(setting))
    , m_jobs(spec.jobs.size())
    , m_policy(Policy::create(spec.options, m_spec.jobs))
    , m_cores(static_cast<std::size_t>(spec.options.cores))
    , m_progress(spec.jobs.size())
    , m_left(spec.jobs.size())
{
    for (JobIndex job = 0; job < m_jobs.size(); ++job) {
        // Its thread may not have had a core at all when the run is over; it has waited nevertheless.
        m_jobs[job].ready.store(m_spec.jobs[job].arrival, std::memory_order_relaxed);
    }
    ScheduleLimits limits;
    limits.until = m_spec.until > 0 ? m_spec.until : limits.until;
    m_closedForm = closedForm(m_spec.jobs, m_spec.options, limits);
}

Dispatcher::~Dispatcher()
{
    stop();
    join();
}

Result<std::unique_ptr<Dispatcher>> Dispatcher::create(const DispatchSpec& spec, Setting setting)
{
    std::unique_ptr<Dispatcher> made(new Dispatcher(spec, std::move(setting)));
    if (made->m_setting.channel != nullptr) {
        if (auto named = made->nameMarks(); !named) {
            return tl::unexpected<Error>(named.error());
        }
    }
    return made;
}

Result<void> Dispatcher::nameMarks()
{
    const auto add = [&](ObjectKind kind, const std::string& name) {
        return m_setting.channel->addObject(kind, name, getpid());
    };
    m_endMark = add(ObjectKind::Mark, "job ends");
    if (byKernel()) { // who gives no reasons
        return m_endMark != 0 ? Result<void>() : fail("the recording has no room for the ends of jobs");
    }
    m_queue = add(ObjectKind::Counter, "ready queue");
    bool room = m_queue != 0 && m_endMark != 0;
    for (int leaving = 0; leaving < kLeavings; ++leaving) {
        for (int reason = 0; reason < kReasons; ++reason) {
            const auto why = static_cast<Reason>(reason);
            if (!gives(m_spec.options.kind, why)) {
                continue;
            }
            const std::string_view left = leavingText(static_cast<Leaving>(leaving));
            std::string name(left);
            name += left.empty() ? "" : "; ";
            name += reasonText(why);
            const ObjectId id = add(ObjectKind::Mark, name);
            room &= id != 0;
            m_marks[{static_cast<Leaving>(leaving), why}] = id;
        }
    }
    return room ? Result<void>() : fail("the recording has no room for the reasons of a dispatcher");
}

ObjectId Dispatcher::markFor(const Decision& decision) const
{
    const auto found = m_marks.find({decision.leaving, decision.reason});
    return found == m_marks.end() ? 0 : found->second;
}

std::uint64_t Dispatcher::markValue(const Decision& decision) noexcept
{
    const auto number = static_cast<std::uint64_t>(std::max<std::int64_t>(decision.value, 0));
    switch (decision.reason) {
    case Reason::Shortest:
        return number / kMicrosecond;
    case Reason::HighestLevel:
        return number + 1;
    case Reason::MostUrgent:
    case Reason::Aged:
    case Reason::Drawn:
        return number;
    default:
        return 0;
    }
}

Result<void> Dispatcher::start()
{
    if (byKernel()) {
        return {};
    }
    const auto entry = [](void* self) -> void* {
        static_cast<Dispatcher*>(self)->run();
        return nullptr;
    };
    if (const int error = startThread(m_thread, entry, this); error != 0) {
        return failErrno("cannot start the dispatcher's thread", error);
    }
    m_running = true;
    return {};
}

void Dispatcher::stop() noexcept
{
    if (!m_stopped.exchange(true, std::memory_order_acq_rel)) {
        m_stoppedAt.store(monotonicNow() - m_setting.control->workBegin.load(std::memory_order_relaxed));
    }
    for (DispatchedJob& job : m_jobs) {
        job.gate.stop();
    }
    tell();
}

void Dispatcher::join()
{
    if (m_running) {
        pthread_join(m_thread, nullptr);
        m_running = false;
    }
}

void Dispatcher::tell() noexcept
{
    m_news.fetch_add(1, std::memory_order_release);
    futexWakeAll(m_news);
}

void Dispatcher::run()
{
    pthread_setname_np(pthread_self(), "dispatcher");
    prctl(PR_SET_TIMERSLACK, 1UL); // ns: an arrival is not to be 50 µs late
    if (m_setting.channel != nullptr) {
        EventWriter::attachThread(*m_setting.channel, "dispatcher", true);
    }
    m_setting.control->gate.wait();
    const Nanos begin = m_setting.control->workBegin.load(std::memory_order_relaxed);
    if (byCalculation()) {
        showReadyJobs(begin);
    } else {
        decideUntilTheEnd(begin);
    }
    EventWriter::detachThread();
}

void Dispatcher::showReadyJobs(Nanos begin)
{
    for (const ReadyJobs& ready : m_closedForm.ready) {
        while (monotonicNow() < begin + ready.time) {
            const std::uint32_t seen = m_news.load(std::memory_order_acquire);
            if (m_stopped.load(std::memory_order_acquire)) {
                return;
            }
            futexWaitUntil(m_news, seen, begin + ready.time);
        }
        EventWriter::current().recordAt(begin + ready.time, EventKind::CounterStore, m_queue, ready.jobs);
    }
}

void Dispatcher::decideUntilTheEnd(Nanos begin)
{
    while (m_left > 0 && !m_stopped.load(std::memory_order_acquire)) {
        const std::uint32_t seen = m_news.load(std::memory_order_acquire);
        const Nanos now = monotonicNow() - begin;
        m_overAt = now;
        if (m_spec.until > 0 && now >= m_spec.until) {
            m_cutOff = true;
            stop();
            break;
        }
        look(now);
        for (const Decision& decision : m_policy->decide(now)) {
            apply(decision, now);
        }
        letThrough();
        countReady();
        if (m_left > 0) {
            futexWaitUntil(m_news, seen, begin + nextMoment());
        }
    }
}

/// What has happened, in the order in which the policy wants to hear it.
void Dispatcher::look(Nanos now)
{
    for (Core& core : m_cores) {
        if (core.granted == kNoJob) {
            continue;
        }
        const JobIndex job = core.granted;
        if (m_jobs[job].stops.load(std::memory_order_acquire) != m_progress[job].stopsSeen) {
            takeStop(core, now);
        } else {
            charge(job, progressOf(job));
        }
    }
    if (m_policy->nextTimer() <= now) {
        m_policy->timer(now);
    }
    std::vector<JobIndex> arrivals;
    for (JobIndex job = 0; job < m_progress.size(); ++job) {
        if (!m_progress[job].arrived && m_spec.jobs[job].arrival <= now) {
            m_progress[job].arrived = true;
            arrivals.push_back(job);
        }
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
        [&](JobIndex a, JobIndex b) { return m_spec.jobs[a].arrival < m_spec.jobs[b].arrival; });
    for (const JobIndex job : arrivals) {
        m_policy->arrive(job, now);
    }
    std::erase_if(m_blocked, [&](JobIndex job) {
        const std::uint32_t wakes = m_jobs[job].wakes.load(std::memory_order_acquire);
        if (wakes == m_progress[job].wakesSeen) {
            return false;
        }
        m_progress[job].wakesSeen = wakes;
        m_policy->unblock(job, now);
        return true;
    });
}

void Dispatcher::charge(JobIndex job, Nanos done)
{
    if (done > m_progress[job].charged) {
        m_policy->charge(job, done - m_progress[job].charged);
        m_progress[job].charged = done;
    }
}

/// Of one that is under way, or has let go: at its target it has done exactly that, else it is before whatever is due.
Nanos Dispatcher::progressOf(JobIndex job) const
{
    const Progress& progress = m_progress[job];
    const std::uint64_t done = m_jobs[job].done.load(std::memory_order_acquire);
    // That it lets go by itself is told by its stop, which comes just after.
    const Nanos letsGo = progress.charged + m_spec.jobs[job].untilItLetsGo(progress.charged) - 1;
    if (progress.target != kNever && done >= progress.targetIterations) {
        return std::min(progress.target, letsGo);
    }
    const auto time = static_cast<Nanos>(static_cast<double>(done) / m_setting.iterationsPerUs * 1e3);
    return std::min({time, progress.target - 1, letsGo});
}

void Dispatcher::takeStop(Core& core, Nanos now)
{
    const JobIndex job = std::exchange(core.granted, kNoJob);
    Progress& progress = m_progress[job];
    ++progress.stopsSeen;
    progress.granted = false;
    const JobStop stop = m_jobs[job].stop.load(std::memory_order_relaxed);
    if (stop == JobStop::LetGo) {
        charge(job, progressOf(job));
        if (m_policy->sliceLeft(job) == 0) {
            m_policy->sliceOver(job);
        }
        return;
    }
    charge(job, progress.charged + m_spec.jobs[job].untilItLetsGo(progress.charged));
    for (Core& other : m_cores) {
        if (other.wanted == job) {
            other.wanted = kNoJob;
        }
    }
    if (stop == JobStop::Blocked) {
        m_policy->block(job);
        m_blocked.push_back(job);
    } else {
        m_policy->end(job);
        m_overAt = now;
        --m_left;
    }
}

void Dispatcher::apply(const Decision& decision, Nanos now)
{
    m_decisions.push_back({now, decision});
    Core& core = m_cores[static_cast<std::size_t>(decision.core)];
    core.wanted = decision.in;
    core.decision = decision;
    core.announced = decision.in == decision.out; // it only goes on
    if (core.granted == decision.in) {
        aim(decision.in); // under way with a slice that is new: a boost
    } else if (core.granted != kNoJob) {
        m_jobs[core.granted].gate.close();
    }
}

/// As far as its slice goes.
void Dispatcher::aim(JobIndex job)
{
    Progress& progress = m_progress[job];
    const Nanos slice = m_policy->sliceLeft(job);
    progress.target = slice == kNever ? kNever : progress.charged + slice;
    progress.targetIterations = slice == kNever ? kNoTarget : iterationsFor(progress.target, m_setting.iterationsPerUs);
    m_jobs[job].target.store(progress.targetIterations, std::memory_order_release);
}

void Dispatcher::letThrough()
{
    for (std::size_t i = 0; i < m_cores.size(); ++i) {
        Core& core = m_cores[i];
        if (core.granted != kNoJob || core.wanted == kNoJob || m_progress[core.wanted].granted) {
            continue;
        }
        const JobIndex job = core.wanted;
        DispatchedJob& thread = m_jobs[job];
        aim(job);
        const bool other = core.last != kNoJob && core.last != job;
        thread.switchIterations =
            other ? iterationsFor(m_spec.options.switchCost, m_setting.iterationsPerUs) : std::uint64_t{0};
        thread.mark = core.announced ? 0 : markFor(core.decision);
        thread.markValue = markValue(core.decision);
        core.announced = true;
        core.granted = job;
        core.last = job;
        m_progress[job].granted = true;
        if (m_cores.size() > 1 && i < m_setting.cpus.size()) {
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(m_setting.cpus[i], &set);
            sched_setaffinity(m_setting.states[job]->tid.load(std::memory_order_relaxed), sizeof set, &set);
        }
        thread.gate.open();
    }
}

Nanos Dispatcher::nextMoment() const
{
    Nanos next = std::min(m_policy->nextTimer(), m_spec.until > 0 ? m_spec.until : kNever);
    for (JobIndex job = 0; job < m_progress.size(); ++job) {
        next = m_progress[job].arrived ? next : std::min(next, m_spec.jobs[job].arrival);
    }
    return std::min(next, kNever / 2);
}

void Dispatcher::countReady()
{
    const std::size_t ready = m_policy->readyJobs();
    if (ready != m_readyTold) {
        m_readyTold = ready;
        EventWriter::current().record(EventKind::CounterStore, m_queue, ready);
    }
}

DispatchOutcome Dispatcher::outcome() const
{
    DispatchOutcome outcome;
    std::vector<JobFigures> jobs(m_jobs.size());
    Nanos over = m_overAt;
    const auto point = [](const std::atomic<Nanos>& time) {
        const Nanos at = time.load(std::memory_order_relaxed);
        return at < 0 ? std::nullopt : std::optional(at);
    };
    bool allEnded = true;
    for (const DispatchedJob& job : m_jobs) {
        over = std::max(over, point(job.ended).value_or(0));
        allEnded &= point(job.ended).has_value();
    }
    if (!allEnded) {
        const Nanos stopped = m_stoppedAt.load();
        over = m_spec.until > 0 ? std::min(stopped, m_spec.until) : stopped;
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const DispatchedJob& job = m_jobs[i];
        JobFigures& figures = jobs[i];
        figures.arrival = m_spec.jobs[static_cast<JobIndex>(i)].arrival;
        figures.begun = point(job.begun);
        figures.ended = point(job.ended);
        figures.blocked = job.blocked.load(std::memory_order_relaxed);
        figures.ran = static_cast<Nanos>(
            static_cast<double>(job.done.load(std::memory_order_relaxed)) / m_setting.iterationsPerUs * 1e3);
        if (byKernel()) { // nobody tells the thread when it is preempted
            figures.ran = m_setting.states[i]->cpuTime.load(std::memory_order_relaxed);
            figures.waiting = figures.ended.value_or(over) - figures.arrival - figures.ran - figures.blocked;
            figures.waiting = std::max<Nanos>(figures.waiting, 0);
        } else {
            figures.waiting = job.waited.load(std::memory_order_relaxed);
            if (const auto ready = point(job.ready); ready && !figures.ended) {
                figures.waiting += std::max<Nanos>(over - *ready, 0);
            }
        }
        outcome.names.push_back(m_spec.jobs[static_cast<JobIndex>(i)].name);
    }
    outcome.policy = policyKindName(m_spec.options.kind);
    outcome.byKernel = byKernel();
    outcome.by = schedulerName(m_spec);
    outcome.jobs = m_spec.jobs.jobs();
    outcome.figures = byCalculation() ? m_closedForm.figures : Figures::of(std::move(jobs), over);
    outcome.order = byCalculation() ? orderOf(m_closedForm.decisions) : orderOf(m_decisions);
    outcome.closedFormOrder = orderOf(m_closedForm.decisions);
    outcome.closedForm = m_closedForm.figures;
    outcome.cutOff = byCalculation() ? m_closedForm.cutOff : m_cutOff || !allEnded;
    const bool atLimit = byCalculation() || m_cutOff || (byKernel() && over >= m_spec.until);
    if (m_spec.until > 0 && outcome.cutOff && atLimit) {
        outcome.limit = m_spec.until;
    }
    return outcome;
}

} // namespace timeslice
