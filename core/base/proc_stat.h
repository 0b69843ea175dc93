// What /proc/PID/stat says of a process, and /proc/PID/task/TID/stat of a thread: proc(5).
#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace timeslice {

struct ProcStat {
    std::string name; ///< cleaned: a program may give itself any
    char state = '\0'; ///< R runs or is ready, S sleeps, D sleeps uninterruptibly, Z has ended, ...
    Pid parent = 0;
    std::uint64_t flags = 0; ///< PF_... of linux/sched.h
    std::int64_t cpuTicks = 0; ///< user and system, in clock ticks (sysconf(_SC_CLK_TCK)); not of its children
    /// Addresses, 0 when they are none of our business: the stack begins here, the arguments' words stand there.
    std::uint64_t stack = 0;
    std::uint64_t argumentsBegin = 0;
    std::uint64_t argumentsEnd = 0;
    CpuId core = 0; ///< where it runs or ran last

    bool hasEnded() const noexcept { return state == 'Z' || state == 'X'; }
};

/// Nothing when the text is none of these files.
std::optional<ProcStat> parseProcStat(std::string_view text);

/// Nothing when it cannot be read: most often it is gone. Any thread.
std::optional<ProcStat> readProcStat(Pid process);
std::optional<ProcStat> readProcStat(Pid process, Tid thread);

} // namespace timeslice
