// SystemSwitches: the kernel's record of every switch on the run's cores, to say which other programs had them.
//
// One system-wide event and one ring per core, beside the run's own (ContextSwitches). The kernel allows them to root,
// to a program with CAP_PERFMON, and to everybody where perf_event_paranoid is 0 or less. Source: perf_event_open(2);
// Documentation/admin-guide/perf-security.rst.
//
// They must not cost what they are to explain: above kMostRecords they are closed, and other programs are known from
// /proc/stat alone from then on.
#pragma once

#include "core/base/result.h"
#include "core/trace/batch.h"

#include <memory>
#include <span>
#include <vector>

namespace timeslice {

/// For one thread.
class SystemSwitches {
public:
    /// Of one core in a second, two a switch: about a fiftieth of the core's time.
    static constexpr std::uint64_t kMostRecords = 60'000;

    /// Records `cpus` (none given: all) from now on. `root`: the run's first process. `guard`: a process of ours, as
    /// the calling one is. Errors (Unsupported): refused, with the one command that would allow it.
    static Result<SystemSwitches> open(const std::vector<CpuId>& cpus, Pid root, Pid guard);
    SystemSwitches(SystemSwitches&&) noexcept;
    SystemSwitches& operator=(SystemSwitches&&) noexcept;
    ~SystemSwitches();

    /// First read(), then drain the run's own records, then translate(): whatever of the run is in what was read is
    /// known then. `own`: the events of the run's records since the last time.
    void read();
    void translate(std::span<const Event> own, Nanos now, Batch& batch);

private:
    struct Impl;
    explicit SystemSwitches(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Why SystemSwitches cannot be opened here; for `timeslice doctor`.
Result<void> probeSystemSwitches();

} // namespace timeslice
