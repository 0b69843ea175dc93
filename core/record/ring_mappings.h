// RingMappings: the reader's view of the rings of a channel, mapped where they are in use.
#pragma once

#include "core/record/channel.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace timeslice {

/// Rings are mapped several at a time, so that a thread that comes costs no system call here, and unmapped again, so
/// that the address space is in proportion to the rings in use. For one thread. The channel must outlive it.
class RingMappings {
public:
    explicit RingMappings(const Channel& channel);
    ~RingMappings();
    RingMappings(const RingMappings&) = delete;
    RingMappings& operator=(const RingMappings&) = delete;

    /// The block of a ring (< geometry().rings), valid until as many release(). nullptr if the system refuses.
    std::byte* acquire(std::uint32_t ring);
    void release(std::uint32_t ring) noexcept;

private:
    struct Slab {
        std::byte* memory = nullptr;
        std::uint32_t users = 0;
    };
    std::uint32_t ringsOf(std::uint32_t slab) const noexcept;

    const Channel& m_channel;
    std::uint32_t m_ringsPerSlab;
    std::vector<Slab> m_slabs; ///< as far as they were ever used
};

} // namespace timeslice
