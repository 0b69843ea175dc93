// What ran on the run's cores beside the run, where the kernel told: other programs, by name.
//
// Kept apart from the run's own threads in all that counts: no report, no parallelism, no row of a thread knows of it.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstdint>
#include <string>

namespace timeslice {

/// A process that is no part of the run and was seen on one of its cores. One that begins to run another program is
/// another entry from then on.
struct OtherProgram {
    enum class Kind : std::uint8_t {
        Program,
        Kernel, ///< a thread of the kernel itself
        Timeslice, ///< this program: its window, its collector, its guard
    };
    Pid pid = 0; ///< 0 = it lives in another PID namespace
    std::string name; ///< empty = nobody told
    Kind kind = Kind::Program;
};

/// Who had a core for a while, as the kernel told. Of one core they ascend and do not overlap; of what lies between
/// them nothing is known.
struct OthersRun {
    /// Nobody else: the core was idle, or a thread of the run was on it.
    static constexpr std::uint32_t kNobody = 0xFFFFFFFF;

    Nanos begin = 0;
    Nanos end = 0;
    CpuId cpu = 0;
    std::uint32_t program = kNobody; ///< index among all Batch::programs since the start
};

} // namespace timeslice
