#include "core/record/channel.h"

#include "core/base/clean_name.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace timeslice {

using channel::Header;
using channel::Object;
using channel::RingHeader;

namespace {

// Far above any use; they keep every product below within 64 bits and ids within SliceValue::kMaxSubject.
constexpr std::uint32_t kMostRings = 1U << 16;
constexpr std::uint32_t kMostRingCapacity = 1U << 26;
constexpr std::uint32_t kMostObjects = 1U << 20;

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

// The part of the header that its creator writes once, as read from a file that may hold anything.
struct FixedHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t headerBytes;
    std::uint64_t totalBytes;
    std::uint32_t ringCount;
    std::uint32_t ringCapacity;
    std::uint32_t objectCount;
    std::uint32_t reserved;
    std::uint64_t objectsOffset;
    std::uint64_t ringsOffset;
    std::uint64_t dataOffset;
};
static_assert(sizeof(FixedHeader) <= offsetof(Header, nextRing));
static_assert(offsetof(FixedHeader, totalBytes) == offsetof(Header, totalBytes));
static_assert(offsetof(FixedHeader, objectsOffset) == offsetof(Header, objectsOffset));
static_assert(offsetof(FixedHeader, dataOffset) == offsetof(Header, dataOffset));

struct Offsets {
    std::uint64_t objects = 0;
    std::uint64_t rings = 0;
    std::uint64_t data = 0;
    std::uint64_t total = 0;
};

// Computed from our own copy of the geometry: the offsets in the shared header are for people who look at a dump.
constexpr std::uint64_t objectsOffset() noexcept
{
    return sizeof(Header);
}
constexpr std::uint64_t ringsOffset(const ChannelGeometry& g) noexcept
{
    return objectsOffset() + std::uint64_t{g.objects} * sizeof(Object);
}
constexpr std::uint64_t dataOffset(const ChannelGeometry& g) noexcept
{
    const std::uint64_t end = ringsOffset(g) + std::uint64_t{g.rings} * sizeof(RingHeader);
    return (end + channel::kPage - 1) / channel::kPage * channel::kPage;
}

// Nothing when the geometry is out of range. `ringCapacity` must be a power of two already.
std::optional<Offsets> layOut(const ChannelGeometry& g)
{
    if (g.rings == 0 || g.rings > kMostRings || g.objects == 0 || g.objects > kMostObjects || g.ringCapacity == 0
        || g.ringCapacity > kMostRingCapacity || !std::has_single_bit(g.ringCapacity)) {
        return std::nullopt;
    }
    Offsets o;
    o.objects = objectsOffset();
    o.rings = ringsOffset(g);
    o.data = dataOffset(g);
    std::uint64_t dataBytes = std::uint64_t{g.ringCapacity} * sizeof(Event);
    if (__builtin_mul_overflow(dataBytes, std::uint64_t{g.rings}, &dataBytes)
        || __builtin_add_overflow(o.data, dataBytes, &o.total) || o.total > std::uint64_t{INT64_MAX}) {
        return std::nullopt;
    }
    return o;
}

template <class T> T& at(void* memory, std::uint64_t offset, std::uint32_t index = 0) noexcept
{
    return reinterpret_cast<T*>(static_cast<std::byte*>(memory) + offset)[index];
}

Result<void*> mapShared(int fd, std::uint64_t bytes)
{
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        const int error = errno;
        return failErrno("cannot map the event channel of " + std::to_string(bytes >> 20) + " MiB"
                + (error == ENOMEM ? " (the limit on address space, ulimit -v, may be too low)" : ""),
            error);
    }
    return memory;
}

} // namespace

Result<Channel> Channel::create(ChannelGeometry geometry)
{
    if (geometry.ringCapacity > kMostRingCapacity) {
        geometry.ringCapacity = 0; // bit_ceil() of more than 2^31 would not be defined; refused below
    } else {
        geometry.ringCapacity = std::bit_ceil(std::max(geometry.ringCapacity, 1U));
    }
    const std::optional<Offsets> offsets = layOut(geometry);
    if (!offsets) {
        return fail("an event channel has 1 to " + std::to_string(kMostRings) + " rings of at most "
                + std::to_string(kMostRingCapacity) + " events, and 1 to " + std::to_string(kMostObjects) + " objects",
            ErrorKind::Usage);
    }
    UniqueFd fd{memfd_create("timeslice-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return failErrno("cannot create the event channel (memfd_create)", errno);
    }
    if (ftruncate(fd.get(), static_cast<off_t>(offsets->total)) != 0) {
        return failErrno("cannot size the event channel to " + std::to_string(offsets->total >> 20) + " MiB", errno);
    }
    // A workload that shortens the file would kill whoever touches the mapping with SIGBUS.
    if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) {
        return failErrno("cannot seal the event channel", errno);
    }
    Result<void*> memory = mapShared(fd.get(), offsets->total);
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    auto* header = new (*memory) Header{};
    header->magic = channel::kMagic;
    header->version = channel::kVersion;
    header->headerBytes = sizeof(Header);
    header->totalBytes = offsets->total;
    header->ringCount = geometry.rings;
    header->ringCapacity = geometry.ringCapacity;
    header->objectCount = geometry.objects;
    header->objectsOffset = offsets->objects;
    header->ringsOffset = offsets->rings;
    header->dataOffset = offsets->data;
    header->nextObject.store(1, std::memory_order_release);
    return Channel{std::move(fd), *memory, static_cast<std::size_t>(offsets->total), geometry};
}

Result<Channel> Channel::open(UniqueFd fd)
{
    FixedHeader h{};
    const ssize_t got = pread(fd.get(), &h, sizeof h, 0);
    if (got < 0) {
        return failErrno("cannot read the event channel", errno);
    }
    if (got < static_cast<ssize_t>(sizeof h) || h.magic != channel::kMagic) {
        return fail("this file is not an event channel of Timeslice", ErrorKind::Usage);
    }
    if (h.version != channel::kVersion) {
        return fail("the event channel has version " + std::to_string(h.version) + ", this program knows version "
                + std::to_string(channel::kVersion) + ": both ends must come from the same release",
            ErrorKind::Usage);
    }
    const ChannelGeometry geometry{h.ringCount, h.ringCapacity, h.objectCount};
    const std::optional<Offsets> offsets = layOut(geometry);
    if (!offsets || h.headerBytes != sizeof(Header) || h.totalBytes != offsets->total
        || h.objectsOffset != offsets->objects || h.ringsOffset != offsets->rings || h.dataOffset != offsets->data) {
        return fail("the event channel's header is damaged: its sizes do not fit together", ErrorKind::Usage);
    }
    struct stat status { };
    if (fstat(fd.get(), &status) != 0) {
        return failErrno("cannot read the event channel", errno);
    }
    if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) < offsets->total) {
        return fail("the event channel is truncated: " + std::to_string(status.st_size) + " of "
                + std::to_string(offsets->total) + " bytes",
            ErrorKind::Usage);
    }
    const int seals = fcntl(fd.get(), F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
        return fail("the event channel is not sealed: it could be cut short while it is in use", ErrorKind::Usage);
    }
    Result<void*> memory = mapShared(fd.get(), offsets->total);
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    return Channel{std::move(fd), *memory, static_cast<std::size_t>(offsets->total), geometry};
}

Result<Channel> Channel::openFromEnvironment()
{
    const char* path = std::getenv(channel::kEnvironmentPath);
    if (path == nullptr || *path == '\0') {
        return fail(std::string{"no event channel: "} + channel::kEnvironmentPath + " is not set", ErrorKind::Usage);
    }
    UniqueFd fd{::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (!fd) {
        return failErrno(std::string{"cannot open the event channel "} + path, errno);
    }
    return open(std::move(fd));
}

Channel::Channel(UniqueFd fd, void* memory, std::size_t bytes, ChannelGeometry geometry) noexcept
    : m_fd(std::move(fd))
    , m_memory(memory)
    , m_bytes(bytes)
    , m_geometry(geometry)
{
}

Channel::Channel(Channel&& other) noexcept
    : m_fd(std::move(other.m_fd))
    , m_memory(std::exchange(other.m_memory, nullptr))
    , m_bytes(std::exchange(other.m_bytes, 0))
    , m_geometry(std::exchange(other.m_geometry, ChannelGeometry{0, 0, 0}))
{
}

Channel& Channel::operator=(Channel&& other) noexcept
{
    if (this != &other) {
        Channel old{std::move(*this)};
        m_fd = std::move(other.m_fd);
        m_memory = std::exchange(other.m_memory, nullptr);
        m_bytes = std::exchange(other.m_bytes, 0);
        m_geometry = std::exchange(other.m_geometry, ChannelGeometry{0, 0, 0});
    }
    return *this;
}

Channel::~Channel()
{
    if (m_memory != nullptr) {
        munmap(m_memory, m_bytes);
    }
}

Header& Channel::header() const noexcept
{
    return at<Header>(m_memory, 0);
}

Object& Channel::object(std::uint32_t index) const noexcept
{
    assert(index < m_geometry.objects);
    return at<Object>(m_memory, objectsOffset(), index);
}

RingHeader& Channel::ring(std::uint32_t index) const noexcept
{
    assert(index < m_geometry.rings);
    return at<RingHeader>(m_memory, ringsOffset(m_geometry), index);
}

Event* Channel::events(std::uint32_t ring) const noexcept
{
    assert(ring < m_geometry.rings);
    return &at<Event>(m_memory, dataOffset(m_geometry)) + std::size_t{ring} * m_geometry.ringCapacity;
}

ObjectId Channel::addObject(ObjectKind kind, const std::string& name, Pid pid) const noexcept
{
    std::atomic<std::uint32_t>& next = header().nextObject;
    // Looked at first, so that no number of calls on a full table can make the counter wrap.
    if (next.load(std::memory_order_relaxed) >= m_geometry.objects) {
        return 0;
    }
    const std::uint32_t id = next.fetch_add(1, std::memory_order_acq_rel);
    if (id == 0 || id >= m_geometry.objects) {
        return 0;
    }
    Object& o = object(id);
    o.kind = static_cast<std::uint32_t>(kind);
    o.pid = pid;
    const std::string_view shortened = utf8Prefix(name, channel::kNameBytes);
    std::memset(o.name, 0, sizeof o.name);
    std::memcpy(o.name, shortened.data(), shortened.size());
    o.ready.store(1, std::memory_order_release);
    return id;
}

} // namespace timeslice
