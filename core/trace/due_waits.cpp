#include "core/trace/due_waits.h"

namespace timeslice {

void DueWaits::expect(std::uint32_t thread, Nanos due, Waker by)
{
    if (thread >= m_due.size()) {
        m_due.resize(thread + std::size_t{1});
    }
    m_due[thread] = {due, by.subject()};
}

std::optional<Step> DueWaits::until(std::uint32_t thread, Nanos time)
{
    if (thread >= m_due.size() || m_due[thread].time > time) {
        return std::nullopt;
    }
    const Due due = m_due[thread];
    if (m_kernelTells) {
        m_due[thread] = {};
        return std::nullopt;
    }
    if (time - due.time < kIdleCores) {
        return std::nullopt;
    }
    m_due[thread] = {};
    return stepAt(due);
}

} // namespace timeslice
