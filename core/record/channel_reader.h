// ChannelReader: drains all rings of an event channel. Trusts nothing that it reads (channel_layout.h).
#pragma once

#include "core/record/channel.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// For one thread. The channel must outlive it.
///
/// What it lets through: events of known kinds, whose enumerated values are in range, whose time lies between 0 and
/// now, whose object is 0 or was handed out in this or an earlier batch, and whose tid and pid are those that the ring
/// was claimed with; names in valid UTF-8 without control characters. All else is counted in lost.malformed.
class ChannelReader {
public:
    explicit ChannelReader(const Channel& channel);

    /// Appends what has come since the last call: events (in order within each ring, unsorted between rings), new
    /// objects, new or changed thread names; and adds its counts since the start to batch.lost, so that each batch is
    /// drained into once. Never blocks. O(events + rings that are not closed): one that was closed and read is not
    /// looked at again, and its memory goes back to the system.
    void drain(Batch& batch);

private:
    struct Ring {
        std::uint64_t tail = 0;
        std::uint64_t dropped = 0;
        std::uint64_t allocated = 0; ///< events from the ring's start whose memory exists
        std::uint32_t nameVersion = UINT32_MAX;
        Tid tid = 0; ///< 0 = not seen yet
        Pid pid = 0;
        bool auxiliary = false;
    };

    /// False when the ring is done: closed and empty, or not to be trusted with a thread.
    bool drainRing(std::uint32_t index, Batch& batch);
    void drainName(channel::RingHeader& header, Ring& ring, Batch& batch);
    void drainEvents(std::uint32_t index, channel::RingHeader& header, Ring& ring, Batch& batch);
    void allocateAhead(std::uint32_t index, Ring& ring, std::uint64_t until) const;
    void giveBack(std::uint32_t index, Ring& ring) const;
    void drainObjects(Batch& batch);
    void removeMalformed(std::vector<Event>& events, std::size_t first);

    const Channel& m_channel;
    std::vector<Ring> m_rings;
    std::vector<std::uint32_t> m_open; ///< rings that have, or may yet get, a writer; ascending
    std::uint32_t m_claimed = 0; ///< rings that have been in m_open
    std::uint64_t m_dropped = 0; ///< the sum of Ring::dropped
    std::uint32_t m_objectsSeen = 1;
    std::vector<std::uint32_t> m_objectsPending; ///< claimed but not ready when last looked at
    std::vector<bool> m_objectBorn; ///< by id
    std::uint64_t m_malformed = 0;
};

} // namespace timeslice
