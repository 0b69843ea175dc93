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

} // namespace timeslice
