#include "core/workload/shared_arena.h"

#include <cassert>
#include <cerrno>
#include <sys/mman.h>

namespace timeslice {

Result<SharedArena> SharedArena::create(std::size_t bytes)
{
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return failErrno("cannot get " + std::to_string(bytes) + " bytes of shared memory for the workload", errno);
    }
    return SharedArena(memory, bytes);
}

SharedArena::SharedArena(void* memory, std::size_t bytes) noexcept
    : m_memory(memory)
    , m_bytes(bytes)
{
}

SharedArena::SharedArena(SharedArena&& other) noexcept
    : m_memory(std::exchange(other.m_memory, nullptr))
    , m_bytes(other.m_bytes)
    , m_used(other.m_used)
{
}

SharedArena::~SharedArena()
{
    if (m_memory != nullptr) {
        munmap(m_memory, m_bytes);
    }
}

void* SharedArena::take(std::size_t bytes) noexcept
{
    void* place = static_cast<std::byte*>(m_memory) + m_used;
    m_used += (bytes + kLine - 1) / kLine * kLine;
    assert(m_used <= m_bytes);
    return place;
}

} // namespace timeslice
