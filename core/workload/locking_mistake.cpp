#include "core/workload/locking_mistake.h"

#include <set>

namespace timeslice {

std::vector<LockingMistake> findLockingMistakes(const TaskSpec& task, const std::vector<MutexSpec>& mutexes)
{
    std::vector<LockingMistake> mistakes;
    std::multiset<std::size_t> held;
    for (const PhaseSpec& phase : task.phases) {
        for (std::size_t i = 0; i < phase.steps.size(); ++i) {
            const auto mistake = [&](const char* does, std::size_t mutex) {
                mistakes.push_back(
                    {phase.pathOf(i), does + (" '" + mutexes[mutex].name) + "', which the task has not locked"});
            };
            const TaskStep& step = phase.steps[i];
            if (const auto* lock = std::get_if<step::Lock>(&step)) {
                held.insert(lock->mutex);
            } else if (const auto* acquire = std::get_if<step::Acquire>(&step)) {
                held.insert(acquire->mutexes.begin(), acquire->mutexes.end());
            } else if (const auto* unlock = std::get_if<step::Unlock>(&step)) {
                const auto it = held.find(unlock->mutex);
                if (it == held.end()) {
                    mistake("unlocks", unlock->mutex);
                } else {
                    held.erase(it);
                }
            } else if (const auto* wait = std::get_if<step::Wait>(&step); wait && !held.contains(wait->mutex)) {
                mistake("waits with", wait->mutex);
            }
        }
    }
    return mistakes;
}

} // namespace timeslice
