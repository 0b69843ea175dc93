// TimelineRows: which row of the Timeline an identifier of an event belongs to; makes the row when it is new.
//
// Names, births of objects and colours arrive apart from the events, before or after; this is where they meet.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/builder_options.h"
#include "core/trace/timeline.h"
#include "core/trace/track_folds.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace timeslice {

/// Not thread-safe: part of a TimelineBuilder.
class TimelineRows {
public:
    static constexpr std::uint32_t kNone = kNobody;

    TimelineRows(Timeline& timeline, const BuilderOptions& options);

    /// The thread that `event` happened to, kNone when there are more than a slice can name. Keeps ThreadInfo's born,
    /// exited, pid and parent.
    std::uint32_t thread(const Event& event);
    /// Makes the rows of threads that are new in `events` in the order of their ids. Where births are not recorded as
    /// they happen, a thread would else appear with whatever it is first seen to do, and rows and colours change places
    /// from run to run.
    void meetThreads(const std::vector<Event>& events);
    /// kNone for a negative id.
    std::uint32_t core(CpuId cpu);
    /// As core(), for a cpu that core() was asked for before.
    std::uint32_t knownCore(CpuId cpu) const noexcept { return m_coreOfCpu[static_cast<std::size_t>(cpu)]; }
    /// The lock `id` as the process `by` sees it. A child made by fork has its own copy of its parent's locks, in its
    /// own memory: what it does to one that belongs to another process is shown on a row of its own.
    std::uint32_t lock(ObjectId id, Pid by);
    std::uint32_t counter(ObjectId id);
    /// The thread that goes on in its process under the id of another, the process's first, which has ended: so it is
    /// when a process begins another program from within another thread. A new row, named as `exec`'s thread is now.
    std::uint32_t successor(const Event& exec);
    /// A thread has ended without a ThreadExit.
    void noteExit(std::uint32_t thread, Nanos time);
    /// Whether a ThreadExit was seen.
    bool hasExited(std::uint32_t thread) const noexcept { return m_seen[thread].exit; }
    std::uint8_t colorSlot(std::uint32_t thread) const noexcept
    {
        return thread < m_timeline.threads.size() ? m_timeline.threads[thread].colorSlot : kOtherSlot;
    }

    void apply(const ObjectBirth& birth);
    void apply(const ThreadNaming& naming);
    void apply(const UsageSample& sample);
    /// Call after a batch: gives threads their colours anew when one that had a colour turned out to be auxiliary.
    void settleColors();

private:
    struct Seen {
        bool birth = false;
        bool exit = false;
        std::string nameBefore; ///< the latest name
    };

    std::uint32_t lock(ObjectId id);
    std::uint32_t indexFor(const Event& event);
    std::uint32_t addThread(const Event& event);
    void rename(std::uint32_t thread, const ThreadNaming& naming);

    Timeline& m_timeline;
    Pid m_auxiliaryRoot; ///< 0 = none
    std::vector<Seen> m_seen; ///< as Timeline::threads
    std::vector<std::uint32_t> m_coreOfCpu; ///< index by CpuId, kNone where there is none
    std::unordered_map<Tid, ThreadNaming> m_namesAhead; ///< of threads that have no event yet
    std::unordered_map<Tid, std::vector<std::uint32_t>> m_earlier; ///< threads whose id was given out again
    std::map<std::pair<ObjectId, Pid>, std::uint32_t> m_lockCopies; ///< of processes other than the lock's own
    std::array<std::pair<Tid, std::uint32_t>, 64> m_recent{}; ///< direct-mapped cache of threadByTid
    std::size_t m_colored = 0; ///< threads that are not auxiliary
    bool m_colorsStale = false;
};

} // namespace timeslice
