// CpuUsage: how each core is spent by the whole machine, from /proc/stat (its unit: clock ticks, usually 10 ms).
//
// Source: proc(5). Guest time is part of user time there; waiting for I/O counts as idle here.
#pragma once

#include "core/trace/batch.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// For one thread.
class CpuUsage {
public:
    /// Time a core has spent, in clock ticks since the machine started.
    struct Ticks {
        std::uint64_t busy = 0;
        std::uint64_t stolen = 0;
        std::uint64_t idle = 0;
    };

    explicit CpuUsage(std::vector<CpuId> cpus);
    /// Appends one UsageSample per core for the time since the last call; nothing at the first call, or when no
    /// clock tick has passed. A core whose ticks cannot be read (offline) is left out.
    void sample(Batch& batch);
    /// Nanoseconds that the host stole from `cpus` since construction.
    Nanos stolen() const noexcept { return m_stolen; }

    /// The ticks of the "cpuN" lines of `procStat`, in the order of `cpus`; zeros for a core without a line.
    static std::vector<Ticks> parse(const char* procStat, const std::vector<CpuId>& cpus);
    /// What sample() does with counters that were read at `now`; for tests.
    void sampleTicks(const std::vector<Ticks>& ticks, Nanos now, Batch& batch);

private:
    std::vector<CpuId> m_cpus;
    std::vector<Ticks> m_last;
    std::vector<Nanos> m_lastTime; ///< of each core: one without a tick goes on with its interval
    Nanos m_tickLength = 0;
    Nanos m_stolen = 0;
};

} // namespace timeslice
