// EventWriter: a thread's end of its ring in the event channel.
//
// Cost of record(): one clock read and one 32-byte store (budget: 1.25 x those two). No lock, no system call, no
// allocation, no exception; nothing is written but the thread's own ring.
#pragma once

#include "core/record/channel.h"
#include "core/record/ring_writer.h"
#include "core/trace/event.h"

#include <string_view>

namespace timeslice {

/// For one thread only, and not for its signal handlers. Without a ring (none free, no memory, or no channel) every
/// record() is counted as dropped, nothing else.
class EventWriter {
public:
    constexpr EventWriter() noexcept = default;
    /// Claims and maps a ring of `channel` for the calling thread; `channel` must outlive the writer. A forked child
    /// does not have it.
    explicit EventWriter(const Channel& channel, std::string_view name = {}, bool auxiliary = false) noexcept;

    bool attached() const noexcept { return m_writer.attached(); }
    /// Renames the thread's track; cut to channel::kNameBytes.
    void setName(std::string_view name) noexcept { m_writer.setName(name); }
    /// Before work of which so many events are recorded as fast as they come: see RingWriter::touchAhead().
    void touchAhead(std::uint64_t events) noexcept { m_writer.touchAhead(events); }

    void record(EventKind kind, ObjectId object = 0, std::uint64_t value = 0, CpuId cpu = kNoCpu) noexcept
    {
        if (m_writer.hasRoom()) [[likely]] {
            m_writer.put(monotonicNow(), kind, object, value, cpu);
        }
    }
    void recordAt(Nanos time, EventKind kind, ObjectId object = 0, std::uint64_t value = 0, CpuId cpu = kNoCpu) noexcept
    {
        m_writer.record(time, kind, object, value, cpu);
    }
    /// Gives the ring back: the thread has recorded its last event. Optional; a thread that ends without is found out.
    void close() noexcept { m_writer.close(); }

    /// The writer of the calling thread; unattached until attachThread(). In a forked child it is unattached again:
    /// the ring belongs to the parent's thread.
    static EventWriter& current() noexcept;
    static EventWriter& attachThread(const Channel& channel, std::string_view name, bool auxiliary = false) noexcept;
    /// Closes the calling thread's ring.
    static void detachThread() noexcept;

private:
    static void forgetRingInChild() noexcept;

    channel::RingWriter m_writer;
};

namespace channel {
// Constant-initialized and without a destructor, so that reading it costs one register-relative load: no guard, no
// wrapper. initial-exec: usable before and inside malloc.
extern constinit thread_local EventWriter t_writer __attribute__((tls_model("initial-exec")));
} // namespace channel

inline EventWriter& EventWriter::current() noexcept
{
    return channel::t_writer;
}

} // namespace timeslice
