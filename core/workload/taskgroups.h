// The control groups that a workload puts its threads into, as rt-app's "taskgroup" asks for.
//
// As there, of the first version of cgroups: directories below the place where the controller "cpu" is mounted. The
// second version only lets a process as a whole change its group where others are in charge.
#pragma once

#include "core/base/result.h"
#include "core/workload/workload_spec.h"

#include <string>
#include <vector>

namespace timeslice {

/// Those that were missing, and were made for a run; removed when it is destroyed, unless a thread is still in one. Who
/// is killed before that leaves their names behind, for its guard to remove them (ProcessSpec::made).
class Taskgroups {
public:
    Taskgroups() noexcept = default;
    /// All that the workload names. Of each that is made the directory is noted in `made`, ended by '\0'; -1: nowhere.
    /// Errors: Unsupported, with what it takes.
    static Result<Taskgroups> create(const WorkloadSpec& workload, int made = -1);
    Taskgroups(Taskgroups&& other) noexcept;
    Taskgroups& operator=(Taskgroups&& other) noexcept;
    ~Taskgroups();

    /// Puts the calling thread into a group that is there. Errors: Unsupported.
    static Result<void> enter(const std::string& name);

private:
    Result<void> make(const std::string& name, int made);

    std::vector<std::string> m_made; ///< directories, the outer before the inner
};

} // namespace timeslice
