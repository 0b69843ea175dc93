#include "core/workload/run_state.h"

#include "core/base/futex.h"

#include <algorithm>

namespace timeslice {

void StartGate::wait() noexcept
{
    while (m_open.load(std::memory_order_acquire) == 0) {
        futexWait(m_open, 0);
    }
}

void StartGate::open() noexcept
{
    m_open.store(1, std::memory_order_release);
    futexWakeAll(m_open);
}

void TaskState::setError(const Error& problem) noexcept
{
    errorKind = problem.kind;
    const std::size_t length = std::min(problem.message.size(), kErrorBytes - 1);
    std::copy_n(problem.message.data(), length, error);
    error[length] = '\0';
}

} // namespace timeslice
