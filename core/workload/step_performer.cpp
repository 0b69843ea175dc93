#include "core/workload/step_performer.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <pthread.h>
#include <sched.h>

namespace timeslice {

Result<void> StepPerformer::run()
{
    m_stamp.begin();
    if (m_plan.task->delay > 0 && m_plan.startTimer == nullptr) { // forked by a task
        // Before the first GIL: a Python thread that starts late is not yet in the interpreter.
        const Nanos until = m_control.workBegin.load(std::memory_order_relaxed) + m_plan.task->delay;
        m_writer.record(EventKind::WaitBegin, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
        m_writer.record(EventKind::WaitUntil, 0, static_cast<std::uint64_t>(until));
        m_stamp.leave();
        sleepUntil(until);
        m_stamp.enter();
        m_writer.record(EventKind::WaitEnd, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
    }
    acquireGil();
    Result<void> outcome = runPhases();
    if (stopping()) {
        letGoOfMutexes(); // others that are to end may wait for them
    }
    if (m_gil != nullptr) {
        m_gil->releaseAtExit();
    }
    m_stamp.end();
    return outcome;
}

void StepPerformer::letGoOfMutexes() noexcept
{
    for (std::size_t mutex = 0; mutex < m_held.size(); ++mutex) {
        while (m_held[mutex] > 0) {
            giveBack(mutex);
        }
    }
}

Result<void> StepPerformer::runPhases()
{
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const Nanos until = m_plan.task->until;
    for (std::uint64_t round = 0; round < m_plan.task->loop; ++round) {
        if (until > 0 && monotonicNow() - begin >= until) {
            return {};
        }
        for (const PhaseSpec& phase : m_plan.task->phases) {
            if (const Result<void> done = runPhase(phase); !done || stopping()) {
                return done;
            }
        }
    }
    return {};
}

Result<void> StepPerformer::runPhase(const PhaseSpec& phase)
{
    for (std::uint64_t turn = 0; turn < phase.loop; ++turn) {
        for (std::size_t i = 0; i < phase.steps.size(); ++i) {
            if (stopping()) {
                return {};
            }
            const Result<void> done = std::visit([this](const auto& step) { return perform(step); }, phase.steps[i]);
            if (!done) {
                return fail(m_plan.name + " (" + phase.pathOf(i) + "): " + done.error().message, done.error().kind);
            }
        }
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Run& run)
{
    const std::uint64_t all = iterationsFor(run.cpuTime, m_plan.iterationsPerUs);
    std::uint64_t left = all;
    while (left > 0 && !stopping()) {
        const std::uint64_t chunk = std::min(left, kChunkIterations);
        m_computed = compute(m_computed, chunk);
        left -= chunk;
        betweenChunks();
    }
    m_plan.state->iterations.fetch_add(all - left, std::memory_order_relaxed);
    return {};
}

Result<void> StepPerformer::perform(const step::RunFor& run)
{
    const Nanos end = monotonicNow() + run.wallTime;
    std::uint64_t done = 0;
    while (monotonicNow() < end && !stopping()) {
        m_computed = compute(m_computed, kChunkIterations);
        done += kChunkIterations;
        betweenChunks();
    }
    m_plan.state->iterations.fetch_add(done, std::memory_order_relaxed);
    return {};
}

void StepPerformer::sleepUntil(Nanos time) noexcept
{
    const timespec until{.tv_sec = static_cast<time_t>(time / kSecond), .tv_nsec = static_cast<long>(time % kSecond)};
    while (!stopping() && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) { }
}

void StepPerformer::waitUntil(Nanos time) noexcept
{
    const Waiting waiting(*this, WaitKind::Sleep, Certainty::Surely, 0, time);
    sleepUntil(time);
}

void StepPerformer::sleepFor(Nanos length) noexcept
{
    waitUntil(monotonicNow() + length);
}

Result<void> StepPerformer::perform(const step::Sleep& sleep)
{
    sleepFor(sleep.length);
    return {};
}

Result<void> StepPerformer::perform(const step::Timer& timer)
{
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed);
    const Nanos due = begin + ((monotonicNow() - begin) / timer.period + 1) * timer.period;
    waitUntil(due);
    // After the GIL is back: the delay that the task's next line sees.
    if (const Nanos now = monotonicNow(); now >= due) { // it is not when the run was stopped
        m_writer.recordAt(now, EventKind::Latency, 0, static_cast<std::uint64_t>(now - due));
    }
    return {};
}

/// As CPython takes a threading.Lock: tries first, and lets go of the GIL only if it has to wait.
void StepPerformer::take(std::size_t index) noexcept
{
    RecordedMutex& mutex = *m_plan.resources->mutexes[index];
    if (m_gil == nullptr && !m_plan.selfStamp) {
        mutex.lock();
    } else if (!mutex.try_lock()) {
        releaseGil();
        m_stamp.leave();
        mutex.lock();
        m_stamp.enter();
        acquireGil();
    }
    ++m_held[index];
}

void StepPerformer::giveBack(std::size_t index) noexcept
{
    --m_held[index];
    m_plan.resources->mutexes[index]->unlock();
}

bool StepPerformer::tryAll(const step::Acquire& acquire) noexcept
{
    for (std::size_t i = 0; i < acquire.mutexes.size(); ++i) {
        if (i > 0 && acquire.between > 0) {
            sleepFor(acquire.between);
        }
        // For the first it may wait: it holds nothing that another could need.
        if (i == 0) {
            take(acquire.mutexes[i]);
        } else if (m_plan.resources->mutexes[acquire.mutexes[i]]->try_lock()) {
            ++m_held[acquire.mutexes[i]];
        } else {
            while (i > 0) {
                giveBack(acquire.mutexes[--i]);
            }
            return false;
        }
    }
    return true;
}

Result<void> StepPerformer::perform(const step::Acquire& acquire)
{
    while (!stopping() && !tryAll(acquire)) {
        m_computed = compute(m_computed + static_cast<std::uint64_t>(m_plan.index), 1);
        constexpr std::uint64_t kSteps = 1024;
        sleepFor(
            acquire.pause / 2 + acquire.pause * static_cast<Nanos>(m_computed % kSteps) / static_cast<Nanos>(kSteps));
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Lock& lock)
{
    take(lock.mutex);
    return {};
}

Result<void> StepPerformer::perform(const step::Unlock& unlock)
{
    if (m_held[unlock.mutex] == 0) { // the reader looks at one pass only; loops can still get here
        return fail(
            "unlocks '" + m_plan.workload->mutexes[unlock.mutex].name + "', which it does not hold", ErrorKind::Usage);
    }
    giveBack(unlock.mutex);
    return {};
}

Result<void> StepPerformer::perform(const step::Wait& wait)
{
    if (m_held[wait.mutex] == 0) {
        return fail(
            "waits with '" + m_plan.workload->mutexes[wait.mutex].name + "', which it does not hold", ErrorKind::Usage);
    }
    SharedCondition& condition = *m_plan.resources->conditions[wait.condition];
    const Waiting waiting(*this, WaitKind::Condition, Certainty::Surely, condition.id);
    m_plan.resources->mutexes[wait.mutex]->waitOn(condition.condition);
    return {};
}

Result<void> StepPerformer::perform(const step::Signal& signal)
{
    pthread_cond_t& condition = m_plan.resources->conditions[signal.condition]->condition;
    if (signal.everyWaiter) {
        pthread_cond_broadcast(&condition);
    } else {
        pthread_cond_signal(&condition);
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Barrier& barrier)
{
    SharedBarrier& shared = *m_plan.resources->barriers[barrier.barrier];
    const Waiting waiting(*this, WaitKind::Barrier, Certainty::Surely, shared.id);
    shared.barrier.wait(m_control.stop);
    return {};
}

Result<void> StepPerformer::perform(const step::Yield&)
{
    releaseGil();
    m_stamp.look();
    sched_yield();
    m_stamp.look();
    acquireGil();
    return {};
}

Result<void> StepPerformer::perform(const step::Mark& mark)
{
    m_writer.record(EventKind::Mark, m_plan.resources->marks[mark.mark]);
    return {};
}

Result<void> StepPerformer::perform(const step::Crash& crashStep)
{
    m_plan.state->crashing.store(true, std::memory_order_release);
    crash(crashStep.how);
}

Result<void> StepPerformer::perform(const step::Allocate& allocate)
{
    auto memory = TouchedMemory::allocate(allocate.megabytes, [this] {
        betweenChunks();
        return !stopping();
    });
    if (!memory) {
        return tl::unexpected<Error>(memory.error());
    }
    m_memory.push_back(std::move(*memory)); // kept until the task ends
    return {};
}

Result<void> StepPerformer::perform(const step::Spawn& spawn)
{
    return m_spawned.spawn(spawn.processes, spawn.count);
}

} // namespace timeslice
