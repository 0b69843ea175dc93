#include "core/workload/stepped_thread.h"

#include <cassert>

namespace timeslice {

void SteppedThread::step() noexcept
{
    assert(!atEnd());
    switch (m_program[m_position++]) {
    case StepKind::Load:
        m_register = m_shared.load(std::memory_order_relaxed);
        break;
    case StepKind::Add:
        asm volatile("" : "+r"(m_register)); // an instruction of its own, in a register
        m_register = static_cast<std::int64_t>(static_cast<std::uint64_t>(m_register) + 1);
        asm volatile("" : "+r"(m_register));
        break;
    case StepKind::Store:
        m_shared.store(m_register, std::memory_order_relaxed);
        break;
    case StepKind::Lock:
        m_mutex->lock();
        m_holds = true;
        break;
    case StepKind::Unlock:
        m_holds = false;
        m_mutex->unlock();
        break;
    }
}

void SteppedThread::rewind() noexcept
{
    if (m_holds) {
        m_holds = false;
        m_mutex->unlock();
    }
    m_position = 0;
    m_register = 0;
}

StepAnswer SteppedThread::answer() const noexcept
{
    return {m_register, m_shared.load(std::memory_order_relaxed)};
}

} // namespace timeslice
