// WatchedPrograms: tells ProcessImages by looks into /proc what the kernel's records would tell it at once.
//
// What begins and ends between two looks stays unknown, and a GIL that is not recorded with it.
#pragma once

#include "core/record/process_images.h"
#include "core/record/run_inference.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

namespace timeslice {

/// For one thread.
class WatchedPrograms {
public:
    /// Readings of all living threads at `now`, as RunInference has them; the GILs of `batch` must be in it.
    void observe(const std::vector<ThreadReading>& readings, Nanos now, bool last, Batch& batch);

private:
    struct Process {
        std::uint64_t stack = 0; ///< as ThreadReading
        Nanos nextLook = 0; ///< libraries come late, some by dlopen
        Nanos interval = 0; ///< from one look to the next; doubled each time
        std::unordered_set<std::string> known; ///< files that are mapped
        std::size_t threads = 0;
        bool seen = false; ///< in the present observation
    };
    void look(Pid pid, Process& process, Nanos now);

    ProcessImages m_images;
    std::map<Pid, Process> m_processes;
    std::string m_text;
};

} // namespace timeslice
