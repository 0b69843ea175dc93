// ProgramLooks: looks into /proc/PID/maps, to tell ProcessImages which files are mapped into a process to be run.
//
// A process is looked at soon after it began a program, and then at intervals that double, as libraries come late, some
// by dlopen. What begins and ends between two looks is never seen. (The kernel's mapping records would show all, but
// their making costs every program on the machine 1.5 us for each file that it maps, some 30 us an exec.)
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/record/process_images.h"

#include <string>
#include <unordered_map>

namespace timeslice {

/// For one thread.
class ProgramLooks {
public:
    /// Looks at the next look(), and from then on as the intervals come.
    void begun(Pid pid, Nanos now);
    /// A child runs its parent's program; it is looked at when it has had time to begin another.
    void forked(Pid child, Nanos now);

    /// Those whose time has come and that are not settled; 1.5 us of CPU time a mapping.
    void look(ProcessImages& images);

private:
    struct Schedule {
        Nanos next = 0;
        Nanos interval = 0; ///< 0: not looked at yet
    };
    bool lookAt(Pid pid, Schedule& schedule, ProcessImages& images);

    std::unordered_map<Pid, Schedule> m_schedules;
    std::string m_text;
};

} // namespace timeslice
