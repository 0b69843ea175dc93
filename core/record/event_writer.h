// EventWriter: a thread's end of its ring in the event channel.
//
// Cost of record(): one clock read and one 32-byte store (budget: 1.25 x those two).
#pragma once

#include "core/record/channel.h"
#include "core/trace/event.h"

#include <string_view>

namespace timeslice {

/// For one thread only. Without a ring (none left, or no channel) every record() is counted as dropped, nothing else.
class EventWriter {
public:
    EventWriter() noexcept = default;
    /// Claims a ring of `channel` for the calling thread; `channel` must outlive the writer.
    explicit EventWriter(const Channel& channel, std::string_view name = {}, bool auxiliary = false) noexcept;

    bool attached() const noexcept { return m_ring != nullptr; }
    /// Renames the thread's track.
    void setName(std::string_view name) noexcept;

    void record(EventKind kind, ObjectId object = 0, std::uint64_t value = 0) noexcept
    {
        recordAt(monotonicNow(), kind, object, value);
    }
    void recordAt(Nanos time, EventKind kind, ObjectId object = 0, std::uint64_t value = 0) noexcept;

    /// The writer of the calling thread; unattached until attachThread(). A forked child must attach anew.
    static EventWriter& current() noexcept;
    static EventWriter& attachThread(const Channel& channel, std::string_view name, bool auxiliary = false) noexcept;
    /// Marks the calling thread's ring closed (optional; a ring left live is no error).
    static void detachThread() noexcept;

private:
    channel::Header* m_header = nullptr;
    channel::RingHeader* m_ring = nullptr;
    Event* m_events = nullptr;
    std::uint64_t m_head = 0;
    std::uint64_t m_limit = 0; ///< head may run up to here before the reader's tail must be looked at again
    std::uint32_t m_mask = 0;
    Tid m_tid = 0;
    Pid m_pid = 0;
};

} // namespace timeslice
