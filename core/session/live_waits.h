// LiveWaits: who waits for whom while a run is live, kept up to date from the batches that pass by.
//
// It gives the waits; whether they go in a circle is found as for a finished timeline (core/analysis/wait_cycle.h).
// The run's own thread may not look into the Timeline (it belongs to the consumer), and must know of a deadlock even
// if nobody looks. What a thread holds and waits for changes only by its own events, which come in order from its own
// ring; so the state per thread is right whatever the order between threads.
#pragma once

#include "core/analysis/wait_cycle.h"
#include "core/base/time.h"
#include "core/trace/batch.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// Not thread-safe.
class LiveWaits {
public:
    void apply(const Batch& batch);

    /// The sentence about a cycle of waiting in which no thread has had an event for `quiet` before `now`; nullopt
    /// when there is none, or when events were lost, so that a cycle might be a mere gap in the recording.
    std::optional<std::string> deadlock(Nanos now, Nanos quiet) const;

private:
    struct ThreadState {
        std::uint32_t number = 0; ///< in order of appearance; index into m_tids
        std::string name;
        Pid pid = 0;
        std::vector<ObjectId> holds;
        ObjectId lock = 0; ///< requested and not acquired yet; 0 = none
        ObjectId gil = 0; ///< the same of a GIL: a Python thread takes it before it can take the lock it waits for
        Nanos lastEvent = 0; ///< of its own, not of the scheduler
        bool exited = false;

        ObjectId waitsFor() const noexcept { return gil != 0 ? gil : lock; } ///< 0 = nothing
    };
    struct Lock {
        std::uint32_t number = 0; ///< index into m_lockIds
        std::string name;
    };
    ThreadState& thread(Tid tid);
    Lock& lock(ObjectId id);
    void forget(const Event& exec);
    std::optional<Tid> holderOf(ObjectId lock) const;
    std::vector<WaitEdge> waits(Nanos now, Nanos quiet) const;

    std::unordered_map<Tid, ThreadState> m_threads;
    std::vector<Tid> m_tids;
    std::unordered_map<ObjectId, Lock> m_locks;
    std::vector<ObjectId> m_lockIds;
    std::unordered_set<ObjectId> m_gils;
    bool m_lost = false;
};

} // namespace timeslice
