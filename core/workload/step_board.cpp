#include "core/workload/step_board.h"

#include <cassert>

namespace timeslice {

void StepBoard::begin(const std::vector<Schedule>& schedules) noexcept
{
    openNext(schedules);
}

void StepBoard::openNext(const std::vector<Schedule>& schedules) noexcept
{
    if (m_schedule < schedules.size()) {
        m_seats[schedules[m_schedule][m_position]].give(StepOrder::Step);
        return;
    }
    for (StepSeat& seat : m_seats) {
        seat.give(StepOrder::Leave);
    }
}

void StepBoard::count(std::int64_t value) noexcept
{
    for (std::size_t i = 0; i < m_outcomeCount; ++i) {
        if (m_outcomes[i].value == value) {
            ++m_outcomes[i].count;
            return;
        }
    }
    assert(m_outcomeCount < m_outcomes.size());
    m_outcomes[m_outcomeCount++] = {value, 1};
}

std::map<std::int64_t, std::uint64_t> StepBoard::outcomes() const
{
    std::map<std::int64_t, std::uint64_t> counts;
    for (std::size_t i = 0; i < m_outcomeCount; ++i) {
        counts[m_outcomes[i].value] = m_outcomes[i].count;
    }
    return counts;
}

} // namespace timeslice
