// FramePace: how often the window may draw a run that goes on. What it draws takes time from the cores that it shows,
// so its frame rate gives way until all that this process does stays within a share of a core.
//
// An account in CPU time: a share of the time that passes is paid in, what the process spends is taken out, and a frame
// is drawn while something is left. Savings and debts are bounded: after a quiet minute it does not spend seconds at
// once, and what the viewer's mouse has cost is forgotten soon. The picture of a run is whole when the run has ended,
// however seldom it was drawn before.
#pragma once

#include "core/base/time.h"

namespace timeslice {

/// One thread's. Moments and CPU time come from the caller, the latter that of the whole process since any moment.
class FramePace {
public:
    static constexpr double kShare = 0.02; ///< of a core
    static constexpr Nanos kMostSavings = 6 * kMillisecond; ///< of CPU time: the first frames of a run
    static constexpr Nanos kMostDebt = 10 * kMillisecond; ///< half a second's pay
    static constexpr Nanos kShortest = 33 * kMillisecond; ///< between two frames: more is not seen
    static constexpr Nanos kLongest = kSecond; ///< or one takes the window for hung

    /// A run begins.
    void begin(Nanos now, Nanos cpu);
    /// How long to wait for the next frame; 0: it may be drawn now.
    Nanos wait(Nanos now, Nanos cpu);
    /// A frame is drawn now.
    void drawn(Nanos now) { m_drawnAt = now; }

private:
    Nanos m_now = 0; ///< when the account was last settled
    Nanos m_cpu = 0;
    Nanos m_balance = 0;
    Nanos m_drawnAt = 0;
};

} // namespace timeslice
