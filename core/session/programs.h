// Where the programs are that a run is made of.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace timeslice {

struct Programs {
    std::filesystem::path worker; ///< runs native workloads
    std::filesystem::path guard; ///< see core/session/guard.h
    std::filesystem::path probe; ///< libtimeslice-gil-probe.so; empty = not there: Python runs without its GIL shown
    std::string noProbe; ///< why it is empty, with the paths that were tried
    std::filesystem::path modules; ///< the folder of our Python module, for $PYTHONPATH; empty = no resources
};

/// $TIMESLICE_WORKER and $TIMESLICE_GUARD, else beside the running executable. Errors (Unsupported): not there, or not
/// executable, with the paths that were tried. The probe: $TIMESLICE_GIL_PROBE, else beside the executable, in
/// ../lib/timeslice, or where it is installed; that it is missing is no error.
Result<Programs> findPrograms();

} // namespace timeslice
