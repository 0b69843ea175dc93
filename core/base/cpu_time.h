// How long a core has worked for a process.
#pragma once

#include "core/base/time.h"

namespace timeslice {

/// CPU time of this process so far, of all threads that it has and had. Callable from any thread; never fails.
inline Nanos processCpuTime() noexcept
{
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return Nanos{used.tv_sec} * kSecond + used.tv_nsec;
}

} // namespace timeslice
