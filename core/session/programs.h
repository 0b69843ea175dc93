// Where the programs are that a run is made of.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace timeslice {

struct Programs {
    std::filesystem::path worker; ///< runs native workloads
    std::filesystem::path guard; ///< see core/session/guard.h
};

/// $TIMESLICE_WORKER and $TIMESLICE_GUARD, else beside the running executable. Errors (Unsupported): not there, or not
/// executable, with the paths that were tried.
Result<Programs> findPrograms();

} // namespace timeslice
