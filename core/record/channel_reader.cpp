#include "core/record/channel_reader.h"

#include "core/base/clean_name.h"
#include "core/record/pid_namespace.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice {

namespace {

// How far ahead of the writers memory is allocated, in events: 16 KiB for a ring that is quiet or not claimed yet, else
// twice what came since the last drain.
constexpr std::uint64_t kQuietAhead = 512;
constexpr std::uint64_t kMostAhead = 16384;
constexpr std::size_t kRingsAhead = 8;
constexpr std::size_t kRingsBetweenOffers = 256;

// Of how many rings the thread is looked for at each drain: of all within 16 drains, some 60 ms, but for no more system
// calls than cost a few tenths of a percent of a core.
constexpr std::size_t kLookShare = 16;
constexpr std::size_t kLeastLooks = 4;
constexpr std::size_t kMostLooks = 64;

bool threadExists(Pid pid, Tid tid)
{
    return syscall(SYS_tgkill, pid, tid, 0) == 0 || errno != ESRCH;
}

} // namespace

ChannelReader::ChannelReader(const Channel& channel, SchedulingSource scheduling)
    : m_channel(channel)
    , m_scheduling(scheduling)
    , m_cpus(static_cast<CpuId>(sysconf(_SC_NPROCESSORS_CONF)))
    , m_pidNamespace(ownPidNamespace())
    , m_mappings(channel)
    , m_queue(channel::kFreeRings)
    , m_objectBorn(channel.geometry().objects)
{
    // As Channel::create() has offered them.
    m_fresh = std::min(channel.geometry().rings, channel::kFreeRings);
    m_offered = m_fresh;
    for (std::uint32_t i = 0; i < m_fresh; ++i) {
        m_queue[i] = i;
    }
}

void ChannelReader::drain(Batch& batch)
{
    const std::size_t firstEvent = batch.events.size();
    takeClaims();
    lookForEndedThreads();
    drainRings(batch);
    prepareNextRings();
    // After the rings: an object is published before any event that names it, so none can be missing now.
    drainObjects(batch);
    removeMalformed(batch.events, firstEvent);

    const channel::Header& header = m_channel.header();
    batch.lost.channel += header.droppedWithoutRing.load(std::memory_order_relaxed) + m_dropped;
    batch.lost.threadsWithoutMemory += header.threadsWithoutMemory.load(std::memory_order_relaxed);
    batch.lost.threadsWithoutRing += header.threadsWithoutRing.load(std::memory_order_relaxed);
    batch.lost.malformed += m_malformed;
}

void ChannelReader::takeClaims()
{
    const std::uint64_t claimed = m_channel.header().claimed.load(std::memory_order_acquire);
    if (claimed < m_claimed || claimed > m_offered) {
        m_malformed += m_claimsDamaged ? 0 : 1; // no writer of ours does that; what is open goes on
        m_claimsDamaged = true;
        return;
    }
    for (; m_claimed < claimed; ++m_claimed) {
        if (m_next.empty()) {
            m_open.push_back({.index = m_queue[m_claimed % channel::kFreeRings], .claim = m_claimed + 1});
        } else {
            m_open.push_back(m_next.front());
            m_next.pop_front();
        }
    }
}

// Most threads close their rings. A program's first thread does not when the program ends, nor does any other then, or
// when the program is killed.
void ChannelReader::lookForEndedThreads()
{
    if (m_pidNamespace == 0 || m_open.empty()) {
        return;
    }
    const std::size_t looks = std::min(std::clamp(m_open.size() / kLookShare, kLeastLooks, kMostLooks), m_open.size());
    for (std::size_t i = 0; i < looks; ++i) {
        Ring& ring = m_open[m_lookedAt++ % m_open.size()];
        // Before its ring is read: nothing can come after what is read now.
        ring.gone = ring.gone || (ring.idsAreOurs && !threadExists(ring.pid, ring.tid));
    }
    m_lookedAt %= m_open.size();
}

void ChannelReader::drainRings(Batch& batch)
{
    const std::size_t count = m_open.size();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i % kRingsBetweenOffers == 0) { // threads may be starting as fast as we go
            freeGivenBack();
            takeClaims(); // appended to m_open, for the next time
            offerRings();
        }
        if (drainRing(m_open[i], batch)) {
            m_open[kept++] = m_open[i];
        }
    }
    m_open.erase(
        m_open.begin() + static_cast<std::ptrdiff_t>(kept), m_open.begin() + static_cast<std::ptrdiff_t>(count));
    freeGivenBack();
    offerRings();
}

bool ChannelReader::drainRing(Ring& ring, Batch& batch)
{
    if (ring.memory == nullptr && (ring.memory = m_mappings.acquire(ring.index)) == nullptr) {
        return true; // we have no address space left now; its writer counts what does not fit meanwhile
    }
    channel::RingHeader& header = ring.header();
    const std::uint32_t state = header.state.load(std::memory_order_acquire);
    const bool over = state == static_cast<std::uint32_t>(channel::RingState::Closed) || ring.gone;
    if (state == static_cast<std::uint32_t>(channel::RingState::Free) && !over) {
        return true; // claimed, but its thread has not filled in the header yet
    }
    if (ring.tid == 0 && !identify(ring)) {
        ++m_malformed;
        m_mappings.release(ring.index); // and its number is out of use: who knows who writes there
        return false;
    }
    drainName(ring, batch);
    drainEvents(ring, !over, batch);
    const std::uint64_t dropped = header.dropped.load(std::memory_order_relaxed);
    m_dropped += dropped - ring.dropped;
    ring.dropped = dropped;
    if (over) { // its last events were published before, and are read
        giveBack(ring);
    }
    return !over;
}

bool ChannelReader::identify(Ring& ring)
{
    const channel::RingHeader& header = ring.header();
    const std::uint32_t state = header.state.load(std::memory_order_acquire);
    const Tid tid = header.tid;
    const Pid pid = header.pid;
    if (tid <= 0 || pid <= 0 || header.claim.load(std::memory_order_relaxed) != ring.claim
        || (state != static_cast<std::uint32_t>(channel::RingState::Live)
            && state != static_cast<std::uint32_t>(channel::RingState::Closed))) {
        return false;
    }
    ring.tid = tid;
    ring.pid = pid;
    ring.auxiliary = (header.flags & channel::kRingAuxiliary) != 0;
    ring.image = header.image;
    ring.idsAreOurs = m_pidNamespace != 0 && header.pidNamespace == m_pidNamespace;
    if (ring.image != 0) {
        noteImage(ring);
    }
    return true;
}

// An exec ends the program that a process ran, its threads with it, but leaves a thread with the process's number.
void ChannelReader::noteImage(const Ring& ring)
{
    Image& latest = m_images[ring.pid];
    ++latest.rings;
    if (ring.image <= latest.number) {
        return;
    }
    if (latest.number != 0) {
        for (Ring& other : m_open) {
            other.gone = other.gone
                || (other.pid == ring.pid && other.idsAreOurs == ring.idsAreOurs && other.image != 0
                    && other.image < ring.image);
        }
    }
    latest.number = ring.image;
}

void ChannelReader::forgetImage(const Ring& ring)
{
    const auto at = ring.image != 0 ? m_images.find(ring.pid) : m_images.end();
    if (at != m_images.end() && --at->second.rings == 0) {
        m_images.erase(at);
    }
}

void ChannelReader::drainName(Ring& ring, Batch& batch)
{
    channel::RingHeader& header = ring.header();
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
        batch.names.push_back({ring.tid, ring.pid, std::move(name), ring.auxiliary,
            ring.image <= INT64_MAX ? static_cast<Nanos>(ring.image) : 0});
    }
}

void ChannelReader::drainEvents(Ring& ring, bool goesOn, Batch& batch)
{
    channel::RingHeader& header = ring.header();
    const std::uint64_t capacity = m_channel.geometry().ringCapacity;
    const std::uint64_t head = header.head.load(std::memory_order_acquire);
    const std::uint64_t unread = head - ring.tail;
    if (goesOn && unread <= capacity) {
        allocateAhead(ring, head + std::clamp(2 * unread, kQuietAhead, kMostAhead));
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
    const Event* from = ring.events();
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
    if (!ring.idsAreOurs) { // nor are the numbers of its children
        const auto news = batch.events.begin() + static_cast<std::ptrdiff_t>(first);
        batch.events.erase(std::remove_if(news, batch.events.end(),
                               [](const Event& event) { return event.kind == EventKind::ProcessReaped; }),
            batch.events.end());
    }
}

// Page faults on fresh memory cost more than the events written to it; here they cost the collector, not the workload.
void ChannelReader::allocateAhead(Ring& ring, std::uint64_t until) const
{
    until = std::min<std::uint64_t>(until, m_channel.layout().ringCapacity);
    if (until <= ring.allocated) {
        return;
    }
    // The header is in the first page.
    const std::uint64_t before = ring.allocated == 0 ? 0 : channel::kRingHeaderBytes + ring.allocated * sizeof(Event);
    const std::uint64_t begin = before / channel::kPage * channel::kPage;
    const std::uint64_t end = channel::kRingHeaderBytes + until * sizeof(Event);
    // Only a matter of speed: a kernel before 5.14 refuses, and the writer then takes the faults itself.
    madvise(ring.memory + begin, end - begin, MADV_POPULATE_WRITE);
    ring.allocated = until;
}

void ChannelReader::giveBack(const Ring& ring)
{
    forgetImage(ring);
    m_mappings.release(ring.index);
    m_givenBack.push_back(ring.index);
}

// A hole in the file gives the memory back to the system, and the next thread a header of zeros. One hole for
// neighbours: rings are mostly taken, and given back, in the order of their numbers.
void ChannelReader::freeGivenBack()
{
    const channel::Geometry& layout = m_channel.layout();
    std::sort(m_givenBack.begin(), m_givenBack.end());
    for (auto first = m_givenBack.begin(); first != m_givenBack.end();) {
        auto last = first + 1;
        while (last != m_givenBack.end() && *last == *(last - 1) + 1) {
            ++last;
        }
        const std::uint64_t bytes = static_cast<std::uint64_t>(last - first) * layout.ringBytes();
        if (fallocate(m_channel.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(layout.ringOffset(*first)), static_cast<off_t>(bytes))
            == 0) {
            m_free.insert(m_free.end(), first, last);
        } // else they stay out of use; there are others
        first = last;
    }
    m_givenBack.clear();
}

void ChannelReader::offerRings()
{
    const std::uint64_t before = m_offered;
    while (m_offered - m_claimed < channel::kFreeRings && (!m_free.empty() || m_fresh < m_channel.layout().rings)) {
        std::uint32_t ring = m_fresh;
        if (m_free.empty()) {
            ++m_fresh;
        } else {
            ring = m_free.back();
            m_free.pop_back();
        }
        m_queue[m_offered % channel::kFreeRings] = ring;
        m_channel.header().free[m_offered % channel::kFreeRings].store(ring, std::memory_order_relaxed);
        ++m_offered;
    }
    if (m_offered != before) {
        m_channel.header().offered.store(m_offered, std::memory_order_release);
    }
}

void ChannelReader::prepareNextRings()
{
    while (m_next.size() < kRingsAhead && m_claimed + m_next.size() < m_offered) {
        const std::uint64_t at = m_claimed + m_next.size();
        Ring ring{.index = m_queue[at % channel::kFreeRings], .claim = at + 1};
        ring.memory = m_mappings.acquire(ring.index);
        if (ring.memory != nullptr) {
            allocateAhead(ring, kQuietAhead);
        }
        m_next.push_back(ring);
    }
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
            return event.time < 0 || event.time > now || !knownObject || !isPlausible(event, m_scheduling, m_cpus);
        });
    m_malformed += static_cast<std::uint64_t>(events.end() - good);
    events.erase(good, events.end());
}

} // namespace timeslice
