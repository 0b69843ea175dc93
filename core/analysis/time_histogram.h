// TimeHistogram: how many times fell between which powers of ten, in bins that are the same for every run.
#pragma once

#include "core/base/time.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace timeslice {

/// Ten bins to each power of ten: bin k holds the times t with 10^(k/10) ms <= t < 10^((k+1)/10) ms, counted in whole
/// nanoseconds. What is shorter than a nanosecond is in the bin of one, what is longer than 11 days in that of those.
class TimeHistogram {
public:
    static constexpr int kPerDecade = 10;
    static constexpr int kFirst = -6 * kPerDecade; ///< of 1 ns
    static constexpr int kLast = 9 * kPerDecade - 1; ///< up to 10^9 ms
    static constexpr int kBins = kLast - kFirst + 1;

    /// Edges of a bin, in ms.
    static double lowOf(int bin);
    static double highOf(int bin) { return lowOf(bin + 1); }

    /// O(log bins).
    void add(Nanos time) { addTo(binOf(time), 1); }
    /// `bin` within [kFirst, kLast].
    void addTo(int bin, std::uint64_t count);

    bool empty() const noexcept { return m_counts.empty(); }
    int first() const noexcept { return m_first; } ///< the lowest bin with something in it; 0 when empty
    /// From that bin to the highest with something in it.
    const std::vector<std::uint64_t>& counts() const noexcept { return m_counts; }
    std::uint64_t total() const noexcept;

    static int binOf(Nanos time);

    friend bool operator==(const TimeHistogram&, const TimeHistogram&) = default;

private:
    int m_first = 0;
    std::vector<std::uint64_t> m_counts;
};

} // namespace timeslice
