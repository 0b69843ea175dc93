#include "ui/course/frame_pace.h"

#include <algorithm>

namespace timeslice {

void FramePace::begin(Nanos now, Nanos cpu)
{
    m_now = now;
    m_cpu = cpu;
    m_balance = kMostSavings;
    m_drawnAt = now - kLongest;
}

Nanos FramePace::wait(Nanos now, Nanos cpu)
{
    const auto pay = static_cast<Nanos>(kShare * static_cast<double>(std::max<Nanos>(0, now - m_now)));
    const Nanos spent = std::max<Nanos>(0, cpu - m_cpu);
    m_balance = std::clamp(m_balance + pay - spent, -kMostDebt, kMostSavings);
    m_now = now;
    m_cpu = cpu;
    const auto paidOff = static_cast<Nanos>(static_cast<double>(std::max<Nanos>(0, -m_balance)) / kShare);
    const Nanos since = now - m_drawnAt;
    return std::max<Nanos>(0, std::min(std::max(paidOff, kShortest - since), kLongest - since));
}

} // namespace timeslice
