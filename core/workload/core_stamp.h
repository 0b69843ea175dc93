// CoreStamp: a thread that notes for itself when it was on which core, where the kernel's records are refused.
//
// The thread reads the clock and its core every kPeriod or so of work. A gap well over that means that it was off the
// core; the thread's CPU clock then says for how long (so that a slow spell is not taken for one), and its count of
// voluntary switches says whether it had blocked. Where in the gap the thread was away is not known: the work of the
// period is put half before and half after. Tracks made from these events are inferred, and are shown as such.
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
    struct Usage {
        Nanos cpu = 0;
        long voluntarySwitches = 0;
    };
    static Usage usage() noexcept;
    void note(Nanos now) noexcept;

    bool m_enabled;
    std::uint32_t m_ticksPerPeriod;
    std::uint32_t m_ticksLeft;
    CpuId m_cpu = kNoCpu;
    Nanos m_last = 0; ///< the last look
    Nanos m_baseTime = 0; ///< the look at which m_base was read
    Usage m_base;
};

} // namespace timeslice
