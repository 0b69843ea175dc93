// An interpreter that is run for what it says, and not for long.
#pragma once

#include "core/base/time.h"

#include <string>
#include <vector>

namespace timeslice {

/// How it ended, and what it said.
struct BriefRun {
    bool late = false; ///< not waited for any longer
    bool stopped = false; ///< late because of the stop
    int startError = 0; ///< errno where it could not be started
    bool good = false; ///< exit status 0, as far as is known
    std::string output; ///< both streams
};

/// Runs words[0] with input from /dev/null, as a process group of its own that is killed at the deadline
/// (monotonicNow()), or when `stopFd` (-1 = none) becomes readable. Any thread; blocks.
BriefRun runBriefly(const std::vector<std::string>& words, Nanos deadline, int stopFd = -1);

} // namespace timeslice
