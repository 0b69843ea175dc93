#include "core/record/event_writer.h"

#include "core/record/pid_namespace.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <pthread.h>
#include <sys/mman.h>
#include <type_traits>
#include <unistd.h>

namespace timeslice {

static_assert(std::is_trivially_destructible_v<EventWriter>, "a destructor would cost every use of t_writer a guard");

namespace channel {
constinit thread_local EventWriter t_writer;
}

EventWriter::EventWriter(const Channel& channel, std::string_view name, bool auxiliary) noexcept
{
    static constinit std::atomic<std::uint64_t> pidNamespace{0}; // our workers never change theirs
    channel::Header& header = channel.header();
    const channel::Geometry& layout = channel.layout();
    m_writer.detachTo(&header);
    const std::optional<channel::RingClaim> claim = channel::claimRing(header, layout.rings);
    if (!claim) {
        header.threadsWithoutRing.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    void* block = mmap(nullptr, layout.ringBytes(), PROT_READ | PROT_WRITE, MAP_SHARED, channel.fd(),
        static_cast<off_t>(layout.ringOffset(claim->ring)));
    if (block == MAP_FAILED) {
        header.threadsWithoutMemory.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    madvise(block, layout.ringBytes(), MADV_DONTDUMP);
    madvise(block, layout.ringBytes(), MADV_DONTFORK);
    if (pidNamespace.load(std::memory_order_relaxed) == 0) {
        pidNamespace.store(ownPidNamespace(), std::memory_order_relaxed);
    }
    m_writer.attach(header, block, layout.ringCapacity, *claim,
        {gettid(), getpid(), pidNamespace.load(std::memory_order_relaxed), 0, auxiliary}, name);
}

EventWriter& EventWriter::attachThread(const Channel& channel, std::string_view name, bool auxiliary) noexcept
{
    static constinit std::atomic<bool> registered{false};
    if (!registered.exchange(true, std::memory_order_relaxed)) {
        pthread_atfork(nullptr, nullptr, &EventWriter::forgetRingInChild);
    }
    detachThread();
    channel::t_writer = EventWriter{channel, name, auxiliary};
    return channel::t_writer;
}

void EventWriter::detachThread() noexcept
{
    channel::t_writer.close();
    channel::t_writer = EventWriter{};
}

// Two threads that write one ring would tear its events apart, and the child does not have the memory. Until it
// attaches anew, what it records is counted as dropped.
void EventWriter::forgetRingInChild() noexcept
{
    channel::t_writer.m_writer.forgetRing();
}

} // namespace timeslice
