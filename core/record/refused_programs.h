// RefusedPrograms: the programs of a run that were started without the probe because it cannot be loaded into them, as
// whoever starts them tells. They may be over before anybody could look at them.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/record/program_file.h"

#include <mutex>
#include <string>
#include <vector>

namespace timeslice {

struct RefusedProgram {
    Nanos time = 0; ///< at which it was told
    Pid pid = 0;
    std::string command; ///< what the kernel calls it once it runs
    std::string name; ///< of the program's file
    ProgramFile file;
    bool runs = false; ///< already; otherwise the process is about to become it, unless that fails
};

/// Any thread.
class RefusedPrograms {
public:
    /// Looks at the file where the process sees it, else under the same path here. What is no program, or cannot be
    /// read, is left out.
    void add(Pid pid, const std::string& command, const std::string& path, bool runs);
    /// All that were added since the last call, in the order of time.
    std::vector<RefusedProgram> take();

private:
    std::mutex m_mutex;
    std::vector<RefusedProgram> m_programs;
};

} // namespace timeslice
