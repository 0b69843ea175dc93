#include "core/analysis/amdahl.h"

#include <algorithm>

namespace timeslice {

double amdahlSpeedup(double serial, double workers)
{
    return 1 / (serial + (1 - serial) / workers);
}

std::optional<double> fitAmdahl(std::span<const std::pair<double, double>> measured)
{
    if (std::none_of(measured.begin(), measured.end(), [](const auto& point) { return point.first > 1; })) {
        return std::nullopt;
    }
    const auto error = [&](double serial) {
        double sum = 0;
        for (const auto& [workers, speedup] : measured) {
            const double off = amdahlSpeedup(serial, workers) - speedup;
            sum += off * off;
        }
        return sum;
    };
    // Each speedup falls as the serial share rises, but their squared errors need not have one valley: so first a grid,
    // then thirds of the cell around its best.
    constexpr int kGrid = 200;
    int best = 0;
    for (int i = 1; i <= kGrid; ++i) {
        best = error(double(i) / kGrid) < error(double(best) / kGrid) ? i : best;
    }
    double low = double(std::max(0, best - 1)) / kGrid;
    double high = double(std::min(kGrid, best + 1)) / kGrid;
    while (high - low > 1e-9) {
        const double a = low + (high - low) / 3;
        const double b = high - (high - low) / 3;
        if (error(a) < error(b)) {
            high = b;
        } else {
            low = a;
        }
    }
    return (low + high) / 2;
}

} // namespace timeslice
