// WatchedPrograms: tells ProcessImages by looks into /proc of what the kernel's records would tell it: processes that
// come, begin another program, and end. What begins and ends between two looks stays unknown.
#pragma once

#include "core/record/process_images.h"
#include "core/record/program_looks.h"
#include "core/record/run_inference.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <map>
#include <vector>

namespace timeslice {

/// For one thread.
class WatchedPrograms {
public:
    /// As ProcessImages.
    explicit WatchedPrograms(RefusedPrograms& refused)
        : m_images(refused)
    {
    }

    /// Readings of all living threads at `now`, as RunInference has them; the GILs of `batch` must be in it.
    void observe(const std::vector<ThreadReading>& readings, Nanos now, bool last, Batch& batch);

private:
    struct Process {
        std::uint64_t stack = 0; ///< as ThreadReading
        std::size_t threads = 0;
        bool seen = false; ///< in the present observation
    };

    ProcessImages m_images;
    ProgramLooks m_looks;
    std::map<Pid, Process> m_processes;
};

} // namespace timeslice
