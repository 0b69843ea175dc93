// The probe's end of the event channel (layout and rules: core/record/channel_layout.h).
//
// The channel's index is mapped once, checked as Channel::open() checks it, and kept for the life of the process; the
// ring of a thread is mapped when the thread first records and unmapped when it ends. Nothing is allocated, printed or
// thrown; no descriptor stays open. tests/core/probe reads what it writes with ChannelReader.
#pragma once

#include "core/probe/file_window.h"
#include "core/record/channel_layout.h"
#include "core/record/ring_writer.h"

#include <cstdint>

namespace timeslice::probe {

/// Why a thread has no ring.
enum class RingRefusal : std::uint8_t {
    None, ///< it has one
    Memory, ///< the system refuses its process the address space
    NoneFree,
};

/// The mapped channel. The same for every thread; inherited through fork.
struct ChannelMap {
    KeptMapping index;
    channel::Geometry geometry;
    std::uint64_t image = 0; ///< RingHeader::image: when it was opened

    channel::Header& header() const noexcept { return *static_cast<channel::Header*>(index.memory); }
    /// Claims and publishes an object; 0 when the table is full or its page cannot be mapped. Any thread.
    ObjectId addObject(ObjectKind kind, const char* name, Pid pid) const noexcept;
    /// Claims and maps a ring for the calling thread. A writer that is refused counts what it drops. Any thread.
    RingRefusal attach(channel::RingWriter& writer, channel::RingOwner owner, const char* name) const noexcept;
};

/// The channel, opened by the first call; nullptr if that fails. Any thread; keeps errno.
const ChannelMap* openChannel() noexcept;

/// A thread's ring, used by that thread alone. Without a ring every event counts as dropped.
class RingWriter {
public:
    constexpr RingWriter() noexcept = default;

    /// Nothing was claimed yet (a claim that found no free ring counts as one).
    bool claimed() const noexcept { return m_header != nullptr; }
    /// Of the process that claimed it; 0 = it got none.
    Pid pid() const noexcept { return m_pid; }
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
