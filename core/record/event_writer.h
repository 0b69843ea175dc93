// EventWriter: a thread's end of its ring in the event channel.
//
// Cost of record(): one clock read and one 32-byte store (budget: 1.25 x those two). No lock, no system call, no
// allocation, no exception; nothing is written but the thread's own ring.
#pragma once

#include "core/record/channel.h"
#include "core/trace/event.h"

#include <string_view>

namespace timeslice {

/// For one thread only, and not for its signal handlers. Without a ring (none left, or no channel) every record() is
/// counted as dropped, nothing else.
class EventWriter {
public:
    constexpr EventWriter() noexcept = default;
    /// Claims a ring of `channel` for the calling thread; `channel` must outlive the writer.
    explicit EventWriter(const Channel& channel, std::string_view name = {}, bool auxiliary = false) noexcept;

    bool attached() const noexcept { return m_ring != nullptr; }
    /// Renames the thread's track; cut to channel::kNameBytes.
    void setName(std::string_view name) noexcept;

    void record(EventKind kind, ObjectId object = 0, std::uint64_t value = 0, CpuId cpu = kNoCpu) noexcept
    {
        if (m_head != m_limit || makeRoom()) [[likely]] {
            put(monotonicNow(), kind, object, value, cpu);
        }
    }
    void recordAt(Nanos time, EventKind kind, ObjectId object = 0, std::uint64_t value = 0, CpuId cpu = kNoCpu) noexcept
    {
        if (m_head != m_limit || makeRoom()) [[likely]] {
            put(time, kind, object, value, cpu);
        }
    }

    /// The writer of the calling thread; unattached until attachThread(). In a forked child it is unattached again:
    /// the ring belongs to the parent's thread.
    static EventWriter& current() noexcept;
    static EventWriter& attachThread(const Channel& channel, std::string_view name, bool auxiliary = false) noexcept;
    /// Marks the calling thread's ring closed (optional; a ring left live is no error).
    static void detachThread() noexcept;

private:
    static void forgetRingInChild() noexcept;

    void put(Nanos time, EventKind kind, ObjectId object, std::uint64_t value, CpuId cpu) noexcept
    {
        m_events[m_head & m_mask] = Event{time, m_tid, m_pid, kind, cpu, object, value};
        m_ring->head.store(++m_head, std::memory_order_release);
    }
    /// The rare path: looks where the reader is. False, and the event counted as dropped, when there is no room.
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

namespace channel {
// Constant-initialized and without a destructor, so that reading it costs one register-relative load: no guard, no
// wrapper. initial-exec: the preloaded probe needs it to be usable before and inside malloc.
extern constinit thread_local EventWriter t_writer __attribute__((tls_model("initial-exec")));
} // namespace channel

inline EventWriter& EventWriter::current() noexcept
{
    return channel::t_writer;
}

} // namespace timeslice
