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
    /// Whether it tells which programs they were. That takes a few milliseconds of reading /proc, at the beginning and
    /// at the end, half of what a short run costs this program: not where the recording names them.
    enum class Names : unsigned char { Read, Leave };

    /// Measures from now on. `guard`: a process of ours.
    DisturbanceMeter(std::vector<CpuId> cpus, Pid guard, Names names = Names::Read);

    /// Until now. `own`: CPU time of the run's processes since then, which have all ended.
    Disturbance measure(Nanos own) const;

private:
    struct Program {
        std::string name;
        Nanos cpu = 0;
    };
    using Programs = std::map<Pid, Program>;
    Programs readPrograms() const; ///< all, or only those that are ours

    std::vector<CpuId> m_cpus;
    Pid m_guard;
    Names m_names;
    Nanos m_begin;
    Nanos m_ownBefore;
    std::vector<CpuUsage::Ticks> m_ticks;
    Programs m_programs;
};

} // namespace timeslice
