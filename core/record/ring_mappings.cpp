#include "core/record/ring_mappings.h"

#include <algorithm>
#include <sys/mman.h>

namespace timeslice {

namespace {

constexpr std::uint64_t kSlabBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kMostRingsPerSlab = 64;

} // namespace

RingMappings::RingMappings(const Channel& channel)
    : m_channel(channel)
    , m_ringsPerSlab(static_cast<std::uint32_t>(
          std::clamp<std::uint64_t>(kSlabBytes / channel.layout().ringBytes(), 1, kMostRingsPerSlab)))
{
}

RingMappings::~RingMappings()
{
    for (std::uint32_t i = 0; i < m_slabs.size(); ++i) {
        if (m_slabs[i].memory != nullptr) {
            munmap(m_slabs[i].memory, ringsOf(i) * m_channel.layout().ringBytes());
        }
    }
}

std::byte* RingMappings::acquire(std::uint32_t ring)
{
    const std::uint32_t index = ring / m_ringsPerSlab;
    if (index >= m_slabs.size()) {
        m_slabs.resize(index + 1);
    }
    Slab& slab = m_slabs[index];
    const channel::Geometry& layout = m_channel.layout();
    if (slab.memory == nullptr) {
        void* memory = mmap(nullptr, ringsOf(index) * layout.ringBytes(), PROT_READ | PROT_WRITE, MAP_SHARED,
            m_channel.fd(), static_cast<off_t>(layout.ringOffset(index * m_ringsPerSlab)));
        if (memory == MAP_FAILED) {
            return nullptr;
        }
        slab.memory = static_cast<std::byte*>(memory);
    }
    ++slab.users;
    return slab.memory + (ring % m_ringsPerSlab) * layout.ringBytes();
}

void RingMappings::release(std::uint32_t ring) noexcept
{
    const std::uint32_t index = ring / m_ringsPerSlab;
    Slab& slab = m_slabs[index];
    if (--slab.users == 0) {
        munmap(slab.memory, ringsOf(index) * m_channel.layout().ringBytes());
        slab.memory = nullptr;
    }
}

std::uint32_t RingMappings::ringsOf(std::uint32_t slab) const noexcept
{
    return std::min(m_ringsPerSlab, m_channel.layout().rings - slab * m_ringsPerSlab);
}

} // namespace timeslice
