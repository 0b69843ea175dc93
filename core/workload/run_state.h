// What the coordinator and the tasks of one run tell each other, in shared memory.
//
//   task:  Created --> Ready --> Running --> Ended      (Failed: its error says why, the run is stopped)
//                        |  waits at the gate, or for its StartTimer
//   coordinator: waits until all are Ready, emits WorkBegin, sets the timers, opens the gate, waits until all are Ended
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace timeslice {

/// Opens once, for threads and processes alike, and lets all that wait through at the same moment. A participant that
/// dies while it waits holds nobody up.
class StartGate {
public:
    void wait() noexcept;
    void open() noexcept;

private:
    std::atomic<std::uint32_t> m_open{0};
};

enum class TaskPhase : std::uint32_t { Created, Ready, Running, Ended, Failed };

/// Written by its task, read by the coordinator.
struct TaskState {
    static constexpr std::size_t kErrorBytes = 400;

    std::atomic<TaskPhase> phase{TaskPhase::Created};
    std::atomic<Tid> tid{0};
    std::atomic<Pid> pid{0};
    std::atomic<Nanos> cpuBegin{0}; ///< the thread's CPU clock when the gate opened
    std::atomic<Nanos> cpuTime{0}; ///< used by the task; final once Ended
    std::atomic<Nanos> endedAt{0};
    std::atomic<std::uint64_t> iterations{0};
    std::atomic<std::uint32_t> births{0}; ///< of TaskPlan::births: how many are over
    std::atomic<bool> crashing{false}; ///< it is about to crash because its workload says so
    ErrorKind errorKind = ErrorKind::Failed; ///< of a Failed task, like the text
    char error[kErrorBytes] = {};

    void setError(const Error& problem) noexcept;
};

/// Read and written by all.
struct RunControl {
    StartGate gate;
    std::atomic<bool> stop{false}; ///< tasks end at their next look
    std::atomic<int> threadsInUse{0}; ///< tasks and what they spawned
    std::atomic<Nanos> workBegin{0}; ///< set before the gate opens
    int threadLimit = 0;
};

} // namespace timeslice
