#include "core/workload/forked_tasks.h"

#include "core/workload/run_signals.h"
#include "core/workload/spawned.h"
#include "core/workload/task_runner.h"

#include <algorithm>

namespace timeslice {

ForkedTasks::ForkedTasks(const WorkloadSpec& workload, RunControl& control)
    : m_workload(workload)
    , m_control(control)
    , m_started(workload.tasks.size(), 0)
{
}

Result<void> ForkedTasks::start(const TaskPlan& parent, std::size_t task)
{
    const std::lock_guard lock(m_mutex);
    if (m_control.stop.load(std::memory_order_relaxed)) {
        return {};
    }
    const TaskSpec& spec = m_workload.tasks[task];
    if (m_started[task] == kMostOfOneTask) {
        return fail("'" + spec.name + "' has been forked " + std::to_string(kMostOfOneTask)
            + " times, and that is the most; rt-app ends there, too");
    }
    if (!takeThreadAllowance(m_control)) {
        return fail("cannot fork '" + spec.name + "': this run may have " + std::to_string(m_control.threadLimit)
            + " threads at a time");
    }
    ForkedTask& made = m_tasks.emplace_back();
    made.plan = parent;
    made.plan.task = &spec;
    made.plan.startTimer = nullptr; // the work has begun
    made.plan.name = spec.name + " fork " + std::to_string(++m_started[task]);
    made.plan.state = &made.state;
    const auto entry = [](void* plan) -> void* {
        runTask(*static_cast<const TaskPlan*>(plan));
        return nullptr;
    };
    if (const int error = startThread(made.thread, entry, &made.plan); error != 0) {
        m_control.threadsInUse.fetch_sub(1, std::memory_order_relaxed);
        m_tasks.pop_back();
        return failErrno("cannot start a thread to fork '" + spec.name + "'", error);
    }
    return {};
}

bool ForkedTasks::join()
{
    const std::lock_guard lock(m_mutex);
    bool all = true;
    for (ForkedTask& task : m_tasks) {
        const TaskPhase phase = task.state.phase.load(std::memory_order_acquire);
        if (!task.gone && (phase == TaskPhase::Ended || phase == TaskPhase::Failed)) {
            pthread_join(task.thread, nullptr); // it has nothing left to do but to leave
            m_control.threadsInUse.fetch_sub(1, std::memory_order_relaxed);
            task.gone = true;
        }
        all = all && task.gone;
    }
    return all;
}

bool ForkedTasks::anyFailed()
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_tasks.begin(), m_tasks.end(),
        [](const ForkedTask& task) { return task.state.phase.load(std::memory_order_acquire) == TaskPhase::Failed; });
}

void ForkedTasks::wakeAll()
{
    const std::lock_guard lock(m_mutex);
    for (const ForkedTask& task : m_tasks) {
        if (!task.gone) {
            pthread_kill(task.thread, wakeSignal());
        }
    }
}

void ForkedTasks::forEach(const std::function<void(const ForkedTask&)>& look)
{
    const std::lock_guard lock(m_mutex);
    std::for_each(m_tasks.begin(), m_tasks.end(), look);
}

} // namespace timeslice
