// ChannelReader: drains all rings of an event channel. Trusts nothing that it reads (channel_layout.h).
#pragma once

#include "core/record/channel.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <vector>

namespace timeslice {

/// For one thread. The channel must outlive it.
class ChannelReader {
public:
    explicit ChannelReader(const Channel& channel);

    /// Appends what has come since the last call: events (unsorted between rings), new objects, new or changed
    /// thread names; and updates batch.lost. Never blocks.
    void drain(Batch& batch);

private:
    struct RingState {
        std::uint64_t tail = 0;
        std::uint32_t nameVersion = UINT32_MAX;
        bool known = false;
        bool closed = false;
    };

    const Channel& m_channel;
    std::vector<RingState> m_rings;
    std::uint32_t m_objectsSeen = 1;
    std::vector<std::uint32_t> m_objectsPending; ///< claimed but not ready when last looked at
    std::uint64_t m_malformed = 0;
};

} // namespace timeslice
