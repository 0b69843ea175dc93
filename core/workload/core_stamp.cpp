#include "core/workload/core_stamp.h"

#include "core/record/event_writer.h"
#include "core/workload/compute_kernel.h"

#include <algorithm>
#include <cmath>
#include <sched.h>
#include <sys/resource.h>

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

} // namespace

CoreStamp::CoreStamp(bool enabled, double iterationsPerUs) noexcept
    : m_enabled(enabled)
    , m_ticksPerPeriod(static_cast<std::uint32_t>(std::clamp(
          std::round(static_cast<double>(kPeriod) * 1e-3 * iterationsPerUs / double{kChunkIterations}), 1.0, 1e6)))
    , m_ticksLeft(m_ticksPerPeriod)
{
}

CoreStamp::Usage CoreStamp::usage() noexcept
{
    timespec cpu{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return {Nanos{cpu.tv_sec} * kSecond + cpu.tv_nsec, used.ru_nvcsw};
}

void CoreStamp::note(Nanos now) noexcept
{
    m_last = now;
    m_ticksLeft = m_ticksPerPeriod;
}

void CoreStamp::begin() noexcept
{
    if (!m_enabled) {
        return;
    }
    m_base = usage();
    m_cpu = currentCpu();
    m_baseTime = monotonicNow();
    recordIn(m_baseTime, m_cpu);
    note(m_baseTime);
}

void CoreStamp::end() noexcept
{
    if (m_enabled) {
        look();
        recordOut(monotonicNow(), m_cpu, SwitchOutReason::Blocked);
    }
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
    auto reason = SwitchOutReason::Preempted;
    if (gap >= 2 * kPeriod) {
        const Usage used = usage();
        away = std::min((now - m_baseTime) - (used.cpu - m_base.cpu), gap);
        if (used.voluntarySwitches != m_base.voluntarySwitches) {
            reason = SwitchOutReason::Blocked;
        }
        m_base = used;
        m_baseTime = now;
    }
    if (away >= kShortestAbsence) {
        const Nanos out = m_last + (gap - away) / 2;
        recordOut(out, m_cpu, reason);
        recordIn(out + away, cpu);
    } else if (cpu != m_cpu) { // moved to another core in less time than is seen
        recordOut(now, m_cpu, SwitchOutReason::Preempted);
        recordIn(now, cpu);
    }
    m_cpu = cpu;
    note(now);
}

void CoreStamp::leave() noexcept
{
    if (m_enabled) {
        look();
        recordOut(monotonicNow(), m_cpu, SwitchOutReason::Blocked);
    }
}

void CoreStamp::enter() noexcept
{
    begin();
}

} // namespace timeslice
