// Whose numbers process ids are.
#pragma once

#include <cstdint>
#include <sys/stat.h>

namespace timeslice {

/// The inode of the calling process's PID namespace: two processes with the same one mean the same by a pid. 0 where
/// /proc does not tell. No allocation; changes errno.
inline std::uint64_t ownPidNamespace() noexcept
{
    struct stat status { };
    return ::stat("/proc/self/ns/pid", &status) == 0 ? std::uint64_t{status.st_ino} : 0;
}

/// PROC_PID_INIT_INO in linux/proc_ns.h: the first namespace, in which every process has a number.
inline constexpr std::uint64_t kFirstPidNamespace = 0xEFFFFFFC;

inline bool inFirstPidNamespace() noexcept
{
    return ownPidNamespace() == kFirstPidNamespace;
}

} // namespace timeslice
