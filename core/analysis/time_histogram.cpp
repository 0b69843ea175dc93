#include "core/analysis/time_histogram.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

namespace timeslice {

namespace {

constexpr std::size_t kBins = TimeHistogram::kBins;

/// The least whole number of nanoseconds of each bin: a look-up is exact, and needs no logarithm.
const std::array<Nanos, kBins>& leastOfBins()
{
    static const std::array<Nanos, kBins> least = [] {
        std::array<Nanos, kBins> made{};
        Nanos decade = 1; // exact, where a power of a double need not be
        for (std::size_t i = 0; i < kBins; i += TimeHistogram::kPerDecade, decade *= 10) {
            for (int k = 0; k < TimeHistogram::kPerDecade; ++k) {
                const double factor = std::pow(10.0, static_cast<double>(k) / TimeHistogram::kPerDecade);
                made[i + static_cast<std::size_t>(k)] =
                    static_cast<Nanos>(std::ceil(static_cast<double>(decade) * factor));
            }
        }
        return made;
    }();
    return least;
}

} // namespace

double TimeHistogram::lowOf(int bin)
{
    return std::pow(10.0, static_cast<double>(bin) / kPerDecade);
}

int TimeHistogram::binOf(Nanos time)
{
    const auto& least = leastOfBins();
    const auto next = std::upper_bound(least.begin(), least.end(), std::max<Nanos>(time, 1));
    return kFirst + static_cast<int>(next - least.begin()) - 1;
}

void TimeHistogram::addTo(int bin, std::uint64_t count)
{
    assert(kFirst <= bin && bin <= kLast);
    if (m_counts.empty()) {
        m_first = bin;
    } else if (bin < m_first) {
        m_counts.insert(m_counts.begin(), static_cast<std::size_t>(m_first - bin), 0);
        m_first = bin;
    }
    const auto index = static_cast<std::size_t>(bin - m_first);
    if (index >= m_counts.size()) {
        m_counts.resize(index + 1);
    }
    m_counts[index] += count;
}

std::uint64_t TimeHistogram::total() const noexcept
{
    return std::accumulate(m_counts.begin(), m_counts.end(), std::uint64_t{0});
}

} // namespace timeslice
