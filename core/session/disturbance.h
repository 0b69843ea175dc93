// DisturbanceMeter: what other programs took of a run's cores, and which they were.
//
// Source: proc(5): /proc/stat for the cores as a whole, /proc/PID/stat for each process, both in clock ticks (usually
// 10 ms). What is ours is known exactly and taken off, and so is what the ticks may be wrong by, a tick on each core:
// of a run of a few ticks nothing is said rather than something wrong.
#pragma once

#include "core/analysis/report.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/record/cpu_usage.h"

#include <map>
#include <string>
#include <vector>

namespace timeslice {

/// For one thread.
class DisturbanceMeter {
public:
    /// Measures from now on. `guard`: a process of ours.
    DisturbanceMeter(std::vector<CpuId> cpus, Pid guard);

    /// Until now. `own`: CPU time of the run's processes since then, which have all ended. A few milliseconds of
    /// reading /proc.
    Disturbance measure(Nanos own) const;

private:
    struct Program {
        std::string name;
        Nanos cpu = 0;
    };
    using Programs = std::map<Pid, Program>;
    static Programs readPrograms();

    std::vector<CpuId> m_cpus;
    Pid m_guard;
    Nanos m_begin;
    Nanos m_ownBefore;
    std::vector<CpuUsage::Ticks> m_ticks;
    Programs m_programs;
};

} // namespace timeslice
