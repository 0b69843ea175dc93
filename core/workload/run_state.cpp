#include "core/workload/run_state.h"

#include <algorithm>
#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

namespace {

// std::atomic::wait works within one process only, hence the system call itself (without FUTEX_PRIVATE_FLAG).
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept
{
    static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
    syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

} // namespace

void StartGate::wait() noexcept
{
    while (m_open.load(std::memory_order_acquire) == 0) {
        futex(m_open, FUTEX_WAIT, 0);
    }
}

void StartGate::open() noexcept
{
    m_open.store(1, std::memory_order_release);
    futex(m_open, FUTEX_WAKE, INT_MAX);
}

void TaskState::setError(const Error& problem) noexcept
{
    errorKind = problem.kind;
    const std::size_t length = std::min(problem.message.size(), kErrorBytes - 1);
    std::copy_n(problem.message.data(), length, error);
    error[length] = '\0';
}

} // namespace timeslice
