// BuilderOptions: what is known of a run before its first event.
#pragma once

#include "core/base/ids.h"

#include <string>
#include <vector>

namespace timeslice {

struct BuilderOptions {
    std::vector<CpuId> cpus; ///< the cores to show
    Pid rootPid = 0; ///< process that was started
    bool rootIsAuxiliary = false; ///< its main thread only coordinates (native worker)
    std::string gilNote = {}; ///< Timeline::gilNote, where it is known from the start
};

} // namespace timeslice
