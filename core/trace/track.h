// Track: one row of the timeline as a step function of time, with its level of detail.
//
// A track is contiguous: a slice lasts until the next begins; "nothing" is a slice too (SliceState::Absent).
// Every kBlock slices it keeps the time spent so far in each of 16 categories. The share of each category in any
// interval is then exact and costs O(log n + kBlock), whatever the number of slices in it, and appending stays
// amortized O(1). Memory: 12 bytes a slice plus 128/kBlock for the sums.
#pragma once

#include "core/base/time.h"
#include "core/trace/slice.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace timeslice {

inline constexpr int kCategories = 16;

/// Nanoseconds spent in each category.
using Shares = std::array<Nanos, kCategories>;

/// Not thread-safe: belongs to whoever owns the Timeline.
class Track {
public:
    static constexpr std::size_t kBlock = 32;

    /// Starts a slice at `begin`, which must not be before the last slice's begin (asserted). A slice of no length is
    /// replaced; a value equal to the last one but for its cause extends the last slice.
    void append(Nanos begin, SliceValue value);
    /// Forgets every slice that begins at or after `t`; the slice then last is open again.
    void truncate(Nanos t);
    /// How far the last slice is known to last. Never moves back, save by truncate().
    void extendTo(Nanos end);
    /// The track is complete: its last slice ends where extendTo() put it.
    void close() noexcept { m_closed = true; }

    std::size_t size() const noexcept { return m_begins.size(); }
    bool empty() const noexcept { return m_begins.empty(); }
    bool closed() const noexcept { return m_closed; }
    Nanos begin() const noexcept { return m_begins.empty() ? 0 : m_begins.front(); }
    Nanos end() const noexcept { return m_end; }
    Slice slice(std::size_t index) const;
    SliceValue value(std::size_t index) const { return SliceValue::fromBits(m_values[index]); }

    /// Index of the slice that covers `t`; size() when `t` lies outside the track.
    std::size_t indexAt(Nanos t) const;
    /// Index of the first slice that ends after `t`; size() when there is none.
    std::size_t firstEndingAfter(Nanos t) const;
    /// Time spent in each category within `range`, clipped to the track. Exact.
    Shares shares(TimeRange range) const;
    std::size_t memoryBytes() const noexcept;

    /// The raw columns, for the recording file. restore() rebuilds the level of detail.
    const std::vector<Nanos>& begins() const noexcept { return m_begins; }
    const std::vector<std::uint32_t>& values() const noexcept { return m_values; }
    /// `begins` must ascend and both columns be of one length (else false, and the track is left empty).
    bool restore(std::vector<Nanos> begins, std::vector<std::uint32_t> values, Nanos end);

    /// Walks ascending moments and gives the shares between each and the next: what a row of pixels needs.
    /// Valid while the track is not changed.
    class Cursor {
    public:
        explicit Cursor(const Track& track)
            : m_track(&track)
        {
        }
        /// Shares in [from, to), where `from` is not before an earlier call's `to`.
        Shares advance(Nanos from, Nanos to);
        /// How many slices begin within the last advanced interval, and the one that covers its start.
        std::size_t firstIndex() const noexcept { return m_first; }
        std::size_t lastIndex() const noexcept { return m_last; }

    private:
        const Track* m_track;
        std::size_t m_first = 0;
        std::size_t m_last = 0;
        Nanos m_at = INT64_MIN;
        Shares m_sumAt{};
    };

private:
    friend class Cursor;
    Shares sumsUntil(Nanos t, std::size_t hint) const;
    void pushSums();

    std::vector<Nanos> m_begins;
    std::vector<std::uint32_t> m_values;
    std::vector<Shares> m_sums; ///< m_sums[b]: time per category before slice b * kBlock
    Nanos m_end = 0;
    bool m_closed = false;
};

} // namespace timeslice
