// CoreStamp: a thread that notes for itself when it was on which core, where the kernel's records are refused.
//
// The thread reads the clock and its core every kPeriod or so of work. A gap well over that means that it was off the
// core; the thread's CPU clock then says for how long (so that a slow spell is not taken for one), and its count of
// voluntary switches says whether it had blocked. Where in the gap the thread was away is not known: the work of the
// period is put half before and half after. Tracks made from these events are inferred, and are shown as such.
//
// What is guessed is when the thread ran, not how much: from begin() to end() the events add up to the thread's CPU
// clock. What it used for a wait, between leave() and enter(), is put behind the wait; absences too short for a slice
// of their own are saved up, and let the thread leave that much earlier.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstdint>

namespace timeslice {

/// For the thread that made it. Writes SwitchIn and SwitchOut to the thread's EventWriter; does nothing unless enabled.
class CoreStamp {
public:
    static constexpr Nanos kPeriod = 20 * kMicrosecond;

    /// `iterationsPerUs`: how many chunks of work make up a period.
    CoreStamp(bool enabled, double iterationsPerUs) noexcept;

    void begin() noexcept; ///< the thread is on a core now
    void end() noexcept; ///< it will not be on one again
    /// After every chunk of work.
    void tick() noexcept
    {
        if (m_enabled && --m_ticksLeft == 0) {
            look();
        }
    }
    /// Looks at the clock now: before and after what may block, but often does not.
    void look() noexcept;
    void leave() noexcept; ///< just before what will block
    void enter() noexcept; ///< just after

private:
    /// Since the last SwitchIn of begin() or enter(): how long it was off the core, as far as no event says so yet.
    Nanos awayUnsaid(Nanos now, Nanos cpu) const noexcept;
    void comeOn(Nanos since, Nanos now, Nanos cpu) noexcept;
    void note(Nanos now) noexcept;

    bool m_enabled;
    std::uint32_t m_ticksPerPeriod;
    std::uint32_t m_ticksLeft;
    CpuId m_cpu = kNoCpu;
    Nanos m_last = 0; ///< the last look
    Nanos m_in = 0; ///< time of the last SwitchIn
    Nanos m_baseTime = 0; ///< of the last begin() or enter()
    Nanos m_baseCpu = 0; ///< the thread's CPU clock then
    Nanos m_awaySaid = 0; ///< time off the core since, according to the events
    Nanos m_left = 0; ///< time of the last leave()
    Nanos m_cpuAtLeave = 0;
    long m_voluntary = 0; ///< voluntary switches at the last gap
};

} // namespace timeslice
