// The names that a file in rt-app's grammar uses, each made when it is first met, as rt-app does it.
#pragma once

#include "core/workload/workload_spec.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace timeslice {

/// Adds to `spec`, which must outlive it; gives indices in it.
class RtappResources {
public:
    RtappResources(WorkloadSpec& spec, bool priorityInheritance)
        : m_spec(spec)
        , m_priorityInheritance(priorityInheritance)
    {
    }

    /// One that events lock and unlock is on the timeline; one that only suspend and resume need is not.
    std::size_t mutex(const std::string& name, bool recorded = true);
    std::size_t condition(const std::string& name);
    std::size_t barrier(const std::string& name);
    std::size_t semaphore(const std::string& name);
    /// `task`: which names of its own are looked up in; "" for a name that all share.
    std::size_t timer(const std::string& name, const std::string& task);
    /// The same; `spec` is made unless the name is there, with whatever it is then: compare.
    std::size_t buffer(const BufferSpec& spec, const std::string& owner);
    /// The one file that all "iorun" write to.
    std::size_t device(const std::string& path);

    WorkloadSpec& spec() noexcept { return m_spec; }

private:
    using Names = std::map<std::pair<std::string, std::string>, std::size_t>; ///< by owner and name
    template <class Made>
    static std::size_t indexOf(Names& names, std::vector<Made>& all, const std::string& owner, Made made);

    WorkloadSpec& m_spec;
    bool m_priorityInheritance;
    Names m_mutexes;
    Names m_conditions;
    Names m_barriers;
    Names m_semaphores;
    Names m_timers;
    Names m_buffers;
};

} // namespace timeslice
