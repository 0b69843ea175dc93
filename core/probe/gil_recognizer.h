// GilRecognizer: tells a GIL from all the other mutexes and condition variables of a process, by what is done with
// them.
//
// No layout of any of CPython's structs is used, and by default nothing of Python is called. What is used is the order
// of calls in Python/ceval_gil.h (3.2 to 3.11) and Python/ceval_gil.c (3.12 on), the same in every release:
//
//   create_gil   init(mutex) init(switch_mutex) init(cond) init(switch_cond)           all by one thread, and then
//   take_gil     lock(mutex) lock(switch_mutex) signal(switch_cond) unlock(switch_mutex) unlock(mutex)
//   drop_gil     lock(mutex) signal(cond) unlock(mutex)
//
// Birth, the usual way: a thread that has just made two mutexes and two conditions, in whatever order, and whose next
// use of any of the four is take_gil, has made a GIL and holds it. That is what Py_Initialize, a new interpreter with
// its own GIL (3.12 on) and PyOS_AfterFork_Child (recreate_gil) do; so the GIL is known from its first instant, also
// in a process that never starts a second thread. A free-threaded build makes a GIL but does not take it: none is
// recognized.
//
// Hand-over, the fallback: a thread that is known to hold a GIL drops and takes it (core/probe/calibration.h); the
// condition signalled in between and the mutexes around it are the GIL's.
//
// For one thread; the caller tells it of each call, after locks and inits, before unlocks and signals.
#pragma once

#include "core/base/time.h"

#include <array>
#include <cstdint>

namespace timeslice::probe {

/// Addresses only; never followed.
struct GilParts {
    const void* mutex = nullptr;
    const void* switchMutex = nullptr;
    const void* released = nullptr; ///< CPython's `cond`
    const void* switched = nullptr; ///< `switch_cond`
    Nanos taken = 0; ///< when the recognizing thread took it
};

class GilRecognizer {
public:
    enum class Call : std::uint8_t { Lock, Unlock, Signal, Wait };

    void mutexMade(const void* mutex) noexcept { made(mutex, true); }
    void conditionMade(const void* condition) noexcept { made(condition, false); }
    /// From here to endHandOver() the thread drops the GIL and takes it.
    void beginHandOver() noexcept;
    void endHandOver() noexcept { m_stage = Stage::Idle; }

    /// Whether step() wants to know of this thread's calls.
    bool watching() const noexcept { return m_stage != Stage::Idle; }
    /// True when, with this call, a GIL has been recognized: the calling thread holds it, and still its mutex.
    bool step(Call call, const void* object) noexcept;
    const GilParts& parts() const noexcept { return m_parts; }

private:
    enum class Stage : std::uint8_t {
        Idle,
        DropLock, ///< hand-over: lock(mutex)
        DropSignal, ///< signal(cond)
        DropUnlock,
        TakeLock, ///< lock(mutex)
        TakeSwitchLock,
        TakeSignal,
        TakeSwitchUnlock,
        TakeUnlock,
    };
    struct Made {
        const void* object = nullptr;
        bool isMutex = false;
    };

    void made(const void* object, bool isMutex) noexcept;
    bool isPart(const void* object) const noexcept;
    bool isMade(const void* object, bool isMutex) const noexcept;
    void startOver() noexcept;
    bool stepDrop(Call call, const void* object) noexcept;

    // Calls about other objects before we stop to watch; a GIL is taken right after it was made.
    static constexpr std::uint16_t kPatience = 256;

    std::array<Made, 4> m_made; ///< the last four, oldest first
    GilParts m_parts;
    Stage m_stage = Stage::Idle;
    bool m_birth = false;
    std::uint16_t m_patience = 0;
};

} // namespace timeslice::probe
