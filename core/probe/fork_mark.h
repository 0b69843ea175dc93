// Fork mark: a forked child knows that it is one, without a system call and without being told.
//
// Not every fork runs the handlers of pthread_atfork(): clone() and _Fork() do not, and handlers of others run before
// ours. The mark is a page that the kernel empties in every child (MADV_WIPEONFORK, Linux 4.14). A child of vfork(),
// which runs in its parent's memory, is not told apart, as it must not be.
#pragma once

#include <atomic>
#include <cstdint>

namespace timeslice::probe {

extern std::atomic<std::atomic<std::uint32_t>*> g_forkMark;

/// Sets the mark up; false where the kernel has no such pages, and isForkedChild() then says no for ever. Once a
/// process; what it inherits will do.
bool placeForkMark() noexcept;
bool hasForkMark() noexcept;
/// Whether the calling process was forked since the mark was placed or renewed.
inline bool isForkedChild() noexcept
{
    return g_forkMark.load(std::memory_order_relaxed)->load(std::memory_order_relaxed) == 0;
}
/// The child has taken notice.
void renewForkMark() noexcept;

} // namespace timeslice::probe
