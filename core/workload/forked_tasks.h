// ForkedTasks: the threads that tasks start while the run goes on.
#pragma once

#include "core/base/result.h"
#include "core/workload/task_plan.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace timeslice {

/// One of them. Made once, then left where it is: its thread refers to it.
struct ForkedTask {
    TaskPlan plan;
    TaskState state;
    pthread_t thread{};
    bool gone = false; ///< ended or failed, and joined
};

/// start() is for any task's thread, the rest for the coordinating one. Threads that still run when it is destroyed
/// must not be: the coordinator leaves it behind then.
class ForkedTasks {
public:
    static constexpr int kMostOfOneTask = 1024; ///< rt-app's limit, against a fork in an endless loop

    ForkedTasks(const WorkloadSpec& workload, RunControl& control);
    ForkedTasks(const ForkedTasks&) = delete;
    ForkedTasks& operator=(const ForkedTasks&) = delete;

    /// One more thread that does what the task says: named "TASK fork 1", "TASK fork 2". Does nothing once the run is
    /// stopped. Errors: a limit is passed, or the system's.
    Result<void> start(const TaskPlan& parent, std::size_t task);

    /// Joins those that have ended. True: all have.
    bool join();
    bool anyFailed();
    /// So that their system calls return.
    void wakeAll();
    void forEach(const std::function<void(const ForkedTask&)>& look);

private:
    const WorkloadSpec& m_workload;
    RunControl& m_control;
    std::mutex m_mutex; ///< of all below
    std::deque<ForkedTask> m_tasks;
    std::vector<int> m_started; ///< by task
};

} // namespace timeslice
