// The writers' end of the event channel (channel_layout.h): claiming a ring, writing it, publishing an object.
//
// For our own workers and for the preloaded probe alike, so nothing here allocates, throws, or calls more of the C
// library than munmap(). How a ring's block comes to be mapped is the caller's business.
#pragma once

#include "core/base/clean_name.h"
#include "core/record/channel_layout.h"

#include <atomic>
#include <cstring>
#include <optional>
#include <string_view>
#include <sys/mman.h>

namespace timeslice::channel {

struct RingClaim {
    std::uint32_t ring = 0; ///< < the geometry's rings
    std::uint64_t number = 0; ///< RingHeader::claim
};

/// Takes a free ring; none if there is none now (the reader offers more as soon as it comes to it). Any thread.
inline std::optional<RingClaim> claimRing(Header& header, std::uint32_t rings) noexcept
{
    // A try fails only when another thread's has succeeded.
    constexpr int kMostTries = 1'000;
    for (int i = 0; i < kMostTries; ++i) {
        std::uint64_t claimed = header.claimed.load(std::memory_order_acquire);
        const std::uint64_t left = header.offered.load(std::memory_order_acquire) - claimed;
        if (left == 0) {
            return std::nullopt;
        }
        if (left > kFreeRings) { // both went on between the two looks, or the counts are nonsense
            continue;
        }
        // Not overwritten before the count has moved on, and then the exchange fails.
        const std::uint32_t ring = header.free[claimed % kFreeRings].load(std::memory_order_relaxed);
        if (header.claimed.compare_exchange_weak(claimed, claimed + 1, std::memory_order_acq_rel)) {
            return ring < rings ? std::optional(RingClaim{ring, claimed + 1}) : std::nullopt;
        }
    }
    return std::nullopt;
}

/// Takes the next number for an object; 0 when there is none left. Any thread.
inline ObjectId claimObject(Header& header, std::uint32_t objects) noexcept
{
    // Looked at first, so that no number of births can make the counter wrap and hand out an object twice.
    if (header.nextObject.load(std::memory_order_relaxed) >= objects) {
        return 0;
    }
    const std::uint32_t id = header.nextObject.fetch_add(1, std::memory_order_acq_rel);
    return id < objects ? id : 0;
}

inline void publishObject(Object& object, ObjectKind kind, Pid pid, std::string_view name) noexcept
{
    object.kind = static_cast<std::uint32_t>(kind);
    object.pid = pid;
    const std::string_view shortened = utf8Prefix(name, kNameBytes);
    std::memset(object.name, 0, sizeof object.name);
    std::memcpy(object.name, shortened.data(), shortened.size());
    object.ready.store(1, std::memory_order_release);
}

/// What a thread says of itself in its ring.
struct RingOwner {
    Tid tid = 0;
    Pid pid = 0;
    std::uint64_t pidNamespace = 0;
    std::uint64_t image = 0; ///< as RingHeader has it
    bool auxiliary = false;
};

/// For one thread only, and not for its signal handlers. Without a ring every event is counted as dropped, or, if not
/// even counters are known, ignored. Copies are the same writer; trivially destructible.
class RingWriter {
public:
    constexpr RingWriter() noexcept = default;

    bool attached() const noexcept { return m_ring != nullptr; }
    /// Knows where to count, be it without a ring.
    bool hasCounters() const noexcept { return m_header != nullptr; }
    /// Of the process that claimed it; 0 = it got none.
    Pid pid() const noexcept { return m_pid; }
    /// From now on events are counted as dropped in `header`, if there is one.
    void detachTo(Header* header) noexcept
    {
        *this = {};
        m_header = header;
    }
    /// In a forked child: the ring is the parent's, and its memory is not there.
    void forgetRing() noexcept { detachTo(m_header); }
    /// `block` is the claimed ring, mapped whole.
    void attach(Header& header, void* block, std::uint32_t capacity, RingClaim claim, const RingOwner& owner,
        std::string_view name) noexcept
    {
        auto* bytes = static_cast<std::byte*>(block);
        *this = {};
        m_header = &header;
        m_ring = reinterpret_cast<RingHeader*>(bytes);
        m_events = reinterpret_cast<Event*>(bytes + kRingHeaderBytes);
        m_mask = capacity - 1;
        m_claim = claim.number;
        m_tid = owner.tid;
        m_pid = owner.pid;
        m_ring->tid = owner.tid;
        m_ring->pid = owner.pid;
        m_ring->flags = owner.auxiliary ? kRingAuxiliary : 0;
        m_ring->pidNamespace = owner.pidNamespace;
        m_ring->image = owner.image;
        m_ring->claim.store(claim.number, std::memory_order_relaxed);
        setName(name);
        m_ring->state.store(static_cast<std::uint32_t>(RingState::Live), std::memory_order_release);
    }
    /// Cut to kNameBytes.
    void setName(std::string_view name) noexcept
    {
        if (m_ring == nullptr) {
            return;
        }
        // A sequence lock: odd while the name changes. Release on every byte keeps them behind the odd number, and the
        // even number behind them; a fence would do the same but ThreadSanitizer does not know fences.
        const std::uint32_t version = m_ring->nameVersion.load(std::memory_order_relaxed);
        m_ring->nameVersion.store(version + 1, std::memory_order_relaxed);
        const std::string_view shortened = utf8Prefix(name, kNameBytes);
        for (std::size_t i = 0; i < kNameBytes; ++i) {
            std::atomic_ref<char>{m_ring->name[i]}.store(
                i < shortened.size() ? shortened[i] : '\0', std::memory_order_release);
        }
        m_ring->nameVersion.store(version + 2, std::memory_order_release);
    }
    /// Gives the ring back and unmaps it; events that follow are counted as dropped.
    void close() noexcept
    {
        if (m_ring != nullptr) {
            RingHeader* ring = m_ring;
            const std::uint64_t bytes = Geometry{1, m_mask + 1, 1}.ringBytes();
            if (stillOurs()) {
                ring->state.store(static_cast<std::uint32_t>(RingState::Closed), std::memory_order_release);
            }
            munmap(ring, bytes);
        }
        detachTo(m_header);
    }

    /// Maps the memory of the first `events` events of the ring, or of all of it if it is smaller, by writing to each
    /// page: recording them then costs no page fault, wherever the reader is. For a thread that is about to record as
    /// fast as it can; takes the time of those faults, some microseconds each, and the memory of those events. Later
    /// laps find their pages mapped.
    void touchAhead(std::uint64_t events) noexcept
    {
        const std::uint64_t capacity = std::uint64_t{m_mask} + 1;
        if (m_ring == nullptr || m_head >= capacity) {
            return;
        }
        const std::uint64_t until = events < capacity ? events : capacity;
        constexpr std::uint64_t kEventsPerPage = kPage / sizeof(Event);
        for (std::uint64_t i = inPages(m_head * sizeof(Event)) / sizeof(Event); i < until; i += kEventsPerPage) {
            *reinterpret_cast<volatile char*>(m_events + i) = 0; // not published yet, so nobody reads it
        }
        m_touched = until > m_touched ? until : m_touched;
        if (m_head < m_touched && stillOurs()) {
            limitTo(m_ring->tail.load(std::memory_order_acquire)); // so that not the first event has to look either
        }
    }

    bool hasRoom() noexcept { return m_head != m_limit || makeRoom(); }
    /// Only after hasRoom().
    void put(Nanos time, EventKind kind, ObjectId object, std::uint64_t value, CpuId cpu) noexcept
    {
        m_events[m_head & m_mask] = Event{time, m_tid, m_pid, kind, cpu, object, value};
        m_ring->head.store(++m_head, std::memory_order_release);
    }
    void record(Nanos time, EventKind kind, ObjectId object, std::uint64_t value, CpuId cpu = kNoCpu) noexcept
    {
        if (hasRoom()) [[likely]] {
            put(time, kind, object, value, cpu);
        }
    }

private:
    bool stillOurs() const noexcept { return m_ring->claim.load(std::memory_order_relaxed) == m_claim; }

    /// The rare path: looks where the reader is. False, and the event counted as dropped, when there is no room.
    [[gnu::noinline]] bool makeRoom() noexcept
    {
        if (m_ring != nullptr && !stillOurs()) [[unlikely]] {
            munmap(m_ring, Geometry{1, m_mask + 1, 1}.ringBytes());
            detachTo(m_header);
        }
        if (m_ring == nullptr) {
            if (m_header != nullptr) {
                m_header->droppedWithoutRing.fetch_add(1, std::memory_order_relaxed);
            }
            return false;
        }
        if (limitTo(m_ring->tail.load(std::memory_order_acquire))) {
            return true;
        }
        // Full (or the tail is nonsense). Only this thread writes the count, so no locked instruction is needed.
        m_ring->dropped.store(m_ring->dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return false;
    }

    /// Lets head run up to where the reader was. False, and the limit as it is, when there is no room.
    bool limitTo(std::uint64_t tail) noexcept
    {
        const std::uint64_t capacity = std::uint64_t{m_mask} + 1;
        const std::uint64_t unread = m_head - tail;
        if (unread >= capacity) {
            return false;
        }
        m_limit = m_head + (capacity - unread);
        if (m_head < capacity) {
            const std::uint64_t mapped = m_head < m_touched ? m_touched : m_head + mapAhead();
            m_limit = mapped < m_limit ? mapped : m_limit;
        }
        return true;
    }

    // On the first lap every page of the ring is new to this process, unless touchAhead() has been there. A write fault
    // maps one page; a read fault maps all of an aligned 64 KiB that are allocated (fault_around_bytes, mm/memory.c),
    // and the reader allocates them ahead of us (ChannelReader). So one look at the start of each such block saves 15
    // of 16 faults. Returns how many events from m_head on lie in the block.
    std::uint64_t mapAhead() noexcept
    {
        constexpr std::uintptr_t kFaultAround = 65536;
        const Event* next = m_events + (m_head & m_mask);
        [[maybe_unused]] const char looked = *reinterpret_cast<const volatile char*>(next);
        return (kFaultAround - reinterpret_cast<std::uintptr_t>(next) % kFaultAround) / sizeof(Event);
    }

    Header* m_header = nullptr;
    RingHeader* m_ring = nullptr;
    Event* m_events = nullptr;
    std::uint64_t m_head = 0;
    std::uint64_t m_limit = 0; ///< head may run up to here before makeRoom() must be asked
    std::uint64_t m_touched = 0; ///< of the first lap: so many events' pages are mapped
    std::uint64_t m_claim = 0;
    std::uint32_t m_mask = 0;
    Tid m_tid = 0;
    Pid m_pid = 0;
};

} // namespace timeslice::channel
