#include "core/rtapp/rtapp_resources.h"

namespace timeslice {

template <class Made>
std::size_t RtappResources::indexOf(Names& names, std::vector<Made>& all, const std::string& owner, Made made)
{
    const auto [it, isNew] = names.try_emplace({owner, made.name}, all.size());
    if (isNew) {
        all.push_back(std::move(made));
    }
    return it->second;
}

std::size_t RtappResources::mutex(const std::string& name, bool recorded)
{
    const std::size_t index =
        indexOf(m_mutexes, m_spec.mutexes, {}, MutexSpec{name, m_priorityInheritance, false, false});
    m_spec.mutexes[index].recorded |= recorded;
    return index;
}

std::size_t RtappResources::condition(const std::string& name)
{
    return indexOf(m_conditions, m_spec.conditions, {}, ConditionSpec{name});
}

std::size_t RtappResources::barrier(const std::string& name)
{
    return indexOf(m_barriers, m_spec.barriers, {}, BarrierSpec{name});
}

std::size_t RtappResources::semaphore(const std::string& name)
{
    return indexOf(m_semaphores, m_spec.semaphores, {}, SemaphoreSpec{name});
}

std::size_t RtappResources::timer(const std::string& name, const std::string& task)
{
    return indexOf(m_timers, m_spec.timers, task, TimerSpec{name, false, task.empty()});
}

std::size_t RtappResources::buffer(const BufferSpec& spec, const std::string& owner)
{
    return indexOf(m_buffers, m_spec.buffers, owner, spec);
}

std::size_t RtappResources::device(const std::string& path)
{
    if (m_spec.files.empty()) {
        m_spec.files.push_back({path, 0, path});
    }
    return 0;
}

} // namespace timeslice
