// What only rt-app's grammar has words for; what these do follows rt-app's doc/tutorial.txt and src/rt-app.c.
#include "core/workload/forked_tasks.h"
#include "core/workload/step_performer.h"
#include "core/workload/task_scheduling.h"

#include <algorithm>
#include <cerrno>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

namespace timeslice {

/// A timer that nobody has used yet counts from the task's own begin; several tasks may set a shared one forward at a
/// time.
Result<void> StepPerformer::perform(const step::AwaitTimer& await)
{
    const TimerSpec& spec = m_plan.workload->timers[await.timer];
    std::atomic<Nanos>& last = (spec.shared ? *m_plan.resources->timers[await.timer] : m_timers[await.timer]).last;
    const Nanos begin = m_control.workBegin.load(std::memory_order_relaxed) + m_plan.task->delay;
    Nanos before = last.load(std::memory_order_relaxed);
    Nanos due = 0;
    do {
        due = (before == 0 ? begin : before) + await.period;
    } while (!last.compare_exchange_weak(before, due, std::memory_order_relaxed));
    if (monotonicNow() >= due) { // missed
        if (!spec.absolute) {
            last.store(monotonicNow(), std::memory_order_relaxed);
        }
        return {};
    }
    waitUntil(due);
    if (const Nanos now = monotonicNow(); now >= due) { // it is not when the run was stopped
        m_writer.recordAt(now, EventKind::Latency, 0, static_cast<std::uint64_t>(now - due));
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Suspend& suspend)
{
    SharedCondition& condition = *m_plan.resources->conditions[suspend.condition];
    take(suspend.mutex);
    {
        const Waiting waiting(*this, WaitKind::Condition, Certainty::Surely, condition.id);
        m_plan.resources->mutexes[suspend.mutex]->waitOn(condition.condition);
    }
    giveBack(suspend.mutex);
    return {};
}

Result<void> StepPerformer::perform(const step::Resume& resume)
{
    take(resume.mutex);
    pthread_cond_broadcast(&m_plan.resources->conditions[resume.condition]->condition);
    giveBack(resume.mutex);
    return {};
}

Result<void> StepPerformer::perform(const step::PostSemaphore& post)
{
    if (sem_post(&m_plan.resources->semaphores[post.semaphore]->semaphore) != 0) {
        return failErrno("cannot post '" + m_plan.workload->semaphores[post.semaphore].name + "'", errno);
    }
    return {};
}

Result<void> StepPerformer::perform(const step::AwaitSemaphore& await)
{
    SharedSemaphore& shared = *m_plan.resources->semaphores[await.semaphore];
    if (sem_trywait(&shared.semaphore) == 0) { // there was one: it does not wait
        return {};
    }
    const Waiting waiting(*this, WaitKind::Condition, Certainty::Surely, shared.id);
    while (!stopping() && sem_wait(&shared.semaphore) != 0 && errno == EINTR) { }
    return {};
}

Result<MemoryBuffer*> StepPerformer::memoryBuffer(std::size_t index)
{
    if (const auto& shared = m_plan.resources->buffers[index]) {
        return shared.get();
    }
    if (!m_buffers[index]) {
        auto made = MemoryBuffer::create(m_plan.workload->buffers[index]);
        if (!made) {
            return tl::unexpected<Error>(made.error());
        }
        m_buffers[index] = std::make_unique<MemoryBuffer>(std::move(*made));
    }
    return m_buffers[index].get();
}

Result<void> StepPerformer::perform(const step::UseMemory& use)
{
    const auto buffer = memoryBuffer(use.buffer);
    if (!buffer) {
        return tl::unexpected<Error>(buffer.error());
    }
    // In portions, between which it looks whether the run is to end: some ten microseconds each.
    const std::uint64_t portion = use.how == step::UseMemory::How::Fill ? std::uint64_t{1} << 18
        : use.how == step::UseMemory::How::Chase                        ? std::uint64_t{1} << 10
                                                                        : std::uint64_t{1} << 15;
    std::size_t position = 0;
    for (std::uint64_t left = use.count; left > 0 && !stopping();) {
        const std::uint64_t now = std::min(left, portion);
        (*buffer)->use(use.how, static_cast<std::size_t>(now), position);
        left -= now;
        betweenChunks();
    }
    return {};
}

Result<void> StepPerformer::perform(const step::WriteOut& write)
{
    const SharedFile& file = m_plan.resources->files[write.file];
    const char* bytes = buffer(write.portion);
    const Waiting waiting(*this, WaitKind::FileIo, Certainty::Perhaps);
    for (std::uint64_t left = write.bytes; left > 0 && !stopping();) {
        const ssize_t written =
            ::write(file.fd.get(), bytes, static_cast<std::size_t>(std::min<std::uint64_t>(left, write.portion)));
        if (written < 0 && errno != EINTR) {
            return failErrno("cannot write to " + m_plan.workload->files[write.file].path, errno);
        }
        left -= written > 0 ? static_cast<std::uint64_t>(written) : 0;
    }
    return {};
}

Result<void> StepPerformer::perform(const step::Fork& fork)
{
    return m_plan.forks->start(m_plan, fork.task);
}

/// Nothing to do when a phase that says it goes round once more.
Result<void> StepPerformer::perform(const step::Schedule& schedule)
{
    if (m_scheduled == &schedule) {
        return {};
    }
    m_scheduled = &schedule;
    return applyScheduling(schedule.scheduling);
}

} // namespace timeslice
