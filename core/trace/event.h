// Event: the one record that every source of a recording is reduced to.
//
// The same 32 bytes travel through the shared-memory event channel (core/record/channel_layout.h),
// come out of the kernel's context-switch records, and feed the TimelineBuilder.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstdint>
#include <type_traits>

namespace timeslice {

/// What happened. The numbers are part of the channel ABI: append, never renumber.
enum class EventKind : std::uint16_t {
    None = 0,

    // Scheduling. `cpu` is the core.
    SwitchIn = 1, ///< the thread starts to run on `cpu`
    SwitchOut = 2, ///< it stops running; `value` is SwitchOutReason
    ThreadBorn = 3, ///< `value` is the creator's Tid (0 = unknown)
    ThreadExit = 4,
    Wakeup = 5, ///< a blocked thread became runnable (only where the system lets us see it); `value` is WokenBy
    /// The process begins to run another program in this thread: its other threads are gone, and every lock held or
    /// waited for in its old memory. `value` is ExecNews.
    ProcessExec = 6,
    /// The thread, or this program's guard (tid 0), was told by wait(2) how another process ended, and that is gone for
    /// good. `value` is Reaping.
    ProcessReaped = 7,

    // Locks. `object` is the lock.
    LockRequest = 16, ///< the thread has to wait for the lock (an uncontended take sends no request)
    LockAcquire = 17, ///< stamped after the lock was taken
    LockRelease = 18, ///< stamped before the lock is let go; `value` is ReleaseReason
    LockDropRequest = 19, ///< a waiter's switch interval ran out: it asks the holder to let go
    LockForcedWait = 20, ///< after a drop request the old holder waits until another has taken the lock
    LockAbandon = 21, ///< the thread stopped waiting without getting the lock (timeout, trylock)
    /// A waiter was woken because the lock had been let go, and found it taken by another: it waits on. (One whose
    /// switch interval ran out was not called: that is a LockDropRequest, or nothing.)
    LockFalseAlarm = 22,

    // What a blocked thread waits for, when the workload can tell. `value` is WaitKind.
    WaitBegin = 32,
    WaitEnd = 33,
    /// The wait at hand, a sleep, is over at the moment `value` (of the clock of `time`) if nothing ends it before:
    /// from then on the thread is ready to run.
    WaitUntil = 34,
    /// Told before the work begins: once the start gate is open the thread sleeps on for `value` nanoseconds.
    StartDelay = 35,

    // Shared counters. `object` is the counter.
    CounterLoad = 48, ///< `value` was read
    CounterStore = 49, ///< `value` was written

    // Marks. `object` names the mark.
    Mark = 64, ///< `value` is free
    WorkBegin = 65, ///< the workload proper starts; `value` is WorkStart
    WorkEnd = 66, ///< the workload proper ends
    Latency = 67, ///< a measured delay of `value` nanoseconds that ended at `time`
};

/// What the begin of the work means for the threads that are there.
enum class WorkStart : std::uint64_t {
    Unsaid = 0,
    Gate = 1, ///< all that do more than coordinate stood at a gate, which this thread has now opened
};

enum class SwitchOutReason : std::uint64_t { Blocked = 0, Preempted = 1 };

/// Who says that a process begins to run another program.
enum class ExecNews : std::uint64_t {
    Announced = 0, ///< the program itself, just before it tries; should that fail, it writes LockAcquire again
    Certain = 1, ///< the kernel, by a record of that moment, in which `tid` is the process's id
    Sampled = 2, ///< from this value on: a look into /proc; the value is the time of the look before
};

/// Who woke a thread, in 64 bits.
struct WokenBy {
    enum class Kind : std::uint8_t {
        Unknown = 0,
        Thread = 1,
        Interrupt = 2, ///< a timer or a device: whoever was on the core then has nothing to do with it
    };
    Kind kind = Kind::Unknown;
    Tid tid = 0; ///< of the waker, a thread of any process

    constexpr std::uint64_t bits() const noexcept
    {
        return static_cast<std::uint64_t>(kind) << 32 | static_cast<std::uint32_t>(tid);
    }
    static constexpr WokenBy fromBits(std::uint64_t bits) noexcept
    {
        const auto kind = bits >> 32;
        const auto tid = static_cast<Tid>(bits & 0xFFFF'FFFFU);
        if (kind == static_cast<std::uint64_t>(Kind::Thread) && tid > 0) {
            return {Kind::Thread, tid};
        }
        return {kind == static_cast<std::uint64_t>(Kind::Interrupt) ? Kind::Interrupt : Kind::Unknown, 0};
    }
};

/// A process that was waited for, in 64 bits.
struct Reaping {
    Pid pid = 0;
    std::int32_t status = 0; ///< as from wait(2): exited or killed

    constexpr std::uint64_t bits() const noexcept
    {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(pid)) << 32 | static_cast<std::uint32_t>(status);
    }
    static constexpr Reaping fromBits(std::uint64_t bits) noexcept
    {
        return {static_cast<Pid>(bits >> 32), static_cast<std::int32_t>(bits & 0xFFFF'FFFFU)};
    }
    /// Neither stopped nor continued: WIFEXITED or WIFSIGNALED.
    constexpr bool isEnd() const noexcept
    {
        return pid > 0 && status >= 0 && status <= 0xFFFF && (status & 0x7F) != 0x7F;
    }
};

/// Why a holder let go of a lock; the field's words for GIL hand-offs.
enum class ReleaseReason : std::uint64_t {
    Voluntary = 0, ///< unlocked in the normal course; for a GIL: I/O, sleep, C code
    Timeout = 1, ///< a waiter's switch interval ran out and its drop request was honoured
    Exit = 2, ///< the thread ended
    Killed = 3, ///< the recording knows only that the holder is gone
};

/// What a blocked thread waits for.
enum class WaitKind : std::uint64_t {
    Unknown = 0,
    Sleep = 1,
    FileIo = 2,
    PipeIo = 3,
    Barrier = 4,
    Condition = 5,
    Join = 6,
    NetworkIo = 7,
    Gate = 8, ///< until a dispatcher of the workload lets it through: for a textbook it is ready, and is drawn so
};
inline constexpr WaitKind kLastWaitKind = WaitKind::Gate;

/// Fixed-size, trivially copyable; valid in shared memory. Fields that a kind does not name are 0.
struct Event {
    Nanos time = 0;
    Tid tid = 0; ///< the thread that it happened to
    Pid pid = 0; ///< its process
    EventKind kind = EventKind::None;
    CpuId cpu = kNoCpu;
    ObjectId object = 0;
    std::uint64_t value = 0;
};
static_assert(sizeof(Event) == 32 && alignof(Event) == 8);
static_assert(std::is_trivially_copyable_v<Event>);

} // namespace timeslice
