// Coordinator: one run of a workload, from its threads and processes to what came of them. Used by runWorkload() alone.
#pragma once

#include "core/workload/dispatcher.h"
#include "core/workload/forked_tasks.h"
#include "core/workload/resources.h"
#include "core/workload/run_signals.h"
#include "core/workload/run_state.h"
#include "core/workload/task_runner.h"
#include "core/workload/taskgroups.h"
#include "core/workload/workload_runner.h"

#include <memory>
#include <pthread.h>
#include <vector>

namespace timeslice {

/// One run. Lives on the heap, so that it can be left behind when a thread of it will not end.
class Coordinator {
public:
    static Result<std::unique_ptr<Coordinator>> create(const WorkloadSpec& spec, const WorkloadOptions& options);
    Result<WorkloadResult> run();
    bool abandoned() const noexcept { return m_abandoned; }

private:
    struct Member {
        TaskPlan plan;
        std::unique_ptr<StartTimer> startTimer; ///< null: it is not delayed
        bool process = false;
        bool started = false;
        pthread_t thread{};
        Pid pid = 0; ///< of a process that has not been waited for
        bool gone = false; ///< ended, failed or dead
    };

    Coordinator(const WorkloadSpec& spec, const WorkloadOptions& options, SharedArena arena)
        : m_spec(spec)
        , m_options(options)
        , m_arena(std::move(arena))
    {
    }

    Result<void> prepare();
    Result<void> prepareDispatch();
    static Result<void> delay(Member& member, Nanos delay);
    Result<void> startAll();
    Result<void> startProcess(Member& member);
    [[noreturn]] void beProcess(Member& member, Pid parent);
    Result<void> startThread(Member& member);
    void watch(int timeoutMs);
    void reap(Member& member, int options);
    void stopAll();
    void wakeWaiters();
    bool workIsOver() const;
    bool allReady() const;
    bool allGone() const;
    bool anyFailed() const;
    void joinThreads();
    WorkloadResult collect() const;

    WorkloadSpec m_spec; // copies: a thread that is left behind still reads them
    WorkloadOptions m_options;
    SharedArena m_arena;
    Resources m_resources;
    RunControl* m_control = nullptr;
    std::vector<std::unique_ptr<Gil>> m_gils; ///< of this process, by index in the spec; null if no thread uses it
    std::vector<Member> m_members;
    Taskgroups m_taskgroups;
    std::unique_ptr<ForkedTasks> m_forks;
    bool m_forksGone = true; ///< as of the last watch()
    std::vector<ProcessDeath> m_deaths;
    std::unique_ptr<Dispatcher> m_dispatcher; ///< null: nothing is dispatched
    RunSignals m_signals;
    UniqueFd m_notify;
    bool m_terminated = false;
    bool m_abandoned = false;
};

} // namespace timeslice
