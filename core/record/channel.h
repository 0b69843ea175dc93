// Channel: creates or opens the shared memory of an event channel (layout and rules: channel_layout.h).
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/record/channel_layout.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace timeslice {

struct ChannelGeometry {
    std::uint32_t rings = 256; ///< the most threads that can write at the same time
    std::uint32_t ringCapacity = 1U << 16; ///< events a ring; rounded up to a power of two
    std::uint32_t objects = 4096;
};

/// Owns the file and a mapping of its index and its objects. A ring is mapped by whoever writes it (EventWriter) or
/// reads it (ChannelReader). Moving it moves the mapping; pages are allocated by the kernel as they are touched.
class Channel {
public:
    /// A new memfd, with as many rings on offer as fit the queue. Errors: the system's.
    static Result<Channel> create(ChannelGeometry geometry);
    /// Maps a channel that another process created. Errors: not a channel, another version, truncated.
    static Result<Channel> open(UniqueFd fd);
    /// The channel that the environment names (kEnvironmentPath). Errors: none named, or as open().
    static Result<Channel> openFromEnvironment();

    Channel(Channel&& other) noexcept;
    Channel& operator=(Channel&& other) noexcept;
    ~Channel();

    int fd() const noexcept { return m_fd.get(); }
    /// The geometry as checked when the channel was opened; never read again from the shared memory.
    ChannelGeometry geometry() const noexcept;
    const channel::Geometry& layout() const noexcept { return m_geometry; }

    channel::Header& header() const noexcept;
    channel::Object& object(std::uint32_t index) const noexcept; ///< index < geometry().objects

    /// Claims an object and publishes it. Returns 0 when the table is full. Callable from any thread or process.
    ObjectId addObject(ObjectKind kind, const std::string& name, Pid pid) const noexcept;

private:
    Channel(UniqueFd fd, void* memory, const channel::Geometry& geometry) noexcept;

    UniqueFd m_fd;
    void* m_memory = nullptr; ///< up to the rings
    channel::Geometry m_geometry;
};

} // namespace timeslice
