#include "core/analysis/quantiles.h"

#include <algorithm>

namespace timeslice {

Quantiles quantilesOf(std::vector<double> values)
{
    Quantiles result;
    result.count = values.size();
    if (values.empty()) {
        return result;
    }
    // ceil(n * percent / 100), without the rounding errors of 0.95.
    const auto ranked = [&](std::size_t percent) {
        const std::size_t rank = (values.size() * percent + 99) / 100;
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
        std::nth_element(values.begin(), at, values.end());
        return *at;
    };
    result.p50 = ranked(50);
    result.p95 = ranked(95);
    result.max = *std::max_element(values.begin(), values.end());
    return result;
}

} // namespace timeslice
