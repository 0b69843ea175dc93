// The probe's end of the event channel (layout and rules: core/record/channel_layout.h).
//
// core/record's Channel and EventWriter do the same for our own programs, with std::string and Result<T>; both would
// bring the C++ library, its start-up allocations and its exceptions into programs that are not ours. So this is a
// writer of its own: the mapping is looked at once, checked as Channel::open() checks it, and kept for the life of the
// process; nothing is allocated, printed or thrown. tests/core/probe reads what it writes with ChannelReader.
#pragma once

#include "core/record/channel_layout.h"

#include <cstdint>

namespace timeslice::probe {

/// The mapped channel. The same for every thread; inherited through fork.
struct ChannelMap {
    channel::Header* header = nullptr;
    channel::Object* objects = nullptr;
    channel::RingHeader* rings = nullptr;
    Event* events = nullptr;
    std::uint32_t ringCount = 0;
    std::uint32_t ringCapacity = 0;
    std::uint32_t objectCount = 0;

    /// Claims and publishes an object; 0 when the table is full. Any thread.
    ObjectId addObject(ObjectKind kind, const char* name, Pid pid) const noexcept;
};

/// The channel that TIMESLICE_CHANNEL names; opened by the first call, nullptr if that fails. No descriptor stays
/// open. Any thread; keeps errno.
const ChannelMap* openChannel() noexcept;

/// A thread's ring, used by that thread alone. Without a ring every event counts as dropped.
class RingWriter {
public:
    constexpr RingWriter() noexcept = default;

    /// Nothing was claimed yet (a claim that found no free ring counts as one).
    bool claimed() const noexcept { return m_header != nullptr; }
    void claim(const ChannelMap& channel, const char* name) noexcept;
    void setName(const char* name) noexcept;
    /// No event may follow.
    void close() noexcept;
    void record(Nanos time, EventKind kind, ObjectId object, std::uint64_t value) noexcept
    {
        if (m_head != m_limit || makeRoom()) [[likely]] {
            m_events[m_head & m_mask] = Event{time, m_tid, m_pid, kind, kNoCpu, object, value};
            m_ring->head.store(++m_head, std::memory_order_release);
        }
    }

private:
    bool makeRoom() noexcept;
    std::uint64_t mapAhead() noexcept;

    channel::Header* m_header = nullptr;
    channel::RingHeader* m_ring = nullptr;
    Event* m_events = nullptr;
    std::uint64_t m_head = 0;
    std::uint64_t m_limit = 0; ///< head may run up to here before makeRoom() must be asked
    std::uint32_t m_mask = 0;
    Tid m_tid = 0;
    Pid m_pid = 0;
};

} // namespace timeslice::probe
