// What is true of the holds on any timeline, whatever was recorded.
#pragma once

#include "core/trace/timeline.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace timeslice::test {

/// No hold outlives the program in whose memory the lock lies, and no thread holds two GILs of one process at once.
/// "" or what is wrong.
inline std::string holdsGoneWrong(const Timeline& timeline)
{
    std::map<std::pair<std::uint32_t, Pid>, std::vector<TimeRange>> ofThread; // in the GILs of one process
    for (const LockInfo& lock : timeline.locks) {
        for (std::size_t i = 0; i < lock.track.size(); ++i) {
            const Slice hold = lock.track.slice(i);
            if (hold.value.state() != SliceState::Running) {
                continue;
            }
            const ThreadInfo& holder = timeline.threads[hold.value.subject()];
            const bool outlived = std::any_of(timeline.execs.begin(), timeline.execs.end(), [&](const ExecPoint& exec) {
                return exec.pid == holder.pid && hold.begin < exec.time && exec.time < hold.end;
            });
            if (outlived) {
                return holder.name + " holds " + lock.name + " beyond the exec of process "
                    + std::to_string(holder.pid);
            }
            if (lock.kind == ObjectKind::Gil) {
                ofThread[{hold.value.subject(), lock.pid}].push_back({hold.begin, hold.end});
            }
        }
    }
    for (auto& [who, holds] : ofThread) {
        std::sort(holds.begin(), holds.end(), [](TimeRange a, TimeRange b) { return a.begin < b.begin; });
        for (std::size_t i = 1; i < holds.size(); ++i) {
            if (holds[i].begin < holds[i - 1].end) {
                return timeline.threads[who.first].name + " holds two GILs of process " + std::to_string(who.second)
                    + " at " + std::to_string(holds[i].begin);
            }
        }
    }
    return {};
}

} // namespace timeslice::test
