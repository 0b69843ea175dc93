// futex(2) on a word that several processes may share: std::atomic::wait works within one only.
#pragma once

#include "core/base/time.h"

#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

/// Sleeps while the word is `value`. Returns at a wake-up, at a signal, at once if the word is another, or for no
/// reason: look at the word again.
inline void futexWait(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept
{
    static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
    syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

/// The same, until that moment at the latest.
inline void futexWaitUntil(std::atomic<std::uint32_t>& word, std::uint32_t value, Nanos until) noexcept
{
    const timespec absolute{
        .tv_sec = static_cast<time_t>(until / kSecond), .tv_nsec = static_cast<long>(until % kSecond)};
    // WAIT_BITSET takes a point in time of CLOCK_MONOTONIC, WAIT would take a length of time.
    syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, value, &absolute, nullptr, FUTEX_BITSET_MATCH_ANY);
}

/// The same for `most` nanoseconds at the longest.
inline void futexWaitFor(std::atomic<std::uint32_t>& word, std::uint32_t value, Nanos most) noexcept
{
    const timespec length{most / kSecond, most % kSecond};
    syscall(SYS_futex, &word, FUTEX_WAIT, value, &length, nullptr, 0);
}

/// Wakes all who sleep on the word, in any process. Set it before.
inline void futexWakeAll(std::atomic<std::uint32_t>& word) noexcept
{
    syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace timeslice
