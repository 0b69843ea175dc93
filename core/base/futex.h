// futex(2) on a word that several processes may share: std::atomic::wait works within one only.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>
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

/// Wakes all who sleep on the word, in any process. Set it before.
inline void futexWakeAll(std::atomic<std::uint32_t>& word) noexcept
{
    syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace timeslice
