// CpuUsage: how each core is spent by the whole machine, from /proc/stat (its unit: clock ticks, usually 10 ms).
#pragma once

#include "core/base/result.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// For one thread.
class CpuUsage {
public:
    /// `cpus`: the cores to report.
    explicit CpuUsage(std::vector<CpuId> cpus);
    /// Appends one UsageSample per core for the time since the last call; nothing at the first call, or when no
    /// clock tick has passed.
    void sample(Batch& batch);
    /// Nanoseconds that the host stole from `cpus` since construction.
    Nanos stolen() const noexcept { return m_stolen; }

private:
    struct Ticks {
        std::uint64_t busy = 0;
        std::uint64_t stolen = 0;
        std::uint64_t idle = 0;
    };
    std::vector<CpuId> m_cpus;
    std::vector<Ticks> m_last;
    Nanos m_lastTime = 0;
    Nanos m_stolen = 0;
};

} // namespace timeslice
