// The median of ratios that were measured in pairs, and how far it can be trusted.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace timeslice {

/// With the distribution-free confidence interval of a median: order statistics of the binomial distribution, 95 %.
struct Median {
    double low = 0;
    double value = 0;
    double high = 0;
};

/// Of at least one value.
inline Median medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const double n = static_cast<double>(values.size());
    const double half = 1.96 * std::sqrt(n) / 2; // the normal approximation
    const auto at = [&](double rank) { return values[static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1))]; };
    return {at(std::floor(n / 2 - half)), at(std::floor(n / 2)), at(std::ceil(n / 2 + half) - 1)};
}

} // namespace timeslice
