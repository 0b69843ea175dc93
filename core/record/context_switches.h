// ContextSwitches: the kernel's own record of who ran where, through perf_event_open, without root.
//
// One software event (PERF_COUNT_SW_DUMMY) and one ring per core, inherited by every thread and child of one process
// that must be held before exec until open() returns. Source: perf_event_open(2); PERF_RECORD_SWITCH since Linux 4.3,
// PERF_RECORD_MISC_SWITCH_OUT_PREEMPT since 4.17.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/record/process_images.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace timeslice {

/// For one thread.
class ContextSwitches {
public:
    /// Records `pid` and what it starts from now on, on `cpus` (none given: on all); cores that are offline are left
    /// out. Errors (Unsupported): refused, with the reason and the one command that would allow it.
    /// `refused`: tells also of which processes the GIL is not recorded, with the help of these programs, which must
    /// stay there; nullptr: does not look.
    static Result<ContextSwitches> open(Pid pid, const std::vector<CpuId>& cpus, RefusedPrograms* refused = nullptr);
    ContextSwitches(ContextSwitches&&) noexcept;
    ContextSwitches& operator=(ContextSwitches&&) noexcept;
    ~ContextSwitches();

    /// Appends switches, births, exits and names since the last call, sorted by time within each core only; adds its
    /// counts since the start to batch.lost.kernel and .malformed, so that each batch is drained into once. A
    /// ThreadExit ends the thread's last slice: the kernel sends no SwitchOut after it. A ProcessExec is Certain.
    ///
    /// What the kernel loses it tells in a record when the next one finds room. What it lost last is asked for at the
    /// `last` drain alone: the answer walks all events that were ever inherited, 50 ns for each thread and core.
    void drain(Batch& batch, bool last = false);
    /// Descriptors that become readable when a ring is half full; for poll(). They hang up (POLLHUP) when every
    /// recorded thread is gone.
    std::vector<int> pollFds() const;
    /// Size of one core's ring; a switch takes 32 bytes of it.
    std::size_t ringBytes() const;

private:
    struct Impl;
    explicit ContextSwitches(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Why ContextSwitches cannot be opened on this machine; used by `timeslice doctor`. Tries it on the calling process.
Result<void> probeContextSwitches();

} // namespace timeslice
