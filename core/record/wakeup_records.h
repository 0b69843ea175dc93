// WakeupRecords: translates the samples of two tracepoints into wake-ups of the run's threads: when, and by whom.
//
// sched_waking comes from whoever wakes a thread, sched_wakeup when that is on a run queue: often from another core,
// which was asked to do it and runs somebody else. So the one tells who, the other when, and only the second is true of
// the thread: one that was woken on its way to sleep never left its core. (try_to_wake_up() in kernel/sched/core.c.)
// The events must have been opened with PERF_SAMPLE_TID | TIME | CPU | RAW, in the first PID namespace: the number of
// the woken thread is that namespace's.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/record/tracepoint.h"
#include "core/trace/batch.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// Where the fields lie in the raw part of the samples; both tracepoints have the same.
struct WakeupLayout {
    std::uint16_t waking = 0; ///< common_type of the one tracepoint
    std::uint16_t wakeup = 0; ///< and of the other
    std::size_t type = 0;
    std::size_t flags = 0;
    std::size_t pid = 0;

    /// Errors (Unsupported): this kernel's records are others.
    static Result<WakeupLayout> of(const Tracepoint& waking, const Tracepoint& wakeup);
};

/// For one thread.
class WakeupRecords {
public:
    explicit WakeupRecords(WakeupLayout layout)
        : m_layout(layout)
    {
    }

    /// Threads that these events happened to are the run's; of all events that the run's own records gave so far, those
    /// that were read after the rings.
    void learnOwn(std::span<const Event> events);
    /// Whole records of one ring; how many of them were of others' threads.
    std::size_t parse(std::span<const std::byte> bytes);
    /// After all rings: appends the wake-ups in the order of time, sets batch.lost.wakeups and adds to .malformed. One
    /// whose waker may still stand in a ring that was read before waits for the next time, unless this is the `last`.
    void conclude(Batch& batch, bool last);

private:
    struct Sample {
        Nanos time = 0;
        Tid tid = 0; ///< woken
        CpuId cpu = 0;
        bool waking = false;
        bool waited = false; ///< for its waker
        WokenBy by;
    };

    enum class Whose : unsigned char { Own, Others, Nobodys };
    Whose parseSample(std::span<const std::byte> body);

    WakeupLayout m_layout;
    std::unordered_map<Tid, Pid> m_own; ///< the living, and m_ended
    std::vector<Tid> m_ended; ///< since the last conclude()
    std::unordered_map<Tid, WokenBy> m_wakers; ///< of threads that are being woken
    std::vector<Sample> m_samples;
    std::uint64_t m_lost = 0;
    std::uint64_t m_malformed = 0;
};

} // namespace timeslice
