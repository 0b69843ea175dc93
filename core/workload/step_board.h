// StepBoard: runs every order in which the steps of a workload's threads can be taken, without a dispatcher of its own:
// whoever has taken a step opens the gate of whose turn is next.
#pragma once

#include "core/dispatch/step_program.h"
#include "core/dispatch/step_seat.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace timeslice {

/// In memory that all threads share. Only the thread that has just taken a step may change it, apart from the seats.
class StepBoard {
public:
    StepSeat& seat(std::size_t thread) noexcept { return m_seats[thread]; }

    /// Opens the first gate. For one thread, once.
    void begin(const std::vector<Schedule>& schedules) noexcept;
    /// After a step: opens the next gate. True: that was the last step of its order, which has ended with `value` (call
    /// `beginAnew` has to make everything as it was at first, before any other thread goes on).
    template <class BeginAnew>
    void stepTaken(const std::vector<Schedule>& schedules, std::int64_t value, BeginAnew beginAnew) noexcept
    {
        if (++m_position == schedules[m_schedule].size()) {
            count(value);
            beginAnew();
            m_position = 0;
            ++m_schedule;
        }
        openNext(schedules);
    }

    /// So far, by the variable's value at the end. Once no thread takes steps any more.
    std::map<std::int64_t, std::uint64_t> outcomes() const;

private:
    /// A value at the end is the initial one, or none, plus at most all additions: there are no more different ones.
    static constexpr std::size_t kMostOutcomes = 2 * (StepJob::kMostThreads * StepJob::kMostSteps + 1);
    struct Outcome {
        std::int64_t value;
        std::uint64_t count;
    };

    void count(std::int64_t value) noexcept;
    void openNext(const std::vector<Schedule>& schedules) noexcept;

    std::array<StepSeat, StepJob::kMostThreads> m_seats;
    std::size_t m_schedule = 0;
    std::size_t m_position = 0; ///< steps of it that are taken
    std::array<Outcome, kMostOutcomes> m_outcomes{};
    std::size_t m_outcomeCount = 0;
};

} // namespace timeslice
