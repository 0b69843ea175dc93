// StepBarrier: where tasks wait for one another, and which a run that is stopped need not wait for.
#pragma once

#include "core/base/futex.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace timeslice {

/// As pthread_barrier_t, for threads and processes alike (when it lies in shared memory), but for this: who waits looks
/// at `stop` whenever a signal has come. No lock is in it that a participant that is killed could hold.
class StepBarrier {
public:
    /// Before its first use. One that nobody uses has none.
    void setParticipants(int participants) noexcept
    {
        m_participants = static_cast<std::uint32_t>(std::max(participants, 1));
    }

    void wait(const std::atomic<bool>& stop) noexcept
    {
        const std::uint32_t round = m_round.load(std::memory_order_acquire);
        if (m_arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == m_participants) {
            m_arrived.store(0, std::memory_order_relaxed); // nobody arrives again before the round is over
            m_round.fetch_add(1, std::memory_order_release);
            futexWakeAll(m_round);
            return;
        }
        while (m_round.load(std::memory_order_acquire) == round && !stop.load(std::memory_order_relaxed)) {
            futexWait(m_round, round);
        }
    }

private:
    std::uint32_t m_participants = 1;
    std::atomic<std::uint32_t> m_arrived{0};
    std::atomic<std::uint32_t> m_round{0};
};

} // namespace timeslice
