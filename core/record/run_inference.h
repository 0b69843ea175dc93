// RunInference: turns counters that are read now and then into switches that may have happened in between.
//
// The kernel tells for each thread how long it has run, but not when within the interval. The inference keeps what is
// certain: over time a thread's running time is the kernel's, and a core runs one thread at a time. The rest is a
// guess, which is why these tracks are called inferred.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/trace/batch.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// One thread as /proc shows it at one moment.
struct ThreadReading {
    Tid tid = 0;
    Pid pid = 0;
    Tid parent = 0; ///< 0 = unknown
    char state = 'S'; ///< the letter of proc(5)
    CpuId core = 0; ///< where it runs or ran last
    Nanos ran = 0; ///< since its birth
    Nanos waited = 0; ///< runnable without a core, since its birth
    std::string name;
    std::uint64_t stack = 0; ///< where the process's stack begins: another place after each exec; 0 = unknown
};

/// One process, as its CPU clock shows it: its threads together, those too that have ended.
struct ProcessReading {
    Pid pid = 0;
    Nanos ran = 0; ///< since its birth; read before its threads
};

/// For one thread.
class RunInference {
public:
    /// Readings of all living threads at `now`, which must ascend. Appends events (from the time of the last call on,
    /// not sorted) and names. `processes`: tells what threads ran between their last reading and their end; without it
    /// that is not known.
    void observe(const std::vector<ThreadReading>& readings, const std::vector<ProcessReading>& processes, Nanos now,
        Batch& batch);
    void observe(const std::vector<ThreadReading>& readings, Nanos now, Batch& batch)
    {
        observe(readings, {}, now, batch);
    }

    /// What all processes together ran since the first observation, where that is known in the end: what the processes
    /// that are found gone by the next observation ran after their last readings is settled with it.
    void endWith(Nanos ranTogether) noexcept { m_ranTogether = ranTogether; }
    /// Whether endWith() is to come: the last threads are shown to end only then.
    void awaitTotal(bool await) noexcept { m_awaitsTotal = await; }

private:
    struct Thread {
        ThreadReading last;
        char stateBefore = 'S';
        Nanos owed = 0; ///< running time read but not placed yet; negative: placed ahead of the kernel's counter
        Nanos credit = 0; ///< how much may be placed ahead of it now
        CpuId openOn = kNoCpu; ///< the core it is shown on at the moment of the last observation
        Nanos bornAt = 0;
        bool announced = false;
        bool exited = false;
        bool seen = false; ///< in the present observation
    };

    Thread& meet(const ThreadReading& reading, Nanos now, Batch& batch);
    std::vector<Thread*> theDying();
    void settleWithProcesses(const std::vector<ProcessReading>& processes, const std::vector<Thread*>& dying);
    void creditInAdvance(const std::vector<ProcessReading>& processes);
    void settleWithTotal(const std::vector<Thread*>& dying);
    static void announceBirths(const std::vector<Thread*>& met, Batch& batch);
    void place(CpuId core, std::vector<Thread*>& threads, Nanos now, Batch& batch) const;
    void show(Thread& thread, TimeRange run, Nanos now, Batch& batch) const;
    void bury(Thread& thread, Nanos now, Batch& batch) const;

    std::unordered_map<Tid, Thread> m_threads;
    std::unordered_map<Pid, Nanos> m_ranOfGone; ///< running time of each process's threads that are gone
    Nanos m_ranOfAllGone = 0;
    Nanos m_ranBefore = 0; ///< of all threads, at the first observation
    std::optional<Nanos> m_ranTogether;
    Nanos m_lastTime = 0;
    bool m_started = false;
    bool m_awaitsTotal = false;
};

} // namespace timeslice
