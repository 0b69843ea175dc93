#include "core/record/channel.h"

#include "core/record/ring_writer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace timeslice {

using channel::FixedHeader;
using channel::Geometry;
using channel::Header;
using channel::Object;

namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

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
    Geometry layout{geometry.rings, 0, geometry.objects};
    if (geometry.ringCapacity <= channel::kMostRingCapacity) { // else left at 0, which is refused below
        layout.ringCapacity = std::bit_ceil(std::max(geometry.ringCapacity, 1U));
    }
    if (!layout.valid()) {
        return fail("an event channel has 1 to " + std::to_string(channel::kMostRings) + " rings of at most "
                + std::to_string(channel::kMostRingCapacity) + " events, and 1 to "
                + std::to_string(channel::kMostObjects) + " objects",
            ErrorKind::Usage);
    }
    UniqueFd fd{memfd_create("timeslice-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!fd) {
        return failErrno("cannot create the event channel (memfd_create)", errno);
    }
    if (ftruncate(fd.get(), static_cast<off_t>(layout.totalBytes())) != 0) {
        return failErrno(
            "cannot size the event channel to " + std::to_string(layout.totalBytes() >> 20) + " MiB", errno);
    }
    // A workload that shortens the file would kill whoever touches the mapping with SIGBUS.
    if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) {
        return failErrno("cannot seal the event channel", errno);
    }
    Result<void*> memory = mapShared(fd.get(), layout.ringsOffset());
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    auto* header = new (*memory) Header{};
    header->fixed = {channel::kMagic, channel::kVersion, channel::kIndexBytes, layout.totalBytes(), layout.rings,
        layout.ringCapacity, layout.objects, channel::kFreeRings, Geometry::objectsOffset(), layout.ringsOffset(),
        layout.ringBytes()};
    header->nextObject.store(1, std::memory_order_relaxed);
    const std::uint32_t onOffer = std::min(layout.rings, channel::kFreeRings);
    for (std::uint32_t ring = 0; ring < onOffer; ++ring) {
        header->free[ring].store(ring, std::memory_order_relaxed);
    }
    header->offered.store(onOffer, std::memory_order_release);
    return Channel{std::move(fd), *memory, layout};
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
    const Geometry layout = channel::geometryOf(h);
    if (!layout.valid()) {
        return fail("the event channel's header is damaged: its sizes do not fit together", ErrorKind::Usage);
    }
    struct stat status { };
    if (fstat(fd.get(), &status) != 0) {
        return failErrno("cannot read the event channel", errno);
    }
    if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) < layout.totalBytes()) {
        return fail("the event channel is truncated: " + std::to_string(status.st_size) + " of "
                + std::to_string(layout.totalBytes()) + " bytes",
            ErrorKind::Usage);
    }
    const int seals = fcntl(fd.get(), F_GET_SEALS);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
        return fail("the event channel is not sealed: it could be cut short while it is in use", ErrorKind::Usage);
    }
    Result<void*> memory = mapShared(fd.get(), layout.ringsOffset());
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    return Channel{std::move(fd), *memory, layout};
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

Channel::Channel(UniqueFd fd, void* memory, const Geometry& geometry) noexcept
    : m_fd(std::move(fd))
    , m_memory(memory)
    , m_geometry(geometry)
{
}

Channel::Channel(Channel&& other) noexcept
    : m_fd(std::move(other.m_fd))
    , m_memory(std::exchange(other.m_memory, nullptr))
    , m_geometry(std::exchange(other.m_geometry, Geometry{}))
{
}

Channel& Channel::operator=(Channel&& other) noexcept
{
    if (this != &other) {
        Channel old{std::move(*this)};
        m_fd = std::move(other.m_fd);
        m_memory = std::exchange(other.m_memory, nullptr);
        m_geometry = std::exchange(other.m_geometry, Geometry{});
    }
    return *this;
}

Channel::~Channel()
{
    if (m_memory != nullptr) {
        munmap(m_memory, m_geometry.ringsOffset());
    }
}

ChannelGeometry Channel::geometry() const noexcept
{
    return {m_geometry.rings, m_geometry.ringCapacity, m_geometry.objects};
}

Header& Channel::header() const noexcept
{
    return *static_cast<Header*>(m_memory);
}

Object& Channel::object(std::uint32_t index) const noexcept
{
    assert(index < m_geometry.objects);
    return reinterpret_cast<Object*>(static_cast<std::byte*>(m_memory) + Geometry::objectsOffset())[index];
}

ObjectId Channel::addObject(ObjectKind kind, const std::string& name, Pid pid) const noexcept
{
    const ObjectId id = channel::claimObject(header(), m_geometry.objects);
    if (id != 0) {
        channel::publishObject(object(id), kind, pid, name);
    }
    return id;
}

} // namespace timeslice
