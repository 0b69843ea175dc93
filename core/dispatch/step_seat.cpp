#include "core/dispatch/step_seat.h"

#include "core/base/futex.h"

namespace timeslice {

void StepSeat::give(StepOrder order) noexcept
{
    const std::uint32_t before = m_order.load(std::memory_order_relaxed);
    m_order.store((before / kKinds + 1) * kKinds + static_cast<std::uint32_t>(order), std::memory_order_release);
    futexWakeAll(m_order);
}

bool StepSeat::answered() const noexcept
{
    return m_answered.load(std::memory_order_acquire) == m_order.load(std::memory_order_relaxed);
}

bool StepSeat::waitUntilAnswered(Nanos most) noexcept
{
    const Nanos deadline = monotonicNow() + most;
    for (Nanos now = monotonicNow(); !answered() && now < deadline; now = monotonicNow()) {
        const std::uint32_t seen = m_answered.load(std::memory_order_acquire);
        if (seen != m_order.load(std::memory_order_relaxed)) {
            futexWaitFor(m_answered, seen, deadline - now);
        }
    }
    return answered();
}

StepAnswer StepSeat::answer() const noexcept
{
    return {m_register.load(std::memory_order_relaxed), m_value.load(std::memory_order_relaxed)};
}

void StepSeat::sit(Tid tid) noexcept
{
    m_tid.store(tid, std::memory_order_release);
}

std::optional<StepOrder> StepSeat::nextOrder() noexcept
{
    const std::uint32_t done = m_answered.load(std::memory_order_relaxed);
    std::uint32_t order = m_order.load(std::memory_order_acquire);
    if (order == done) {
        futexWait(m_order, order);
        order = m_order.load(std::memory_order_acquire);
    }
    if (order == done) {
        return std::nullopt;
    }
    const std::uint32_t kind = order % kKinds;
    return kind == 0 ? StepOrder::Leave : static_cast<StepOrder>(kind);
}

void StepSeat::answer(const StepAnswer& answer) noexcept
{
    m_register.store(answer.registerValue, std::memory_order_relaxed);
    m_value.store(answer.value, std::memory_order_relaxed);
    m_answered.store(m_order.load(std::memory_order_relaxed), std::memory_order_release);
    futexWakeAll(m_answered);
}

} // namespace timeslice
