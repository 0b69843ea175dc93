// Waker: who made a thread ready to run, as the subject of that slice of its track.
#pragma once

#include "core/trace/slice.h"

#include <cstdint>

namespace timeslice {

struct Waker {
    enum class Kind : std::uint8_t {
        Unknown, ///< it was not woken (born, preempted), or nobody told by whom
        Interrupt, ///< a timer or a device
        Outsider, ///< a thread that is no part of the run
        Thread,
    };
    Kind kind = Kind::Unknown;
    std::uint32_t thread = 0; ///< index into Timeline::threads, of a Thread

    /// For SliceValue, in a slice that is Runnable.
    constexpr std::uint32_t subject() const noexcept
    {
        const bool fits = thread <= SliceValue::kMaxSubject - kFirstThread;
        return kind != Kind::Thread ? static_cast<std::uint32_t>(kind) : fits ? kFirstThread + thread : 0;
    }
    /// Of any slice of a thread's track.
    static constexpr Waker of(SliceValue value) noexcept
    {
        if (value.state() != SliceState::Runnable) {
            return {};
        }
        return value.subject() >= kFirstThread ? Waker{Kind::Thread, value.subject() - kFirstThread}
                                               : Waker{static_cast<Kind>(value.subject()), 0};
    }

    friend constexpr bool operator==(Waker, Waker) noexcept = default;

private:
    static constexpr std::uint32_t kFirstThread = static_cast<std::uint32_t>(Kind::Thread);
};

} // namespace timeslice
