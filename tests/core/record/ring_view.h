// A ring of an event channel as it lies in the shared memory, for tests that look at it or scribble over it.
#pragma once

#include "core/record/channel.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

namespace timeslice::test {

/// Part of the channel's file, mapped for as long as it lives; ends the program where the system refuses.
class ChannelView {
public:
    ChannelView(const Channel& channel, std::uint64_t offset, std::uint64_t bytes)
        : m_bytes(bytes)
        , m_memory(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, channel.fd(), static_cast<off_t>(offset)))
    {
        if (m_memory == MAP_FAILED) {
            std::abort();
        }
    }
    ~ChannelView() { munmap(m_memory, m_bytes); }
    ChannelView(const ChannelView&) = delete;
    ChannelView& operator=(const ChannelView&) = delete;

    std::byte* bytes() const { return static_cast<std::byte*>(m_memory); }
    std::uint64_t size() const { return m_bytes; }

private:
    std::uint64_t m_bytes;
    void* m_memory;
};

class RingView {
public:
    RingView(const Channel& channel, std::uint32_t ring)
        : m_view(channel, channel.layout().ringOffset(ring), channel.layout().ringBytes())
    {
    }
    channel::RingHeader& header() const { return *reinterpret_cast<channel::RingHeader*>(m_view.bytes()); }
    Event* events() const { return reinterpret_cast<Event*>(m_view.bytes() + channel::kRingHeaderBytes); }
    /// As if a reader had read it, without its copying.
    void empty() const { header().tail.store(header().head.load(std::memory_order_relaxed)); }

private:
    ChannelView m_view;
};

/// The ring that thread `tid` claimed last, on a channel that no reader has given rings back to.
inline std::uint32_t ringOf(const Channel& channel, Tid tid)
{
    auto ring = static_cast<std::uint32_t>(channel.header().claimed.load());
    while (ring > 0 && RingView{channel, ring - 1}.header().tid != tid) {
        --ring;
    }
    return ring > 0 ? ring - 1 : 0;
}

} // namespace timeslice::test
