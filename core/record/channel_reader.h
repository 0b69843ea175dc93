// ChannelReader: drains all rings of an event channel and makes those of ended threads free again. Trusts nothing that
// it reads (channel_layout.h).
#pragma once

#include "core/record/channel.h"
#include "core/record/plausible_event.h"
#include "core/record/ring_mappings.h"
#include "core/trace/batch.h"

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace timeslice {

/// For one thread, and the only reader that the channel ever has. The channel must outlive it.
///
/// What it lets through: events of known kinds, whose enumerated values are in range, whose time lies between 0 and
/// now, whose core is one of this machine, whose object is 0 or was handed out in this or an earlier batch, and whose
/// tid and pid are those that the ring was claimed with; scheduling only from whom it is expected; names in valid UTF-8
/// without control characters. All else is counted in lost.malformed.
class ChannelReader {
public:
    explicit ChannelReader(const Channel& channel, SchedulingSource scheduling = SchedulingSource::Kernel);

    /// Appends what has come since the last call: events (in order within each ring, unsorted between rings), new
    /// objects, new or changed thread names; and adds its counts since the start to batch.lost, so that each batch is
    /// drained into once. Never blocks. O(events + rings in use): one that was closed and read, or whose thread is
    /// gone, is given back, its memory to the system and its number to the next thread.
    void drain(Batch& batch);

private:
    struct Ring {
        std::uint32_t index = 0;
        std::uint64_t claim = 0; ///< which claim it was handed out with
        std::byte* memory = nullptr; ///< nullptr = could not be mapped yet
        std::uint64_t tail = 0;
        std::uint64_t dropped = 0;
        std::uint64_t allocated = 0; ///< events from the ring's start whose memory exists
        std::uint64_t image = 0;
        std::uint32_t nameVersion = UINT32_MAX;
        Tid tid = 0; ///< 0 = not seen yet
        Pid pid = 0;
        bool auxiliary = false;
        bool idsAreOurs = false; ///< tid and pid are numbers of our own PID namespace
        bool gone = false; ///< its thread is, and everything that it wrote is there

        channel::RingHeader& header() const noexcept { return *reinterpret_cast<channel::RingHeader*>(memory); }
        const Event* events() const noexcept
        {
            return reinterpret_cast<const Event*>(memory + channel::kRingHeaderBytes);
        }
    };
    struct Image {
        std::uint64_t number = 0;
        std::uint32_t rings = 0;
    };

    void takeClaims();
    void lookForEndedThreads();
    void drainRings(Batch& batch);
    /// False when the ring is done with: read to its end, or not to be trusted with a thread.
    bool drainRing(Ring& ring, Batch& batch);
    bool identify(Ring& ring);
    void noteImage(const Ring& ring);
    void forgetImage(const Ring& ring);
    void drainName(Ring& ring, Batch& batch);
    void drainEvents(Ring& ring, bool goesOn, Batch& batch);
    void allocateAhead(Ring& ring, std::uint64_t until) const;
    void giveBack(const Ring& ring);
    void freeGivenBack();
    void prepareNextRings();
    void offerRings();
    void drainObjects(Batch& batch);
    void removeMalformed(std::vector<Event>& events, std::size_t first);

    const Channel& m_channel;
    SchedulingSource m_scheduling;
    CpuId m_cpus; ///< of this machine
    std::uint64_t m_pidNamespace;

    RingMappings m_mappings;
    std::vector<std::uint32_t> m_queue; ///< our own copy of the queue of free rings
    std::uint64_t m_claimed = 0; ///< up to where claims were seen
    std::uint64_t m_offered = 0;
    bool m_claimsDamaged = false;
    std::uint32_t m_fresh = 0; ///< rings from here on were never offered
    std::vector<std::uint32_t> m_givenBack; ///< whose memory is still to be freed
    std::vector<std::uint32_t> m_free; ///< to be offered again
    std::deque<Ring> m_next; ///< the rings that will be claimed next, with memory allocated for their first events
    std::vector<Ring> m_open; ///< claimed, in the order of the claims
    std::size_t m_lookedAt = 0; ///< in m_open: whose thread to look for next
    std::unordered_map<Pid, Image> m_images; ///< the latest program of each process that has rings
    std::uint64_t m_dropped = 0; ///< the sum of Ring::dropped, of rings given back as well

    std::uint32_t m_objectsSeen = 1;
    std::vector<std::uint32_t> m_objectsPending; ///< claimed but not ready when last looked at
    std::vector<bool> m_objectBorn; ///< by id
    std::uint64_t m_malformed = 0;
};

} // namespace timeslice
