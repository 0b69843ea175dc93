// Wakeups: when threads that slept became ready to run, and who woke them.
//
// Two tracepoints and one ring per core, of the whole machine: that costs the run nothing for each thread that it
// starts and each switch that it makes, and tells each wake-up once. (An event attached to threads is written to for
// the waker and for the woken.) The kernel allows them to root, or with CAP_PERFMON or perf_event_paranoid -1 to
// whoever may read tracefs. Source: perf_event_open(2), PERF_TYPE_TRACEPOINT.
//
// They must not cost what they are to explain: where the rest of the machine wakes more than kMostForeign, they are
// closed, and wake-ups are not known from then on.
#pragma once

#include "core/base/result.h"
#include "core/trace/batch.h"

#include <memory>
#include <span>

namespace timeslice {

/// For one thread.
class Wakeups {
public:
    /// Records of other programs' threads on one core in a second, two a wake-up.
    static constexpr std::uint64_t kMostForeign = 60'000;

    /// Records all cores from now on: a thread may be woken from one that it must not run on. Errors (Unsupported):
    /// they cannot be read, with the one command that would allow it.
    static Result<Wakeups> open();
    Wakeups(Wakeups&&) noexcept;
    Wakeups& operator=(Wakeups&&) noexcept;
    ~Wakeups();

    /// First read(), then drain the run's own records, then translate(): whatever of the run was woken is known then.
    /// `own`: the events of the run's records since the last time; they may lie in `batch`. Sets batch.wakeups, unless
    /// they are closed.
    void read();
    void translate(std::span<const Event> own, Nanos now, Batch& batch, bool last);

private:
    struct Impl;
    explicit Wakeups(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Why Wakeups cannot be opened here; for `timeslice doctor`.
Result<void> probeWakeups();

} // namespace timeslice
