// The probe's end of the event channel (layout and rules: core/record/channel_layout.h).
//
// The channel's index is mapped once, checked as Channel::open() checks it, and kept for the life of the process; the
// ring of a thread is mapped when the thread first records and unmapped when it ends. Nothing is allocated, printed or
// thrown; no descriptor stays open. tests/core/probe reads what it writes with ChannelReader.
#pragma once

#include "core/probe/file_window.h"
#include "core/record/channel_layout.h"
#include "core/record/ring_writer.h"

#include <cstdint>

namespace timeslice::probe {

/// Why a thread has no ring.
enum class RingRefusal : std::uint8_t {
    None, ///< it has one
    Memory, ///< the system refuses its process the address space
    NoneFree,
};

/// The mapped channel. The same for every thread; inherited through fork.
struct ChannelMap {
    KeptMapping index;
    channel::Geometry geometry;
    std::uint64_t image = 0; ///< RingHeader::image: when it was opened

    channel::Header& header() const noexcept { return *static_cast<channel::Header*>(index.memory); }
    /// Claims and publishes an object; 0 when the table is full or its page cannot be mapped. Any thread.
    ObjectId addObject(ObjectKind kind, const char* name, Pid pid) const noexcept;
    /// Claims and maps a ring for the calling thread. A writer that is refused counts what it drops. Any thread.
    RingRefusal attach(channel::RingWriter& writer, channel::RingOwner owner, const char* name) const noexcept;
};

/// The channel, opened by the first call; nullptr if that fails. Any thread; keeps errno.
const ChannelMap* openChannel() noexcept;

} // namespace timeslice::probe
