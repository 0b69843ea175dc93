// Slice: a stretch of a track in one state. The value type that every view and analysis reads.
#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace timeslice {

/// What a thread does. Core tracks use Running and Idle; lock tracks use Held and Free.
enum class SliceState : std::uint8_t {
    Absent = 0, ///< before birth or after exit; on a core track: nothing of this run (idle or others); on a lock: free
    Running = 1, ///< on a core; on a core track: `subject` runs; on a lock track: `subject` holds it
    Runnable = 2, ///< waits for a core (preempted, or woken); `subject` is the Waker
    Blocked = 3, ///< waits for time, I/O, a condition...; `subject` is the WaitKind
    WaitingForLock = 4, ///< `subject` is the index of the lock's track
    OffCore = 5, ///< blocked, or waiting for a GIL that is not recorded (Timeline::unobserved)
};
inline constexpr int kSliceStates = 6;

/// Why a slice began, that is: why the one before it ended.
enum class Cause : std::uint8_t {
    Unknown = 0,
    Born, ///< thread created
    SwitchedIn,
    Preempted, ///< thread: lost its core while it could have run on
    Blocked, ///< thread: gave up its core to wait
    Requested, ///< thread: began to wait for a lock
    Woken, ///< thread: became runnable
    Acquired, ///< lock: taken
    ReleasedVoluntarily, ///< lock: let go in the normal course
    ReleasedAfterTimeout, ///< lock: let go because a waiter asked for it after the switch interval
    ReleasedAtExit, ///< lock: its holder ended
    HolderKilled, ///< lock: its holder is gone
    Exited, ///< thread ended
    Exec, ///< lock: gone with the program that held it, when its process began to run another
};

/// State, cause, colour slot and subject in 32 bits; what a track stores per slice beside the time.
class SliceValue {
public:
    static constexpr std::uint32_t kMaxSubject = (1U << 20) - 1;

    constexpr SliceValue() noexcept = default;
    constexpr SliceValue(SliceState state, Cause cause, std::uint32_t subject, std::uint8_t category) noexcept
        : m_bits(static_cast<std::uint32_t>(state) | static_cast<std::uint32_t>(cause) << 3
            | static_cast<std::uint32_t>(category & 15U) << 8 | (subject > kMaxSubject ? kMaxSubject : subject) << 12)
    {
    }
    static constexpr SliceValue fromBits(std::uint32_t bits) noexcept
    {
        SliceValue v;
        v.m_bits = bits;
        return v;
    }

    constexpr SliceState state() const noexcept { return static_cast<SliceState>(m_bits & 7U); }
    constexpr Cause cause() const noexcept { return static_cast<Cause>(m_bits >> 3 & 31U); }
    /// Which of the 16 shares of a track's level of detail this slice adds to. Thread tracks: the state.
    /// Core and lock tracks: 0 = nobody, else colorSlot of the thread (see ThreadInfo).
    constexpr std::uint8_t category() const noexcept { return static_cast<std::uint8_t>(m_bits >> 8 & 15U); }
    /// Index of a thread (core and lock tracks), of a core (Running threads), of a lock (WaitingForLock), a WaitKind,
    /// or a Waker (core/trace/waker.h).
    constexpr std::uint32_t subject() const noexcept { return m_bits >> 12; }
    constexpr std::uint32_t bits() const noexcept { return m_bits; }

    friend constexpr bool operator==(SliceValue, SliceValue) noexcept = default;

private:
    std::uint32_t m_bits = 0;
};
static_assert(sizeof(SliceValue) == 4);

/// A slice as read from a track. `open`: it goes on; `end` is then merely how far the recording has come.
struct Slice {
    Nanos begin = 0;
    Nanos end = 0;
    SliceValue value;
    bool open = false;

    constexpr Nanos length() const noexcept { return end - begin; }
};

} // namespace timeslice
