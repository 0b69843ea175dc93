#include "core/dispatch/gate.h"

#include "core/base/futex.h"

namespace timeslice {

void Gate::open() noexcept
{
    auto expected = static_cast<std::uint32_t>(State::Closed);
    if (m_state.compare_exchange_strong(
            expected, static_cast<std::uint32_t>(State::Open), std::memory_order_release, std::memory_order_relaxed)) {
        futexWakeAll(m_state);
    }
}

void Gate::close() noexcept
{
    auto expected = static_cast<std::uint32_t>(State::Open);
    m_state.compare_exchange_strong(
        expected, static_cast<std::uint32_t>(State::Closed), std::memory_order_release, std::memory_order_relaxed);
}

void Gate::stop() noexcept
{
    m_state.store(static_cast<std::uint32_t>(State::Stopped), std::memory_order_release);
    futexWakeAll(m_state);
}

bool Gate::waitUntilOpen() noexcept
{
    for (;;) {
        switch (state()) {
        case State::Open:
            return true;
        case State::Stopped:
            return false;
        case State::Closed:
            futexWait(m_state, static_cast<std::uint32_t>(State::Closed));
        }
    }
}

} // namespace timeslice
