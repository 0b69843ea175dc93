#include "core/analysis/names.h"

namespace timeslice {

std::string threadName(const Timeline& timeline, std::uint32_t thread)
{
    if (thread >= timeline.threads.size()) {
        return "an unknown thread";
    }
    const ThreadInfo& info = timeline.threads[thread];
    return info.name.empty() ? "thread " + std::to_string(info.tid) : info.name;
}

std::string lockName(const Timeline& timeline, std::uint32_t lock)
{
    if (lock >= timeline.locks.size()) {
        return "an unknown lock";
    }
    const LockInfo& info = timeline.locks[lock];
    return info.name.empty() ? "lock " + std::to_string(info.id) : info.name;
}

} // namespace timeslice
