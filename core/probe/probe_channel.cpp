#include "core/probe/probe_channel.h"

#include "core/base/clean_name.h"
#include "core/base/unique_fd.h"
#include "core/probe/channel_source.h"

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <pthread.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timeslice::probe {

using channel::Header;
using channel::Object;
using channel::RingHeader;

namespace {

// As in core/record/channel.cpp: far above any use, they keep the products below within 64 bits.
constexpr std::uint32_t kMostRings = 1U << 16;
constexpr std::uint32_t kMostRingCapacity = 1U << 26;
constexpr std::uint32_t kMostObjects = 1U << 20;

constexpr std::uint64_t inPages(std::uint64_t bytes) noexcept
{
    return (bytes + channel::kPage - 1) / channel::kPage * channel::kPage;
}

// The sizes, from a copy of the header's beginning; false when they do not fit together or the file is not sealed
// against shrinking (touching what is cut off would kill the program that we watch).
bool check(int fd, const std::byte* start, ChannelMap& map, std::uint64_t& total) noexcept
{
    const auto field = [start](std::size_t offset, auto value) {
        std::memcpy(&value, start + offset, sizeof value);
        return value;
    };
    const auto u32 = [&](std::size_t offset) { return field(offset, std::uint32_t{}); };
    const auto u64 = [&](std::size_t offset) { return field(offset, std::uint64_t{}); };
    if (u64(offsetof(Header, magic)) != channel::kMagic || u32(offsetof(Header, version)) != channel::kVersion
        || u32(offsetof(Header, headerBytes)) != sizeof(Header)) {
        return false;
    }
    map.ringCount = u32(offsetof(Header, ringCount));
    map.ringCapacity = u32(offsetof(Header, ringCapacity));
    map.objectCount = u32(offsetof(Header, objectCount));
    if (map.ringCount == 0 || map.ringCount > kMostRings || map.objectCount == 0 || map.objectCount > kMostObjects
        || !std::has_single_bit(map.ringCapacity) || map.ringCapacity > kMostRingCapacity) {
        return false;
    }
    const std::uint64_t rings = sizeof(Header) + std::uint64_t{map.objectCount} * sizeof(Object);
    const std::uint64_t data = inPages(rings + std::uint64_t{map.ringCount} * sizeof(RingHeader));
    total = data + std::uint64_t{map.ringCount} * map.ringCapacity * sizeof(Event);
    if (u64(offsetof(Header, objectsOffset)) != sizeof(Header) || u64(offsetof(Header, ringsOffset)) != rings
        || u64(offsetof(Header, dataOffset)) != data || u64(offsetof(Header, totalBytes)) != total
        || total > SIZE_MAX) {
        return false;
    }
    struct stat status { };
    const int seals = fcntl(fd, F_GET_SEALS);
    return fstat(fd, &status) == 0 && status.st_size >= 0 && static_cast<std::uint64_t>(status.st_size) >= total
        && seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

bool mapChannel(ChannelMap& map) noexcept
{
    const UniqueFd fd = openChannelFile();
    std::byte start[offsetof(Header, nextRing)];
    std::uint64_t total = 0;
    if (!fd || pread(fd.get(), start, sizeof start, 0) != static_cast<ssize_t>(sizeof start)
        || !check(fd.get(), start, map, total)) {
        return false;
    }
    void* memory = mmap(nullptr, static_cast<std::size_t>(total), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    madvise(memory, static_cast<std::size_t>(total), MADV_DONTDUMP); // the program's core dumps stay its own
    auto* bytes = static_cast<std::byte*>(memory);
    const std::uint64_t rings = sizeof(Header) + std::uint64_t{map.objectCount} * sizeof(Object);
    map.header = reinterpret_cast<Header*>(bytes);
    map.objects = reinterpret_cast<Object*>(bytes + sizeof(Header));
    map.rings = reinterpret_cast<RingHeader*>(bytes + rings);
    map.events = reinterpret_cast<Event*>(bytes + inPages(rings + std::uint64_t{map.ringCount} * sizeof(RingHeader)));
    return true;
}

enum class Opening : int { NotTried, UnderWay, Done, Failed };
constinit std::atomic<Opening> g_opening{Opening::NotTried};
constinit ChannelMap g_map;

} // namespace

const ChannelMap* openChannel() noexcept
{
    Opening opening = g_opening.load(std::memory_order_acquire);
    if (opening == Opening::NotTried
        && g_opening.compare_exchange_strong(opening, Opening::UnderWay, std::memory_order_acquire)) {
        const int savedErrno = errno;
        int cancelState = 0;
        // open() and others are cancellation points; the function in whose place we run is not.
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
        opening = mapChannel(g_map) ? Opening::Done : Opening::Failed;
        pthread_setcancelstate(cancelState, nullptr);
        g_opening.store(opening, std::memory_order_release);
        errno = savedErrno;
    }
    // Another thread that comes while it is under way goes without, as it would before.
    return opening == Opening::Done ? &g_map : nullptr;
}

ObjectId ChannelMap::addObject(ObjectKind kind, const char* name, Pid pid) const noexcept
{
    // Looked at first, so that no number of births can make the counter wrap and hand out an object twice.
    if (header->nextObject.load(std::memory_order_relaxed) >= objectCount) {
        return 0;
    }
    const std::uint32_t index = header->nextObject.fetch_add(1, std::memory_order_acq_rel);
    if (index == 0 || index >= objectCount) {
        return 0;
    }
    Object& object = objects[index];
    object.kind = static_cast<std::uint32_t>(kind);
    object.pid = pid;
    const std::string_view shortened = utf8Prefix(name, channel::kNameBytes);
    std::memset(object.name, 0, sizeof object.name);
    std::memcpy(object.name, shortened.data(), shortened.size());
    object.ready.store(1, std::memory_order_release);
    return index;
}

void RingWriter::claim(const ChannelMap& map, const char* name) noexcept
{
    *this = {};
    m_header = map.header;
    if (m_header->nextRing.load(std::memory_order_relaxed) >= map.ringCount) {
        return;
    }
    const std::uint32_t index = m_header->nextRing.fetch_add(1, std::memory_order_acq_rel);
    if (index >= map.ringCount) {
        return;
    }
    m_ring = &map.rings[index];
    m_events = map.events + std::size_t{index} * map.ringCapacity;
    m_mask = map.ringCapacity - 1;
    m_tid = gettid();
    m_pid = getpid();
    m_ring->tid = m_tid;
    m_ring->pid = m_pid;
    m_ring->flags = 0;
    setName(name);
    m_ring->state.store(static_cast<std::uint32_t>(channel::RingState::Live), std::memory_order_release);
}

// A sequence lock, as in core/record/event_writer.cpp.
void RingWriter::setName(const char* name) noexcept
{
    if (m_ring == nullptr) {
        return;
    }
    const std::uint32_t version = m_ring->nameVersion.load(std::memory_order_relaxed);
    m_ring->nameVersion.store(version + 1, std::memory_order_relaxed);
    const std::string_view shortened = utf8Prefix(name, channel::kNameBytes);
    for (std::size_t i = 0; i < channel::kNameBytes; ++i) {
        std::atomic_ref<char>{m_ring->name[i]}.store(
            i < shortened.size() ? shortened[i] : '\0', std::memory_order_release);
    }
    m_ring->nameVersion.store(version + 2, std::memory_order_release);
}

void RingWriter::close() noexcept
{
    if (m_ring != nullptr) {
        m_ring->state.store(static_cast<std::uint32_t>(channel::RingState::Closed), std::memory_order_release);
    }
    Header* header = m_header;
    *this = {};
    m_header = header;
}

bool RingWriter::makeRoom() noexcept
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
            const std::uint64_t block = m_head + mapAhead();
            m_limit = block < m_limit ? block : m_limit;
        }
        return true;
    }
    // Full. Only this thread writes the count, so no locked instruction is needed.
    m_ring->dropped.store(m_ring->dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
}

// On the first lap, one read maps a whole block of the ring (core/record/event_writer.cpp says why).
std::uint64_t RingWriter::mapAhead() noexcept
{
    constexpr std::uintptr_t kFaultAround = 65536;
    const Event* next = m_events + (m_head & m_mask);
    [[maybe_unused]] const char looked = *reinterpret_cast<const volatile char*>(next);
    return (kFaultAround - reinterpret_cast<std::uintptr_t>(next) % kFaultAround) / sizeof(Event);
}

} // namespace timeslice::probe
