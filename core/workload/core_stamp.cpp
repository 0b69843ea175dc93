#include "core/workload/core_stamp.h"

#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"

#include <algorithm>
#include <cmath>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

namespace timeslice {

namespace {

/// A shorter absence (an interrupt, mostly) is not worth a slice.
constexpr Nanos kShortestAbsence = 10 * kMicrosecond;

void recordOut(Nanos time, CpuId cpu, SwitchOutReason reason) noexcept
{
    EventWriter::current().recordAt(time, EventKind::SwitchOut, 0, static_cast<std::uint64_t>(reason), cpu);
}

void recordIn(Nanos time, CpuId cpu) noexcept
{
    EventWriter::current().recordAt(time, EventKind::SwitchIn, 0, 0, cpu);
}

CpuId currentCpu() noexcept
{
    const int cpu = sched_getcpu();
    return cpu < 0 ? kNoCpu : static_cast<CpuId>(cpu);
}

Nanos threadCpu() noexcept
{
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return Nanos{cpu.tv_sec} * kSecond + cpu.tv_nsec;
}

long voluntarySwitches() noexcept
{
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_nvcsw;
}

} // namespace

CoreStamp::CoreStamp(bool enabled, double iterationsPerUs) noexcept
    : m_enabled(enabled)
    , m_ticksPerPeriod(static_cast<std::uint32_t>(std::clamp(
          std::round(static_cast<double>(kPeriod) * 1e-3 * iterationsPerUs / double{kChunkIterations}), 1.0, 1e6)))
    , m_ticksLeft(m_ticksPerPeriod)
{
}

void CoreStamp::note(Nanos now) noexcept
{
    m_last = now;
    m_ticksLeft = m_ticksPerPeriod;
}

Nanos CoreStamp::awayUnsaid(Nanos now, Nanos cpu) const noexcept
{
    return (now - m_baseTime) - (cpu - m_baseCpu) - m_awaySaid;
}

void CoreStamp::comeOn(Nanos since, Nanos now, Nanos cpu) noexcept
{
    m_cpu = currentCpu();
    m_in = since;
    m_baseTime = now;
    m_baseCpu = cpu;
    m_awaySaid = 0;
    m_voluntary = voluntarySwitches();
    recordIn(since, m_cpu);
    note(now);
}

void CoreStamp::begin() noexcept
{
    if (m_enabled) {
        const Nanos cpu = threadCpu();
        const Nanos now = monotonicNow();
        comeOn(now, now, cpu);
    }
}

void CoreStamp::end() noexcept
{
    leave();
}

void CoreStamp::look() noexcept
{
    if (!m_enabled) {
        return;
    }
    const Nanos now = monotonicNow();
    const CpuId cpu = currentCpu();
    const Nanos gap = now - m_last;
    Nanos away = 0;
    if (gap >= 2 * kPeriod) {
        away = std::min(awayUnsaid(now, threadCpu()), gap);
    }
    if (away >= kShortestAbsence) {
        const long voluntary = voluntarySwitches();
        const auto reason = voluntary != m_voluntary ? SwitchOutReason::Blocked : SwitchOutReason::Preempted;
        m_voluntary = voluntary;
        const Nanos out = m_last + (gap - away) / 2;
        recordOut(out, m_cpu, reason);
        m_in = out + away;
        m_awaySaid += away;
        recordIn(m_in, cpu);
    } else if (cpu != m_cpu) { // moved to another core in less time than is seen
        recordOut(now, m_cpu, SwitchOutReason::Preempted);
        m_in = now;
        recordIn(now, cpu);
    }
    m_cpu = cpu;
    note(now);
}

void CoreStamp::leave() noexcept
{
    if (!m_enabled) {
        return;
    }
    look();
    const Nanos now = monotonicNow();
    m_cpuAtLeave = threadCpu();
    m_left = std::clamp(now - awayUnsaid(now, m_cpuAtLeave), m_in, now);
    recordOut(m_left, m_cpu, SwitchOutReason::Blocked);
}

void CoreStamp::enter() noexcept
{
    if (!m_enabled) {
        return;
    }
    const Nanos cpu = threadCpu();
    const Nanos now = monotonicNow();
    comeOn(now - std::clamp(cpu - m_cpuAtLeave, Nanos{0}, now - m_left), now, cpu);
}

} // namespace timeslice
