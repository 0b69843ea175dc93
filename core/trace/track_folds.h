// The folds that turn events into the slices of a track: what a core, a thread and a lock are after each event.
//
// A state is a small value; apply() makes the next one of it, value() says what the track shows. They know nothing of
// batches, lateness or storage (core/trace/replay_fold.h), so each rule can be read, and tested, by itself.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/trace/event.h"
#include "core/trace/slice.h"

#include <array>
#include <cstdint>

namespace timeslice {

inline constexpr std::uint32_t kNobody = 0xFFFFFFFF;

/// SwitchOut's detail beside the two reasons of SwitchOutReason: no record says that the thread left its core, but
/// another runs there now, or it runs elsewhere.
inline constexpr std::uint32_t kSuperseded = 2;

/// SwitchIn's detail on core tracks: its moment is inferred, and so is that of whoever is on the core still. Both may
/// be some microseconds off, so that who comes says nothing of who was there.
inline constexpr std::uint32_t kMayOverlap = 1;

/// LockRequest's detail on thread tracks: the lock is a GIL. A Python thread must take it again before it can take the
/// lock that it waits for, so the one request stands inside the other.
inline constexpr std::uint32_t kForGil = 1;

/// An event as a track sees it: identifiers resolved to indices.
struct Step {
    Nanos time = 0;
    std::uint32_t subject = kNobody; ///< on core and lock tracks the thread; on thread tracks the lock, if any
    std::uint32_t detail = 0; ///< SwitchOutReason, ReleaseReason, WaitKind, Waker::subject(), kMayOverlap or kForGil
    EventKind kind = EventKind::None; ///< WaitUntil stands where the moment has come (core/trace/due_waits.h)
    CpuId cpu = kNoCpu;
};

/// What runs on a core. Of two whose inferred times overlap the later is shown, and then again the other.
struct CoreState {
    std::uint32_t current = kNobody;
    std::uint32_t beneath = kNobody; ///< has not left either
    Cause cause = Cause::Unknown;

    void apply(const Step& step) noexcept;
    SliceValue value(std::uint8_t colorSlot) const noexcept;
};

/// What a thread does. Precedence of what is shown: on a core, else preempted or woken, else waiting for a lock, else
/// blocked. A wake-up is shown only where a record says so, or a deadline that the thread told has passed: that a lock
/// was released does not tell which waiter the kernel woke, nor when.
struct ThreadState {
    std::uint32_t lock = kNobody; ///< requested and not acquired yet
    std::uint32_t gil = kNobody; ///< the same of a GIL; shown before `lock`
    std::uint32_t forcedLock = kNobody; ///< off its core until another thread has taken this lock
    CpuId cpu = kNoCpu; ///< where it runs, while it does
    bool placed = false; ///< a record has said where it is; before that it may be anywhere
    bool runnable = false; ///< preempted or woken
    bool exited = false;
    std::uint8_t wait = 0; ///< WaitKind that the workload has told
    std::uint32_t waker = 0; ///< Waker::subject() while it is runnable
    Cause cause = Cause::Unknown;

    bool onCpu() const noexcept { return cpu != kNoCpu; }
    /// The lock that a standstill is for, if any.
    std::uint32_t awaited() const noexcept { return gil != kNobody ? gil : lock != kNobody ? lock : forcedLock; }
    void apply(const Step& step) noexcept;
    /// `core` is the index of `cpu` among the timeline's cores.
    SliceValue value(std::uint32_t core) const noexcept;
};

/// Who holds a lock. Of several holders (a finding) the latest is shown. A release ends the hold of the thread that it
/// happened to, or else the only hold that there is.
struct LockState {
    static constexpr std::size_t kNamedHolders = 6;

    std::array<std::uint32_t, kNamedHolders> holders{};
    std::uint32_t named = 0; ///< how many of `holders` are set
    std::uint32_t unnamed = 0; ///< holders beyond those
    std::uint32_t mostHolders = 0;
    Cause cause = Cause::Unknown;

    std::uint32_t shown() const noexcept { return named > 0 ? holders[named - 1] : kNobody; }
    void apply(const Step& step) noexcept;
    SliceValue value(std::uint8_t colorSlot) const noexcept;

private:
    bool remove(std::uint32_t thread) noexcept;
};

} // namespace timeslice
