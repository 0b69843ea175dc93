// Batch: what the collector hands over at a time.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/trace/event.h"
#include "core/trace/other_programs.h"

#include <cstdint>
#include <string>
#include <vector>

namespace timeslice {

/// Where the core and thread tracks come from; shown in the window and in every export.
enum class Source : std::uint8_t {
    Measured, ///< kernel context-switch records
    Inferred, ///< gaps in the workload's own time stamps, or samples of /proc
    Calculated, ///< from rules: what would be, if nothing took time but what they say. Nothing ran.
};

enum class ObjectKind : std::uint8_t {
    Mutex = 1,
    Gil = 2,
    Counter = 3,
    Mark = 4,
    Condition = 5,
    Barrier = 6,
    SpinLock = 7
};

/// A lock, counter or mark came to be.
struct ObjectBirth {
    ObjectId id = 0;
    ObjectKind kind = ObjectKind::Mutex;
    Pid pid = 0; ///< the process it belongs to; 0 = shared by several
    std::string name;
};

/// A thread's name became known or changed.
struct ThreadNaming {
    Tid tid = 0;
    Pid pid = 0;
    std::string name;
    bool auxiliary = false; ///< coordinates only; the window hides it unless asked
    Nanos programSince = 0; ///< since when the program that said so runs, or somewhat later; 0 = not known
};

/// A program of the run of which the recording knows less than one might think: a Python whose GIL is not recorded, or
/// a program that could not be given the probe, so that what it starts is not traced.
struct UnobservedProcess {
    Pid pid = 0;
    std::string name; ///< of the program: "python3.11"
    std::string why; ///< a clause: "statically linked, so that nothing can be preloaded"
    bool hasGil = true; ///< false: no Python itself
    Nanos begin = 0; ///< since when the process runs this program
    Nanos end = 0; ///< until when; 0 = until it ends
    bool unrecorded = false; ///< the kernel tells nothing of it: its CPU time is in the sums, and on no row
};

/// How one core spent an interval, from /proc/stat; the parts need not add up exactly (its ticks are coarse).
struct UsageSample {
    Nanos begin = 0;
    Nanos end = 0;
    CpuId cpu = 0;
    float busy = 0; ///< share of the interval, all processes together (this run included), 0..1
    float stolen = 0; ///< share that the host of this virtual machine took away
    float idle = 0;
};

/// What memory a process has, from /proc/PID/smaps_rollup, in bytes. Shared pages count in full in the RSS of each
/// process that has them, and in its PSS by as many as share them: only PSS adds up.
struct MemorySample {
    Nanos time = 0; ///< when the look at all processes began, of which this is one
    Pid pid = 0;
    std::uint64_t rss = 0;
    std::uint64_t pss = 0;
    std::uint64_t own = 0; ///< private: in no other process
};

/// Events that were dropped, by place, and threads that went unrecorded. Counts since the start of the recording, not
/// since the last batch.
struct LossCounts {
    std::uint64_t channel = 0; ///< full rings of the event channel, or no free ring for a thread
    std::uint64_t kernel = 0; ///< PERF_RECORD_LOST
    std::uint64_t malformed = 0; ///< records that failed the reader's checks
    // Why threads had no ring; what they would have written is counted in `channel`.
    std::uint64_t threadsWithoutMemory = 0; ///< their process was refused the address space
    std::uint64_t threadsWithoutRing = 0; ///< none was free
    std::uint64_t overBudget = 0; ///< not recorded: beyond what a recording may hold (Limits::events)
    /// Switches of the whole machine. Where they are missing, other programs are not known; the run's own are whole, so
    /// that it is no part of the total.
    std::uint64_t others = 0;
    /// Wake-ups of the whole machine. Where one of the run's is missing, a thread that was ready is drawn as blocked
    /// until it ran; no part of the total either.
    std::uint64_t wakeups = 0;

    std::uint64_t total() const noexcept { return channel + kernel + malformed + overBudget; }
};

/// Events of all sources drained at one moment. Events are sorted by time within a batch; a later batch may
/// nevertheless hold events older than an earlier one's (a writer can be preempted between clock and store).
struct Batch {
    std::vector<Event> events;
    std::vector<ObjectBirth> objects; ///< apply before the events
    std::vector<ThreadNaming> names; ///< apply before the events
    std::vector<UsageSample> usage;
    std::vector<MemorySample> memory; ///< ascending by time
    /// Each once, as soon as it is certain. If a GIL of that process is born nevertheless, it is taken back by whoever
    /// keeps the list (TimelineBuilder).
    std::vector<UnobservedProcess> unobserved;
    std::vector<OtherProgram> programs; ///< new ones; apply before `others`
    std::vector<OthersRun> others; ///< of each core ascending, also from batch to batch
    LossCounts lost;
    Source source = Source::Measured;
    bool wakeups = false; ///< the kernel's records of them are among the events
    Nanos drainedAt = 0; ///< when the draining began: everything before it, save stragglers, is in

    bool empty() const noexcept
    {
        return events.empty() && objects.empty() && names.empty() && usage.empty() && memory.empty()
            && unobserved.empty() && programs.empty() && others.empty();
    }
};

} // namespace timeslice
