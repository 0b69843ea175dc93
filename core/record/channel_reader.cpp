#include "core/record/channel_reader.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <sys/mman.h>

namespace timeslice {

namespace {

// How far ahead of the writers memory is allocated, in events: 16 KiB for a ring that is quiet or not claimed yet, else
// twice what came since the last drain.
constexpr std::uint64_t kQuietAhead = 512;
constexpr std::uint64_t kMostAhead = 16384;
constexpr std::uint32_t kRingsAhead = 8;

constexpr bool isObjectKind(std::uint32_t kind)
{
    return kind >= static_cast<std::uint32_t>(ObjectKind::Mutex)
        && kind <= static_cast<std::uint32_t>(ObjectKind::SpinLock);
}

// Whether the kind is known and its value is one that the kind can have.
bool isPlausible(const Event& event)
{
    switch (event.kind) {
    case EventKind::SwitchIn:
    case EventKind::Wakeup:
        return event.cpu >= kNoCpu;
    case EventKind::SwitchOut:
        return event.cpu >= kNoCpu && event.value <= static_cast<std::uint64_t>(SwitchOutReason::Preempted);
    case EventKind::LockRelease:
        return event.value <= static_cast<std::uint64_t>(ReleaseReason::Killed);
    case EventKind::WaitBegin:
    case EventKind::WaitEnd:
        return event.value <= static_cast<std::uint64_t>(WaitKind::NetworkIo);
    case EventKind::Latency:
        return event.value <= std::uint64_t{INT64_MAX};
    case EventKind::ThreadBorn:
    case EventKind::ThreadExit:
    case EventKind::ProcessExec:
    case EventKind::LockRequest:
    case EventKind::LockAcquire:
    case EventKind::LockDropRequest:
    case EventKind::LockForcedWait:
    case EventKind::LockAbandon:
    case EventKind::CounterLoad:
    case EventKind::CounterStore:
    case EventKind::Mark:
    case EventKind::WorkBegin:
    case EventKind::WorkEnd:
        return true;
    case EventKind::None:
        break;
    }
    return false;
}

} // namespace

ChannelReader::ChannelReader(const Channel& channel)
    : m_channel(channel)
    , m_rings(channel.geometry().rings)
    , m_objectBorn(channel.geometry().objects)
{
}

void ChannelReader::drain(Batch& batch)
{
    const std::size_t firstEvent = batch.events.size();
    const std::uint32_t claimed =
        std::min(m_channel.header().nextRing.load(std::memory_order_acquire), m_channel.geometry().rings);
    for (; m_claimed < claimed; ++m_claimed) {
        m_open.push_back(m_claimed);
    }
    std::erase_if(m_open, [&](std::uint32_t index) { return !drainRing(index, batch); });
    for (std::uint32_t i = m_claimed; i < std::min<std::size_t>(m_claimed + kRingsAhead, m_rings.size()); ++i) {
        allocateAhead(i, m_rings[i], kQuietAhead);
    }
    // After the rings: an object is published before any event that names it, so none can be missing now.
    drainObjects(batch);
    removeMalformed(batch.events, firstEvent);

    batch.lost.channel += m_channel.header().droppedWithoutRing.load(std::memory_order_relaxed) + m_dropped;
    batch.lost.malformed += m_malformed;
}

bool ChannelReader::drainRing(std::uint32_t index, Batch& batch)
{
    Ring& ring = m_rings[index];
    channel::RingHeader& header = m_channel.ring(index);
    const std::uint32_t state = header.state.load(std::memory_order_acquire);
    const bool closed = state == static_cast<std::uint32_t>(channel::RingState::Closed);
    if (state == static_cast<std::uint32_t>(channel::RingState::Free)) {
        return true; // claimed, but its thread has not filled in the header yet
    }
    if (ring.tid == 0) {
        const Tid tid = header.tid;
        const Pid pid = header.pid;
        if (tid <= 0 || pid <= 0 || (!closed && state != static_cast<std::uint32_t>(channel::RingState::Live))) {
            ++m_malformed;
            return false;
        }
        ring.tid = tid;
        ring.pid = pid;
        ring.auxiliary = (header.flags & channel::kRingAuxiliary) != 0;
    }
    drainName(header, ring, batch);
    drainEvents(index, header, ring, batch);
    const std::uint64_t dropped = header.dropped.load(std::memory_order_relaxed);
    m_dropped += dropped - ring.dropped;
    ring.dropped = dropped;
    if (closed) { // its last events were published before it was closed, and are read
        giveBack(index, ring);
    }
    return !closed;
}

void ChannelReader::drainName(channel::RingHeader& header, Ring& ring, Batch& batch)
{
    const std::uint32_t version = header.nameVersion.load(std::memory_order_acquire);
    if (version == ring.nameVersion || version % 2 != 0) {
        return;
    }
    std::array<char, channel::kNameBytes> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = std::atomic_ref<char>{header.name[i]}.load(std::memory_order_acquire);
    }
    if (header.nameVersion.load(std::memory_order_relaxed) != version) {
        return; // being changed; the next drain has it
    }
    ring.nameVersion = version;
    std::string name = cleanName({bytes.data(), bytes.size()});
    if (!name.empty() || ring.auxiliary) {
        batch.names.push_back({ring.tid, ring.pid, std::move(name), ring.auxiliary});
    }
}

void ChannelReader::drainEvents(std::uint32_t index, channel::RingHeader& header, Ring& ring, Batch& batch)
{
    const std::uint64_t capacity = m_channel.geometry().ringCapacity;
    const std::uint64_t head = header.head.load(std::memory_order_acquire);
    const std::uint64_t unread = head - ring.tail;
    if (unread <= capacity) {
        allocateAhead(index, ring, head + std::clamp(2 * unread, kQuietAhead, kMostAhead));
    }
    if (unread == 0) {
        return;
    }
    if (unread > capacity) {
        // Went back, or ran past what is unread: no writer of ours does that. Start afresh from where it says it is.
        ++m_malformed;
        ring.tail = head;
        header.tail.store(head, std::memory_order_release);
        return;
    }
    const std::size_t first = batch.events.size();
    batch.events.resize(first + unread);
    const Event* from = m_channel.events(index);
    const std::uint64_t start = ring.tail & (capacity - 1);
    const std::uint64_t untilWrap = std::min(unread, capacity - start);
    std::memcpy(&batch.events[first], from + start, untilWrap * sizeof(Event));
    if (unread > untilWrap) {
        std::memcpy(&batch.events[first + untilWrap], from, (unread - untilWrap) * sizeof(Event));
    }
    ring.tail = head;
    header.tail.store(head, std::memory_order_release);
    for (std::size_t i = first; i < batch.events.size(); ++i) {
        batch.events[i].tid = ring.tid;
        batch.events[i].pid = ring.pid;
    }
}

// Page faults on fresh memory cost more than the events written to it; here they cost the collector, not the workload.
void ChannelReader::allocateAhead(std::uint32_t index, Ring& ring, std::uint64_t until) const
{
    until = std::min<std::uint64_t>(until, m_channel.geometry().ringCapacity);
    if (until <= ring.allocated) {
        return;
    }
    const std::uintptr_t base = reinterpret_cast<std::uintptr_t>(m_channel.events(index));
    const std::uintptr_t begin = (base + ring.allocated * sizeof(Event)) / channel::kPage * channel::kPage;
    const std::uintptr_t end = base + until * sizeof(Event);
    // Only a matter of speed: a kernel before 5.14 refuses, and the writer then takes the faults itself.
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
    ring.allocated = until;
}

// A program that starts threads without end would else keep the memory of every ring that it ever used.
void ChannelReader::giveBack(std::uint32_t index, Ring& ring) const
{
    const std::uintptr_t base = reinterpret_cast<std::uintptr_t>(m_channel.events(index));
    const std::uintptr_t begin = (base + channel::kPage - 1) / channel::kPage * channel::kPage;
    const std::uintptr_t end =
        (base + m_channel.geometry().ringCapacity * sizeof(Event)) / channel::kPage * channel::kPage;
    if (begin < end) {
        madvise(
            reinterpret_cast<void*>(begin), end - begin, MADV_REMOVE); // where it is refused, memory is all it costs
    }
    ring.allocated = m_channel.geometry().ringCapacity; // nobody writes here again
}

void ChannelReader::drainObjects(Batch& batch)
{
    const std::uint32_t claimed =
        std::min(m_channel.header().nextObject.load(std::memory_order_acquire), m_channel.geometry().objects);
    for (; m_objectsSeen < claimed; ++m_objectsSeen) {
        m_objectsPending.push_back(m_objectsSeen);
    }
    std::erase_if(m_objectsPending, [&](std::uint32_t id) {
        const channel::Object& object = m_channel.object(id);
        const std::uint32_t ready = object.ready.load(std::memory_order_acquire);
        if (ready == 0) {
            return false;
        }
        const std::uint32_t kind = object.kind;
        const Pid pid = object.pid;
        std::array<char, channel::kNameBytes> name{};
        std::memcpy(name.data(), object.name, name.size());
        if (ready != 1 || !isObjectKind(kind) || pid < 0) {
            ++m_malformed;
            return true;
        }
        m_objectBorn[id] = true;
        batch.objects.push_back({id, static_cast<ObjectKind>(kind), pid, cleanName({name.data(), name.size()})});
        return true;
    });
}

void ChannelReader::removeMalformed(std::vector<Event>& events, std::size_t first)
{
    const Nanos now = monotonicNow();
    const auto good =
        std::remove_if(events.begin() + static_cast<std::ptrdiff_t>(first), events.end(), [&](const Event& event) {
            const bool knownObject =
                event.object == 0 || (event.object < m_objectBorn.size() && m_objectBorn[event.object]);
            return event.time < 0 || event.time > now || !knownObject || !isPlausible(event);
        });
    m_malformed += static_cast<std::uint64_t>(events.end() - good);
    events.erase(good, events.end());
}

} // namespace timeslice
