#include "core/trace/track_steps.h"

#include <algorithm>
#include <numeric>

namespace timeslice {

bool TrackSteps::thread(std::uint32_t index, const Step& step, bool concluded)
{
    using Fold = ReplayFold<ThreadState>;
    const auto value = [this, index](const ThreadState& state, Nanos time) {
        const SliceValue known = state.value(state.onCpu() ? m_rows.knownCore(state.cpu) : 0);
        return m_unseen.shown(known, m_timeline.threads[index].pid, time);
    };
    const auto applied = [this, index](const ThreadState& before, const Step& at, const ThreadState& after) {
        const bool left = before.onCpu() && (after.exited || before.cpu != after.cpu);
        const bool coreKnows = at.kind == EventKind::SwitchOut && at.cpu == before.cpu;
        if (left && !coreKnows) {
            const auto core = static_cast<std::uint32_t>(before.cpu);
            m_aboutCores.push_back({core, {at.time, index, kSuperseded, EventKind::SwitchOut, before.cpu}});
        }
    };
    const auto exited = [](const ThreadState& state) { return state.exited; };
    while (m_threads.size() <= index) {
        m_liveThreads.push_back(static_cast<std::uint32_t>(m_threads.size()));
        m_threads.emplace_back();
    }
    if (!concluded) {
        const auto ownRan = [&](Nanos begin, Nanos end) { return ownRanOn(step.cpu, {begin, end}); };
        if (const std::optional<Step> due = m_dueWaits.before(index, step, ownRan)) {
            thread(index, *due, true);
        }
    }
    return m_threads[index].add<kReplay>(step, concluded ? Fold::TooLate::Drop : Fold::TooLate::Clamp,
        m_timeline.threads[index].track, value, applied, exited);
}

/// Another thread than the one that comes there now: it has not been put on its core's track yet.
bool TrackSteps::ownRanOn(CpuId cpu, TimeRange range) const
{
    const Shares shares = m_timeline.cores[m_rows.knownCore(cpu)].track.shares(range);
    return std::accumulate(shares.begin() + 1, shares.end(), Nanos{0}) > 0; // the first is nobody's
}

bool TrackSteps::core(CpuId cpu, const Step& step, bool concluded)
{
    using Fold = ReplayFold<CoreState>;
    const auto value = [this](const CoreState& state, Nanos) { return state.value(m_rows.colorSlot(state.current)); };
    const auto applied = [this](const CoreState& before, const Step& at, const CoreState&) {
        if (at.kind == EventKind::SwitchIn && at.detail != kMayOverlap && before.current != kNobody
            && before.current != at.subject) {
            m_aboutThreads.push_back({before.current, {at.time, kNobody, kSuperseded, EventKind::SwitchOut, at.cpu}});
        }
    };
    const auto never = [](const CoreState&) { return false; };
    const auto id = static_cast<std::size_t>(cpu);
    if (m_cores.size() <= id) {
        m_cores.resize(id + 1);
    }
    return m_cores[id].add<kReplay>(step, concluded ? Fold::TooLate::Drop : Fold::TooLate::Clamp,
        m_timeline.cores[m_rows.knownCore(cpu)].track, value, applied, never);
}

bool TrackSteps::lock(std::uint32_t index, const Step& step)
{
    const auto value = [this](const LockState& state, Nanos) { return state.value(m_rows.colorSlot(state.shown())); };
    const auto applied = [](const LockState&, const Step&, const LockState&) {};
    const auto never = [](const LockState&) { return false; };
    while (m_locks.size() <= index) {
        m_locks.emplace_back();
    }
    LockInfo& info = m_timeline.locks[index];
    const bool inTime =
        m_locks[index].add<kReplay>(step, ReplayFold<LockState>::TooLate::Clamp, info.track, value, applied, never);
    info.maxConcurrentHolders = m_locks[index].state().mostHolders;
    return inTime;
}

/// A core runs one thread at a time, and a thread on one core: where a record was lost, or is still to come, the
/// other side's slice ends here. If the missing record comes yet, the replay makes these steps void. Where moments are
/// inferred, another thread that comes onto a core ends nobody's slice: a thread that came just before the one that
/// just left would lose all its turn, and how long a thread ran is not a guess.
void TrackSteps::drawConclusions()
{
    while (!m_aboutThreads.empty() || !m_aboutCores.empty()) {
        if (!m_aboutThreads.empty()) {
            const Conclusion conclusion = m_aboutThreads.back();
            m_aboutThreads.pop_back();
            thread(conclusion.row, conclusion.step, true);
        } else {
            const Conclusion conclusion = m_aboutCores.back();
            m_aboutCores.pop_back();
            core(static_cast<CpuId>(conclusion.row), conclusion.step, true);
        }
    }
}

std::uint32_t TrackSteps::runsOn(CpuId cpu) const
{
    const auto id = static_cast<std::size_t>(std::max(cpu, CpuId{0}));
    return cpu >= 0 && id < m_cores.size() ? m_cores[id].state().current : kNobody;
}

void TrackSteps::extendTo(Nanos time)
{
    std::erase_if(m_liveThreads, [this](std::uint32_t thread) { return m_timeline.threads[thread].track.closed(); });
    for (const std::uint32_t index : m_liveThreads) {
        if (const std::optional<Step> due = m_dueWaits.until(index, time)) {
            thread(index, *due, true);
        }
        m_timeline.threads[index].track.extendTo(time);
    }
    for (CoreInfo& core : m_timeline.cores) {
        core.track.extendTo(time);
    }
    for (LockInfo& lock : m_timeline.locks) {
        lock.track.extendTo(time);
    }
}

} // namespace timeslice
