#include "core/record/event_writer.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <pthread.h>
#include <type_traits>
#include <unistd.h>

namespace timeslice {

static_assert(std::is_trivially_destructible_v<EventWriter>, "a destructor would cost every use of t_writer a guard");

namespace channel {
constinit thread_local EventWriter t_writer;
}

EventWriter::EventWriter(const Channel& channel, std::string_view name, bool auxiliary) noexcept
    : m_header(&channel.header())
    , m_tid(gettid())
    , m_pid(getpid())
{
    const ChannelGeometry geometry = channel.geometry();
    // Looked at first, so that no number of threads can make the counter wrap and hand out a ring twice.
    if (m_header->nextRing.load(std::memory_order_relaxed) >= geometry.rings) {
        return;
    }
    const std::uint32_t index = m_header->nextRing.fetch_add(1, std::memory_order_acq_rel);
    if (index >= geometry.rings) {
        return;
    }
    m_ring = &channel.ring(index);
    m_events = channel.events(index);
    m_mask = geometry.ringCapacity - 1;
    m_ring->tid = m_tid;
    m_ring->pid = m_pid;
    m_ring->flags = auxiliary ? channel::kRingAuxiliary : 0;
    setName(name);
    m_ring->state.store(static_cast<std::uint32_t>(channel::RingState::Live), std::memory_order_release);
}

void EventWriter::setName(std::string_view name) noexcept
{
    if (m_ring == nullptr) {
        return;
    }
    // A sequence lock: odd while the name changes. Release on every byte keeps them behind the odd number, and the
    // even number behind them; a fence would do the same but ThreadSanitizer does not know fences.
    const std::uint32_t version = m_ring->nameVersion.load(std::memory_order_relaxed);
    m_ring->nameVersion.store(version + 1, std::memory_order_relaxed);
    const std::string_view shortened = utf8Prefix(name, channel::kNameBytes);
    for (std::size_t i = 0; i < channel::kNameBytes; ++i) {
        std::atomic_ref<char>{m_ring->name[i]}.store(
            i < shortened.size() ? shortened[i] : '\0', std::memory_order_release);
    }
    m_ring->nameVersion.store(version + 2, std::memory_order_release);
}

bool EventWriter::makeRoom() noexcept
{
    if (m_ring == nullptr) {
        if (m_header != nullptr) {
            m_header->droppedWithoutRing.fetch_add(1, std::memory_order_relaxed);
        }
        return false;
    }
    const std::uint64_t capacity = std::uint64_t{m_mask} + 1;
    const std::uint64_t unread = m_head - m_ring->tail.load(std::memory_order_acquire);
    if (unread < capacity) {
        m_limit = m_head + (capacity - unread);
        if (m_head < capacity) {
            m_limit = std::min(m_limit, m_head + mapAhead());
        }
        return true;
    }
    // Full (or the tail is nonsense). Only this thread writes the count, so no locked instruction is needed.
    m_ring->dropped.store(m_ring->dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
}

// On the first lap every page of the ring is new to this process. A write fault maps one page; a read fault maps all
// of an aligned 64 KiB that are allocated (fault_around_bytes, mm/memory.c), and the reader allocates them ahead of us
// (ChannelReader). So one look at the start of each such block saves 15 of 16 faults. Returns how many events from
// m_head on lie in the block.
std::uint64_t EventWriter::mapAhead() noexcept
{
    constexpr std::uintptr_t kFaultAround = 65536;
    const Event* next = m_events + (m_head & m_mask);
    [[maybe_unused]] const char looked = *reinterpret_cast<const volatile char*>(next);
    return (kFaultAround - reinterpret_cast<std::uintptr_t>(next) % kFaultAround) / sizeof(Event);
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
    EventWriter& writer = channel::t_writer;
    if (writer.m_ring != nullptr) {
        writer.m_ring->state.store(static_cast<std::uint32_t>(channel::RingState::Closed), std::memory_order_release);
    }
    writer = EventWriter{};
}

// Two threads that write one ring would tear its events apart. Until the child attaches anew, what it records is
// counted as dropped.
void EventWriter::forgetRingInChild() noexcept
{
    EventWriter& writer = channel::t_writer;
    channel::Header* header = writer.m_header;
    writer = EventWriter{};
    writer.m_header = header;
}

} // namespace timeslice
