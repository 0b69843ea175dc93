// The idle threads and processes that a "spawn" makes: they only exist, until their task ends.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/workload/run_state.h"

#include <pthread.h>
#include <string>
#include <vector>

namespace timeslice {

/// For the task that made it; ends and reaps what it spawned when destroyed. Processes also end with the thread that
/// made them.
class Spawned {
public:
    explicit Spawned(RunControl& control) noexcept;
    ~Spawned();
    Spawned(const Spawned&) = delete;
    Spawned& operator=(const Spawned&) = delete;

    /// Errors: the run's limit would be passed (what could be made until then is there), or the system's.
    Result<void> spawn(bool processes, int count);

private:
    Result<void> spawnThread();
    Result<void> spawnProcess();
    static void* idle(void* gate);

    RunControl& m_control;
    StartGate m_release;
    std::vector<pthread_t> m_threads;
    std::vector<Pid> m_processes;
};

/// Takes one of the threads that the run may have; false if there is none left.
bool takeThreadAllowance(RunControl& control) noexcept;

/// Starts a thread with a small stack: the address space of a run is limited, and the default stack is 8 MiB.
/// Returns 0 or the error number.
int startThread(pthread_t& thread, void* (*entry)(void*), void* argument) noexcept;

} // namespace timeslice
