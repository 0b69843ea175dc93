// Track: one row of the timeline as a step function of time, with its level of detail.
//
// A track is contiguous: a slice lasts until the next begins; "nothing" is a slice too (SliceState::Absent).
// Slices lie in blocks of kBlock, each with the time spent so far in each of 16 categories. The share of each category
// in any interval is then exact and costs O(log n + kBlock), whatever the number of slices in it, and appending stays
// amortized O(1). (The idea of Perfetto's slice mipmap, with sums in place of samples.)
//
// A block with all its columns is 512 contiguous bytes: finding a moment among 10^8 slices touches the small index
// arrays and then one half of a block, as the sums are known at both its ends. What a frame costs is the cache lines
// that it fetches: some seven for each pixel. Memory: 16 bytes a slice and 0.53 for the index. No append copies more
// than 128 KiB, however long the track.
#pragma once

#include "core/base/time.h"
#include "core/trace/chunked_array.h"
#include "core/trace/slice.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace timeslice {

inline constexpr int kCategories = 16;

/// Nanoseconds spent in each category.
using Shares = std::array<Nanos, kCategories>;

/// Not thread-safe: belongs to whoever owns the Timeline. Moves, but does not copy: it may hold gigabytes.
class Track {
public:
    static constexpr std::size_t kBlock = 32;

    /// Starts a slice at `begin`, which must not be before the last slice's begin (asserted). A slice of no length is
    /// replaced; a value equal to the last one but for its cause extends the last slice.
    void append(Nanos begin, SliceValue value);
    /// Forgets every slice that begins at or after `t`; the slice then last is open again and known until `t` at most.
    /// A track that ends before `t` is left as it is.
    void truncate(Nanos t);
    /// How far the last slice is known to last. Never moves back, save by truncate().
    void extendTo(Nanos end);
    /// The track is complete: its last slice ends where extendTo() put it.
    void close() noexcept { m_closed = true; }
    /// Sets each value to `f` of it and adds the sums up anew. O(n): for what became known late (a colour, a core).
    template <class F> void mapValues(F f)
    {
        for (std::size_t i = 0; i < m_size; ++i) {
            std::uint32_t& bits = m_blocks[i / kBlock].values[i % kBlock];
            bits = f(SliceValue::fromBits(bits)).bits();
        }
        rebuildSums();
    }

    std::size_t size() const noexcept { return m_size; }
    bool empty() const noexcept { return m_size == 0; }
    bool closed() const noexcept { return m_closed; }
    Nanos begin() const noexcept { return m_size == 0 ? 0 : m_blocks[0].begins[0]; }
    Nanos end() const noexcept { return m_end; }
    Slice slice(std::size_t index) const;
    SliceValue value(std::size_t index) const { return SliceValue::fromBits(valueBits(index)); }

    /// Index of the slice that covers `t`; size() when `t` lies outside the track.
    std::size_t indexAt(Nanos t) const;
    /// Index of the first slice that ends after `t`; size() when there is none.
    std::size_t firstEndingAfter(Nanos t) const;
    /// Time spent in each category within `range`, clipped to the track. Exact.
    Shares shares(TimeRange range) const;
    std::size_t memoryBytes() const noexcept;

    /// Copies the columns from slice `first` on into two spans of one length, as far as there are slices; returns how
    /// many. For the recording file.
    std::size_t copyColumns(std::size_t first, std::span<Nanos> begins, std::span<std::uint32_t> values) const;
    /// Adds slices exactly as given (nothing is merged), for the recording file. `begins` must ascend strictly, start
    /// after the last slice's begin, and both columns be of one length; else false, and the track is left empty.
    bool restore(std::span<const Nanos> begins, std::span<const std::uint32_t> values);

    /// Walks ascending moments and gives the shares between each and the next: what a row of pixels needs. Steps of
    /// one width are quickest: it fetches the memory of the next ones ahead. Valid while the track is not changed.
    class Cursor {
    public:
        explicit Cursor(const Track& track)
            : m_track(&track)
        {
        }
        /// Shares in [from, to), clipped to the track, where `from` is not before an earlier call's `to`.
        Shares advance(Nanos from, Nanos to);
        /// The slice that covers the start of the last advanced interval, and the last one that begins before its
        /// end: lastIndex() - firstIndex() slices begin within it. Both are size() if it lay outside the track.
        std::size_t firstIndex() const noexcept { return m_first; }
        std::size_t lastIndex() const noexcept { return m_last; }

    private:
        static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

        /// How many boundaries ahead the index is read, and from there the block's half.
        static constexpr std::size_t kIndexAhead = 8;
        static constexpr std::size_t kHalfAhead = 4;
        /// Walking over this many slices costs about what a jump through the index does.
        static constexpr std::size_t kWalk = 20;
        /// A guess at where a boundary to come lies.
        struct Ahead {
            std::size_t group = kNone;
            std::size_t half = kNone;
        };

        bool isNear(Nanos t) const;
        void moveTo(Nanos t);
        void jumpTo(Nanos t);
        void lookAhead(Nanos to, Nanos step);

        const Track* m_track;
        std::size_t m_first = 0;
        std::size_t m_last = 0;
        Nanos m_at = std::numeric_limits<Nanos>::min(); ///< where m_index and m_sums stand
        std::size_t m_index = 0; ///< the slice that covers m_at
        Shares m_sums{}; ///< time per category before m_at
        std::size_t m_aheadTop = 0; ///< where the top index level was last read
        std::array<Ahead, kIndexAhead> m_ahead; ///< ring: of the next boundaries
        std::size_t m_now = 0; ///< place in the ring
    };

private:
    friend class Cursor;

    struct Block {
        Shares sums; ///< time per category before this block
        std::array<Nanos, kBlock> begins;
        std::array<std::uint32_t, kBlock> values;
    };
    static_assert(sizeof(Block) == 512);

    static constexpr std::size_t kHalf = kBlock / 2; ///< slices that an entry of the lowest index level stands for
    static constexpr std::size_t kFanOut = 16; ///< entries of an index level that one entry of the next stands for

    Nanos beginOf(std::size_t i) const noexcept { return m_blocks[i / kBlock].begins[i % kBlock]; }
    std::uint32_t valueBits(std::size_t i) const noexcept { return m_blocks[i / kBlock].values[i % kBlock]; }
    Nanos endOf(std::size_t i) const noexcept { return i + 1 < m_size ? beginOf(i + 1) : m_end; }

    void push(Nanos begin, std::uint32_t bits);
    void shrink(std::size_t size);
    void rebuildSums();
    static void addBlock(Shares& sums, const Block& block, std::size_t count, Nanos end) noexcept;

    std::size_t topAt(Nanos t) const noexcept;
    std::size_t groupAt(Nanos t, std::size_t top) const noexcept;
    std::size_t halfInGroup(Nanos t, std::size_t group) const noexcept;
    std::size_t halfAt(Nanos t) const noexcept;
    bool halfCovers(std::size_t half, Nanos t) const noexcept;
    std::size_t indexInHalf(Nanos t, std::size_t half) const noexcept;
    std::size_t covering(Nanos t) const noexcept;
    /// Time per category before `t`, which lies in slice `index`.
    Shares sumsUntil(Nanos t, std::size_t index) const noexcept;

    ChunkedArray<Block, 4096> m_blocks; ///< 2 MiB a large chunk: a huge page where the system gives one
    ChunkedArray<Nanos, 262144> m_halfBegins; ///< of each half of a block; 2 MiB a large chunk too
    std::vector<Nanos> m_groupBegins; ///< of each kFanOut halves
    std::vector<Nanos> m_topBegins; ///< of each kFanOut groups
    std::size_t m_size = 0;
    Nanos m_end = 0;
    bool m_closed = false;
};

} // namespace timeslice
