#include "core/workload/task_runner.h"

#include "core/base/clean_name.h"
#include "core/record/event_writer.h"
#include "core/workload/step_performer.h"
#include "core/workload/task_scheduling.h"

#include <cerrno>
#include <ctime>
#include <new>
#include <pthread.h>
#include <unistd.h>

namespace timeslice {

namespace {

Nanos threadCpuTime() noexcept
{
    timespec ts{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

void notify(int fd) noexcept
{
    const std::uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) { }
}

void announce(const TaskPlan& plan)
{
    constexpr std::size_t kKernelNameBytes = 15;
    pthread_setname_np(pthread_self(), std::string(utf8Prefix(plan.name, kKernelNameBytes)).c_str());
    if (plan.channel != nullptr) {
        EventWriter::attachThread(*plan.channel, plan.name);
    }
    plan.state->tid.store(gettid(), std::memory_order_relaxed);
    plan.state->pid.store(getpid(), std::memory_order_relaxed);
}

/// Both before all are ready, so that WorkBegin comes after what is told here.
void announceDelay(const TaskPlan& plan, EventWriter& writer) noexcept
{
    if (plan.selfStamp) {
        writer.record(EventKind::SwitchOut, 0, static_cast<std::uint64_t>(SwitchOutReason::Blocked));
    }
    writer.record(EventKind::WaitBegin, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
    writer.record(EventKind::StartDelay, 0, static_cast<std::uint64_t>(plan.startTimer->delay()));
}

void awaitStart(const TaskPlan& plan, EventWriter& writer) noexcept
{
    if (plan.startTimer != nullptr) {
        plan.startTimer->wait(plan.control->stop);
        writer.record(EventKind::WaitEnd, 0, static_cast<std::uint64_t>(WaitKind::Sleep));
    }
    plan.control->gate.wait();
}

/// The run's memory is limited, and a task may need some of its own; that is an error like any other.
Result<void> perform(const TaskPlan& plan)
{
    try {
        return StepPerformer(plan).run();
    } catch (const std::bad_alloc&) {
        return fail(plan.name + ": out of memory");
    }
}

void moveTo(const TaskPlan& plan, TaskPhase phase) noexcept
{
    plan.state->phase.store(phase, std::memory_order_release);
    notify(plan.notifyFd);
}

} // namespace

void runTask(const TaskPlan& plan)
{
    announce(plan);
    EventWriter& writer = EventWriter::current();
    if (plan.selfStamp) { // no kernel record tells of it
        writer.record(EventKind::ThreadBorn);
    }
    Result<void> outcome = applyScheduling(*plan.task);
    if (outcome && plan.task->lockPages) {
        outcome = lockPages();
    }
    if (!outcome) {
        outcome = fail(plan.name + ": " + outcome.error().message, outcome.error().kind);
    } else {
        // A page fault takes as long as dozens of updates. Within one, between the load and its stamp or its store, it
        // would be the recorder that loses an update, and tells of it wrongly besides.
        writer.touchAhead(plan.task->recordedAccesses());
        if (plan.startTimer != nullptr) {
            announceDelay(plan, writer);
        }
        moveTo(plan, TaskPhase::Ready);
        awaitStart(plan, writer);
        const Nanos cpuBegin = threadCpuTime();
        plan.state->cpuBegin.store(cpuBegin, std::memory_order_relaxed);
        plan.state->phase.store(TaskPhase::Running, std::memory_order_release);
        if (!plan.control->stop.load(std::memory_order_relaxed)) {
            outcome = perform(plan);
        }
        plan.state->cpuTime.store(threadCpuTime() - cpuBegin, std::memory_order_relaxed);
        plan.state->endedAt.store(monotonicNow(), std::memory_order_relaxed);
    }
    if (plan.selfStamp) {
        writer.record(EventKind::ThreadExit);
    }
    EventWriter::detachThread();
    if (!outcome) {
        plan.state->setError(outcome.error());
    }
    moveTo(plan, outcome ? TaskPhase::Ended : TaskPhase::Failed);
}

} // namespace timeslice
