// DispatchedJob: what the dispatcher and the thread of one job tell each other. No lock: each field has one writer.
//
//   dispatcher:  writes the grant, opens the gate;                        closes the gate to take the core away
//   job:         waits at the gate, works in chunks, looks at gate and target between them; stops, says why (`stops`),
//                and waits again; or sleeps for its I/O, says so (`wakes`), and waits
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/dispatch/gate.h"

#include <atomic>
#include <cstdint>

namespace timeslice {

enum class JobStop : std::uint8_t {
    LetGo, ///< its gate was closed, or its target is reached
    Blocked,
    Ended,
};

struct alignas(64) DispatchedJob {
    Gate gate;

    // Written by the dispatcher: while the gate is closed, but for the target, which may rise at any time.
    std::atomic<std::uint64_t> target{0}; ///< iterations since the job's begin: it stops there
    std::uint64_t switchIterations = 0; ///< to do before its own work: the context switch
    ObjectId mark = 0; ///< the reason, 0 = it was told before
    std::uint64_t markValue = 0;

    // Written by the job.
    alignas(64) std::atomic<std::uint64_t> done{0}; ///< iterations of its own work
    std::atomic<std::uint32_t> stops{0}; ///< how often it stopped; published after `stop`
    std::atomic<JobStop> stop{JobStop::LetGo}; ///< why, the last time
    std::atomic<std::uint32_t> wakes{0}; ///< how often it came back from its I/O
    // Its figures; points in time count from the start of the work, -1 = not yet.
    std::atomic<Nanos> begun{-1};
    std::atomic<Nanos> ended{-1};
    std::atomic<Nanos> waited{0};
    std::atomic<Nanos> blocked{0};
    std::atomic<Nanos> ready{-1}; ///< since when it waits for a core, or will; -1 = it does not
};

} // namespace timeslice
