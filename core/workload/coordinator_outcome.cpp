// The Coordinator's last part: what came of the run.
#include "core/workload/coordinator.h"

#include <algorithm>
#include <ctime>

namespace timeslice {

WorkloadResult Coordinator::collect() const
{
    WorkloadResult result;
    result.iterationsPerUs = m_options.iterationsPerUs;
    result.abandonedThreads = m_abandoned;
    result.deaths = m_deaths;
    const Nanos begin = m_control->workBegin.load(std::memory_order_relaxed);
    Nanos end = begin;
    const auto collectTask = [&](const TaskPlan& plan, pthread_t thread, bool threadIsThere) {
        const TaskState& state = *plan.state;
        const TaskPhase phase = state.phase.load(std::memory_order_acquire);
        TaskOutcome task{state.tid.load(std::memory_order_relaxed), state.pid.load(std::memory_order_relaxed),
            plan.name, state.cpuTime.load(std::memory_order_relaxed), state.iterations.load(std::memory_order_relaxed)};
        const bool leftBehind = phase == TaskPhase::Running && threadIsThere;
        if (leftBehind) {
            clockid_t clock{};
            timespec used{};
            if (pthread_getcpuclockid(thread, &clock) == 0 && clock_gettime(clock, &used) == 0) {
                task.cpuTime =
                    Nanos{used.tv_sec} * kSecond + used.tv_nsec - state.cpuBegin.load(std::memory_order_relaxed);
            }
        }
        end = std::max(end, leftBehind ? monotonicNow() : state.endedAt.load(std::memory_order_relaxed));
        result.cpu += task.cpuTime;
        result.tasks.push_back(std::move(task));
        if (phase == TaskPhase::Failed) {
            if (result.errors.empty()) {
                result.errorKind = state.errorKind;
            }
            result.errors.emplace_back(state.error);
        }
    };
    for (const Member& member : m_members) {
        collectTask(member.plan, member.thread, member.started && !member.process);
    }
    m_forks->forEach([&](const ForkedTask& task) { collectTask(task.plan, task.thread, !task.gone); });
    if (m_dispatcher && m_dispatcher->byCalculation() && begin != 0) {
        end = std::min(end, begin + m_dispatcher->closedFormSchedule().length); // not when the last had woken up
    }
    result.wall = begin == 0 ? 0 : end - begin;
    for (const ProcessDeath& death : m_deaths) {
        if (!death.intended) {
            result.errors.push_back(death.name + " (process " + std::to_string(death.pid) + ") was " + death.how);
        }
    }
    for (std::size_t i = 0; i < m_spec.counters.size(); ++i) {
        if (m_spec.stepped && m_spec.stepped->counter == i) {
            continue; // it ends as often as there are orders, and those are counted
        }
        CounterOutcome counter{m_spec.counters[i].name, m_spec.counters[i].initial,
            m_resources.counters[i]->value.load(std::memory_order_relaxed)};
        for (const Member& member : m_members) {
            counter.expected +=
                static_cast<std::int64_t>(member.plan.increments[i]->done.load(std::memory_order_relaxed));
        }
        result.counters.push_back(std::move(counter));
    }
    for (std::size_t i = 0; i < m_spec.litmusTests.size(); ++i) {
        result.litmusTests.push_back({m_spec.litmusTests[i].name, m_resources.litmusTests[i]->counts()});
    }
    if (m_dispatcher && begin != 0) {
        result.dispatch = m_dispatcher->outcome();
    }
    if (m_spec.stepped && m_options.stepPage == nullptr) {
        result.schedules = ScheduleOutcomes{m_resources.stepBoard->outcomes(), m_spec.stepped->job.right()};
    }
    std::vector<const Birth*> births;
    for (const Member& member : m_members) {
        const auto over = static_cast<std::ptrdiff_t>(member.plan.state->births.load(std::memory_order_acquire));
        births.insert(births.end(), member.plan.births.begin(), member.plan.births.begin() + over);
    }
    result.births = birthTimes(births);
    for (const SharedFile& file : m_resources.files) {
        if (!file.directory.empty()) {
            result.fileDirectories.push_back(file.directory);
        }
    }
    result.end = !result.errors.empty() ? WorkloadResult::End::Failed
        : m_terminated                  ? WorkloadResult::End::Stopped
                                        : WorkloadResult::End::Done;
    return result;
}

} // namespace timeslice
