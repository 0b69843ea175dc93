#include "core/session/variant_run.h"

#include "core/base/duration_text.h"
#include "core/base/readable.h"
#include "core/session/process_tree.h"

#include <algorithm>
#include <csignal>
#include <sys/eventfd.h>

namespace timeslice {

namespace {

/// Between SIGTERM and SIGKILL.
constexpr Nanos kGrace = 300 * kMillisecond;
/// How long a cycle of waiting must have stood still to be called a deadlock, and how long until it is ended where
/// nobody is there to look at it: those who wait may have set themselves a time.
constexpr Nanos kDeadlockQuiet = 40 * kMillisecond;
constexpr Nanos kDeadlockEnded = 300 * kMillisecond;
/// A person who stopped a run waits no longer than this for processes that SIGKILL does not end at once (asleep in the
/// kernel, gigabytes to free); the guard stays with them.
constexpr Nanos kStoppedWithin = 2 * kSecond;
constexpr Nanos kDeadlockPeriod = 20 * kMillisecond;
/// How often batches are passed on: half a frame. Each time costs what is watched two turns of a thread.
constexpr Nanos kPassPeriod = 16 * kMillisecond;
/// The last event of the circle has been drained and passed on, it has stood still, and it is looked for.
static_assert(2 * kPassPeriod + kDeadlockQuiet + kDeadlockPeriod <= kDeadlockFoundWithin);

} // namespace

VariantRun::VariantRun(VariantJob job, const Programs& programs, int stopFd, const UpdateQueue& updates, Emit emit)
    : m_job(std::move(job))
    , m_programs(programs)
    , m_stopFd(stopFd)
    , m_updates(updates)
    , m_emit(std::move(emit))
{
}

Result<bool> VariantRun::run()
{
    if (Result<void> prepared = prepareFiles(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    m_inferred = m_job.forceInferred || m_job.calculated;
    Result<void> ready = spawn();
    if (ready) {
        ready = startRecording();
    }
    if (readable(m_stopFd)) { // whatever it was that did not succeed: it was no longer wanted
        return true;
    }
    if (!ready) {
        return tl::unexpected(ready.error());
    }
    VariantStarted started{m_job.index, BuilderOptions{m_job.cpus, m_process->pid(), native(), m_gilNote}};
    started.engine = m_job.engine;
    started.step = m_job.step;
    started.repetition = m_job.repetition;
    started.attempt = m_job.attempt;
    if (m_job.python) {
        started.interpreter = interpreterText(m_job.python->interpreter);
    }
    m_emit(std::move(started));
    m_others.emplace(m_job.cpus, m_process->guardPid(),
        m_othersRecorded ? DisturbanceMeter::Names::Leave : DisturbanceMeter::Names::Read);
    m_started = monotonicNow();
    m_process->release();
    watch();
    if (Result<void> concluded = conclude(); !concluded) {
        return tl::unexpected(concluded.error());
    }
    return m_cut == Exit::Kind::StoppedByUser;
}

void VariantRun::watch()
{
    while (!m_over) {
        const Nanos now = monotonicNow();
        std::vector<int> others = m_cut || m_hurried ? std::vector<int>{} : std::vector<int>{m_stopFd};
        if (!m_standing.empty() && !m_cut && !m_status && m_job.endDeadlockFd >= 0) {
            others.push_back(m_job.endDeadlockFd);
        }
        const Nanos wake =
            m_collector || m_job.limits.time > 0 || m_killAt > 0 || m_giveUpAt > 0 ? now + kPassPeriod : now + kSecond;
        if (const std::optional<ProcessEvent> event = m_process->waitEvent(wake, others)) {
            onEvent(*event);
        }
        passOutput(Pass::WhatHasRoom);
        passBatches(Pass::WhatHasRoom);
        enforce(monotonicNow());
        giveUpIfStuck(monotonicNow());
    }
    if (m_collector) {
        // Nothing of the workload is left to write: this drain is the last.
        m_collector->stop(m_treeCpu > 0 ? std::optional(m_treeCpu) : std::nullopt);
        passBatches(Pass::All);
        passReaped();
    }
}

/// The kernel's records do not tell how a process ended; who waited for it knows.
Event VariantRun::reapedByGuard(const ProcessEvent& event)
{
    return {event.time, 0, 0, EventKind::ProcessReaped, kNoCpu, 0, Reaping{event.pid, event.value}.bits()};
}

void VariantRun::passReaped()
{
    if (!m_reaped.empty()) {
        Batch batch;
        batch.source = source();
        batch.events = std::exchange(m_reaped, {});
        m_emit(VariantBatches{m_job.index, {std::move(batch)}});
    }
}

void VariantRun::onEvent(const ProcessEvent& event)
{
    switch (event.kind) {
    case ProcessEvent::Kind::Started:
        m_started = event.time;
        break;
    case ProcessEvent::Kind::ExecFailed:
        m_execError = event.value;
        break;
    case ProcessEvent::Kind::Reaped:
        m_reaped.push_back(reapedByGuard(event));
        break;
    case ProcessEvent::Kind::Ended:
        m_reaped.push_back(reapedByGuard(event));
        m_status = event.value;
        m_endedAt = event.time;
        m_treeCpu = event.cpu;
        break;
    case ProcessEvent::Kind::Swept:
        m_treeCpu = event.cpu;
        m_leftBehind = event.value;
        m_lingeredUntil = m_lingers ? event.time : 0;
        m_over = true;
        break;
    case ProcessEvent::Kind::Stuck:
        m_unkillable = event.value;
        m_over = true;
        break;
    case ProcessEvent::Kind::GuardLost:
        m_status = m_status.value_or(SIGKILL);
        m_over = true;
        break;
    }
    if (m_over && m_endedAt == 0) {
        m_endedAt = event.time;
    }
}

void VariantRun::enforce(Nanos now)
{
    if (m_over) {
        return;
    }
    if (m_status) { // what is left has a moment, or is being swept
        if (!m_hurried && readable(m_stopFd)) {
            m_hurried = true;
            m_process->sweep();
            m_giveUpAt = now + kStoppedWithin;
        }
        return;
    }
    if (m_cut) {
        if (m_killAt > 0 && now >= m_killAt) {
            m_process->sweep();
            m_killAt = 0;
        }
        return;
    }
    if (readable(m_stopFd)) {
        end(Exit::Kind::StoppedByUser, "stopped", SIGTERM);
    } else if (m_job.limits.time > 0 && timeUsed(now) > m_job.limits.time) {
        end(Exit::Kind::TimeLimit, "ended at its time limit of " + toDurationText(m_job.limits.time, " "), SIGTERM);
    } else if (m_job.python && lesson() && hasTooManyThreads()) {
        // The worker counts its threads itself; a script's are seen when they are there.
        end(Exit::Kind::Signalled,
            "ended: it had more than " + std::to_string(m_job.limits.threads)
                + " threads and processes, which is its limit",
            SIGKILL);
    } else {
        lookForDeadlock(now);
    }
}

/// The guard says so after a while by itself; a person who wants it to end is not kept waiting as long.
void VariantRun::giveUpIfStuck(Nanos now)
{
    if (m_over || m_giveUpAt == 0 || now < m_giveUpAt) {
        return;
    }
    m_unkillable = static_cast<int>(descendants(m_process->guardPid()).size());
    m_process->letGo();
    m_over = true;
    if (m_endedAt == 0) {
        m_endedAt = now;
    }
}

/// Births and exits tell when to look; where records of exits were lost, they know of more threads than there are. What
/// counts is what is there.
bool VariantRun::hasTooManyThreads()
{
    const auto most = static_cast<std::size_t>(m_job.limits.threads);
    if (m_threads.size() <= most) {
        return false;
    }
    const std::vector<Tid> living = livingThreads(m_process->guardPid());
    m_threads = std::unordered_set<Tid>(living.begin(), living.end());
    return m_threads.size() > most;
}

void VariantRun::end(Exit::Kind kind, std::string text, int signal)
{
    m_cut = kind;
    m_cutText = std::move(text);
    if (signal == SIGKILL) {
        m_process->sweep();
    } else {
        m_process->signalAll(signal);
        m_killAt = monotonicNow() + kGrace;
        m_giveUpAt = kind == Exit::Kind::StoppedByUser ? m_killAt + kStoppedWithin : 0;
    }
}

/// As its time limit counts it.
Nanos VariantRun::timeUsed(Nanos now) const
{
    const bool stands = !m_standing.empty() && m_job.endDeadlockFd >= 0;
    return now - m_started - m_stood - (stands ? now - m_standingSince : 0);
}

void VariantRun::lookForDeadlock(Nanos now)
{
    // What a person's own script does is shown; whether to end it is that person's choice.
    if (!(lesson() || native())) {
        return;
    }
    if (mayEndDeadlock() && !m_standing.empty()) {
        end(Exit::Kind::Deadlocked, "deadlock: " + m_standing, SIGKILL);
        return;
    }
    // What waits to be looked at may be the end of a wait.
    if (m_consumerIsBehind || now - m_deadlockCheckedAt < kDeadlockPeriod) {
        return;
    }
    m_deadlockCheckedAt = now;
    tellOfDeadlock(m_waits.deadlock(m_knownUntil, kDeadlockQuiet).value_or(std::string()), now);
    const std::optional<std::string> lasting =
        m_standing.empty() ? std::nullopt : m_waits.deadlock(m_knownUntil, kDeadlockEnded);
    if (!lasting) {
        return;
    }
    if (!lesson()) {
        if (m_deadlock.empty()) {
            m_deadlock = *lasting; // its tasks are ended one by one, and then nobody waits any more
        }
    } else if (m_job.endDeadlockFd < 0) {
        end(Exit::Kind::Deadlocked, "deadlock: " + *lasting, SIGKILL);
    }
}

void VariantRun::tellOfDeadlock(std::string cycle, Nanos now)
{
    if (cycle == m_standing) {
        return;
    }
    if (m_standing.empty()) {
        m_standingSince = now;
    } else if (cycle.empty() && m_job.endDeadlockFd >= 0) {
        m_stood += now - m_standingSince;
    }
    m_standing = std::move(cycle);
    m_emit(VariantDeadlocked{m_job.index, m_standing, m_job.endDeadlockFd >= 0});
}

/// Whether that was asked for since the last call, of this deadlock or of one that was over by then.
bool VariantRun::mayEndDeadlock()
{
    eventfd_t asked = 0;
    return m_job.endDeadlockFd >= 0 && eventfd_read(m_job.endDeadlockFd, &asked) == 0;
}

void VariantRun::passBatches(Pass pass)
{
    m_consumerIsBehind = pass == Pass::WhatHasRoom && m_updates.isFull();
    if (!m_collector || m_consumerIsBehind) {
        return;
    }
    std::vector<Batch> batches = m_collector->take();
    if (batches.empty()) {
        return;
    }
    for (const Batch& batch : batches) {
        m_waits.apply(batch);
        m_knownUntil = std::max(m_knownUntil, batch.drainedAt);
        for (const ObjectBirth& object : batch.objects) {
            if (object.kind == ObjectKind::Gil) {
                m_gils.push_back(object.id);
            }
        }
        for (const Event& event : batch.events) {
            note(event);
        }
    }
    m_emit(VariantBatches{m_job.index, std::move(batches)});
}

void VariantRun::note(const Event& event)
{
    switch (event.kind) {
    case EventKind::WorkBegin:
        m_workBegin = std::min(m_workBegin.value_or(event.time), event.time);
        break;
    case EventKind::WorkEnd:
        m_workEnd = std::max(m_workEnd.value_or(event.time), event.time);
        break;
    case EventKind::ThreadBorn:
        m_threads.insert(event.tid);
        break;
    case EventKind::ThreadExit:
        m_threads.erase(event.tid);
        break;
    case EventKind::LockAcquire:
        m_gilSeen = m_gilSeen || std::find(m_gils.begin(), m_gils.end(), event.object) != m_gils.end();
        break;
    default:
        break;
    }
}

/// What has no room waits where it is captured, and that keeps the last megabyte.
void VariantRun::passOutput(Pass pass)
{
    if (pass == Pass::WhatHasRoom && m_updates.textIsFull()) {
        return;
    }
    if (std::string text = m_process->takeOutput(); !text.empty()) {
        m_emit(VariantOutput{m_job.index, std::move(text)});
    }
}

} // namespace timeslice
