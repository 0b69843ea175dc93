// Gil: a native model of CPython's Global Interpreter Lock.
//
// Algorithm: CPython's Python/ceval_gil.c ("new GIL", since 3.2): a mutex and a condition; a waiter that has waited
// one switch interval without a hand-over sets the drop request; the holder honours it at its next check, signals, and
// then waits on a second condition until another thread has taken the lock (forced switch). Default interval 5 ms
// (DEFAULT_INTERVAL, 5000 us). The tick-counting lock of Python 2 (sys.setcheckinterval, default 100 ticks) is the
// other policy: the holder lets go every N checks whether or not somebody waits, and does not wait for a switch.
//
//   holder                                waiter
//   LockAcquire
//     runs                                LockRequest, waits
//     runs                                LockDropRequest: the interval ran out   (again each further interval)
//   check(): LockRelease (Timeout)  --->  LockAcquire
//   LockForcedWait, until  <------------    runs
//   LockRequest, waits
//
// Letting go wakes one waiter. Until that one is on a core any other thread may come first: the one that has just let
// go (Python 2), one that comes to ask, one whose interval runs out. Then the waiter was woken in vain and waits again:
// LockFalseAlarm. So each return from the wait is a LockAcquire, a LockFalseAlarm or an interval that ran out.
//
// A thread that lets go of its own accord while a drop request stands waits for the switch too, as in CPython; it
// records a LockAbandon when that wait is over, since it does not go on to ask for the lock.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace timeslice {

/// Every method may be called from any thread of the process that made it. A child made by fork() makes its own.
class Gil {
public:
    enum class Policy : unsigned char { SwitchInterval, TickCounting };
    struct Options {
        Policy policy = Policy::SwitchInterval;
        Nanos switchInterval = 5 * kMillisecond; ///< at least 1 us, as CPython rounds up
        std::uint32_t ticks = 100; ///< TickCounting: checks between two releases; at least 1
    };

    Gil(ObjectId id, Options options);
    /// Nobody may hold it or wait for it.
    ~Gil();
    Gil(const Gil&) = delete;
    Gil& operator=(const Gil&) = delete;

    /// Must not be called by the holder.
    void acquire() noexcept;
    /// The thread gives it up freely (I/O, sleep, C code).
    void release() noexcept;
    /// The thread ends: it lets go without waiting for another to take it.
    void releaseAtExit() noexcept;
    /// What the interpreter does between bytecodes: cheap (one relaxed load) unless a switch is due. By the holder.
    void check() noexcept
    {
        if (m_policy == Policy::TickCounting ? ++m_tick >= m_ticks : m_dropRequest.load(std::memory_order_relaxed)) {
            yield();
        }
    }
    /// Holds from the next wait on, as sys.setswitchinterval() does.
    void setSwitchInterval(Nanos interval) noexcept;
    ObjectId id() const noexcept;

private:
    void yield() noexcept;

    struct Impl;
    std::unique_ptr<Impl> m_impl;
    std::atomic<bool> m_dropRequest{false};
    Policy m_policy;
    std::uint32_t m_ticks;
    std::uint32_t m_tick = 0; ///< touched by the holder only
};

} // namespace timeslice
