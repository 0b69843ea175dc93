// Timeline: everything that was recorded of one variant's run, ready to be drawn and analysed.
//
// Plain storage with lookups. TimelineBuilder fills it; views and analyses only read it. It belongs to one thread
// (in the window: the UI thread); there is no lock in it.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/trace/batch.h"
#include "core/trace/track.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// Colour slots 1..kColorSlots are threads; slot kOtherSlot is whatever has no colour of its own (auxiliary threads).
inline constexpr std::uint8_t kColorSlots = 14;
inline constexpr std::uint8_t kOtherSlot = 15;

struct ThreadInfo {
    Tid tid = 0;
    Pid pid = 0;
    Tid parent = 0; ///< 0 = unknown
    std::string name;
    bool auxiliary = false;
    std::uint8_t colorSlot = kOtherSlot; ///< the same in every track; 1.. in order of appearance, then again from 1
    Nanos born = 0;
    Nanos exited = 0; ///< 0 = not seen to exit
    Track track;
};

struct CoreInfo {
    CpuId cpu = 0;
    Track track; ///< Running with subject = index into Timeline::threads, else Absent
    std::vector<UsageSample> usage; ///< ascending; includes what other processes used
    /// Where it was measured, other programs: Running with subject = index into Timeline::programs; see
    /// core/trace/core_others.h. Empty where it was not.
    Track others;
};

/// Drop requests and forced waits: moments on a lock track.
struct LockMoment {
    Nanos time = 0;
    std::uint32_t thread = 0; ///< index into Timeline::threads
    EventKind kind = EventKind::None;
};

struct LockInfo {
    ObjectId id = 0;
    ObjectKind kind = ObjectKind::Mutex;
    Pid pid = 0;
    std::string name;
    Track track; ///< Running = held by subject (index into Timeline::threads); Absent = free
    std::deque<LockMoment> moments; ///< ascending
    std::uint32_t maxConcurrentHolders = 0; ///< 1 for a lock that works; more would be a finding
};

/// A thread was woken for a lock and did not get it: EventKind::LockFalseAlarm.
struct FalseAlarm {
    Nanos time = 0;
    std::uint32_t lock = 0; ///< index into Timeline::locks
};

/// One access to a shared counter.
struct CounterAccess {
    Nanos time = 0;
    std::int64_t value = 0;
    std::uint32_t thread = 0; ///< index into Timeline::threads
    bool store = false;
};

struct CounterInfo {
    ObjectId id = 0;
    Pid pid = 0;
    std::string name;
    std::deque<CounterAccess> accesses; ///< ascending by time
};

struct MarkPoint {
    Nanos time = 0;
    std::uint32_t thread = 0;
    ObjectId object = 0; ///< its name is in Timeline::markNames
    std::uint64_t value = 0;
};

/// A process begins to run another program.
struct ExecPoint {
    Nanos time = 0;
    Pid pid = 0;
};

/// How a process ended, when that was asked for by wait(2).
struct ReapPoint {
    Nanos time = 0; ///< when it was gone for good
    Pid pid = 0;
    int status = 0; ///< as Reaping
};

/// A delay that the workload measured itself, such as a wake-up that came late.
struct LatencySample {
    Nanos time = 0;
    std::uint32_t thread = 0;
    Nanos delay = 0;
};

/// What grows by an entry an event is in lists that never move what they hold: no event takes long to append.
struct Timeline {
    std::vector<CoreInfo> cores; ///< one per core that the run may use, ascending by cpu
    std::deque<ThreadInfo> threads; ///< in order of appearance; an index stays valid
    std::deque<LockInfo> locks;
    std::deque<CounterInfo> counters;
    std::map<std::uint32_t, std::deque<FalseAlarm>>
        falseAlarms; ///< by index of the thread, where it has any; ascending
    std::deque<MarkPoint> marks; ///< ascending by time
    std::unordered_map<ObjectId, std::string> markNames;
    std::deque<LatencySample> latencies; ///< ascending by time
    std::optional<Nanos> workBegin; ///< first WorkBegin event: where pictures start
    std::optional<Nanos> workEnd; ///< last WorkEnd event
    Nanos begin = 0; ///< first event
    Nanos end = 0; ///< how far the recording has come
    Source source = Source::Measured;
    std::string gilNote; ///< why there is no GIL to see where one might look for it; shown in its track's place
    std::vector<ExecPoint> execs; ///< ascending
    std::vector<ReapPoint> reaps; ///< ascending; of the processes of which it is known
    std::deque<MemorySample> memory; ///< ascending by time; empty where memory is not recorded
    std::vector<UnobservedProcess> unobserved; ///< in the order in which they began
    std::deque<OtherProgram> programs; ///< beside the run, that its cores ran; in order of appearance
    std::optional<Nanos> wakeupsUntil; ///< how far the kernel's records of wake-ups have come; nullopt = there are none
    LossCounts lost;
    std::uint64_t events = 0;
    std::uint64_t lateEvents = 0; ///< came too late to be put in their place exactly
    bool finished = false;

    /// What a picture of the run shows by default: the work proper, or all if the workload did not say.
    TimeRange workRange() const;
    std::optional<std::uint32_t> threadIndex(Tid tid) const; ///< the latest thread with that id
    /// That of the process which made it; a forked child's copy of it has the same id and another pid.
    std::optional<std::uint32_t> lockIndex(ObjectId id) const;
    std::optional<std::uint32_t> counterIndex(ObjectId id) const;
    std::optional<std::uint32_t> coreIndex(CpuId cpu) const;
    std::size_t sliceCount() const;
    std::size_t memoryBytes() const;

    std::unordered_map<Tid, std::uint32_t> threadByTid;
    std::unordered_map<ObjectId, std::uint32_t> lockById;
    std::unordered_map<ObjectId, std::uint32_t> counterById;
};

} // namespace timeslice
