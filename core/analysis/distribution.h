// Distributions: how long the holds of a GIL lasted, how late wake-ups came, as plots and comparisons need them.
#pragma once

#include "core/analysis/report.h"
#include "core/trace/timeline.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// In milliseconds, ascending: the empirical distribution itself.
using Samples = std::vector<double>;

/// Lengths of the holds of all locks of kind Gil that touch the work range and have ended, as LockReport::holdMillis.
Samples holdTimes(const Timeline& timeline);
/// Of these, those that ended because a waiter's switch interval had run out: how wide the stripes are.
Samples timedOutHoldTimes(const Timeline& timeline);
/// Delays that the workload measured itself (Timeline::latencies).
Samples latencies(const Timeline& timeline);

/// One bar of a histogram: samples in [low, high).
struct HistogramBin {
    double low = 0;
    double high = 0;
    std::uint64_t count = 0;
};

/// Bins between powers of ten, `perDecade` to each: the edges are 10^(k / perDecade) for whole k, the same whatever the
/// samples, so that the histograms of two variants lie on one another. From the bin of the smallest sample to that of
/// the largest, empty ones in between included. Samples below `least` (and zero, which has no logarithm) count in the
/// bin of `least`. No samples: no bins.
std::vector<HistogramBin> logHistogram(const Samples& samples, int perDecade = 20, double least = 1e-4);

/// By nearest rank (see Quantiles): the smallest sample that at least `share` (0..1) of all do not exceed. 0 without
/// samples.
double quantile(const Samples& samples, double share);

/// Everything that a picture of one distribution shows, so that nobody sorts or counts the samples again.
struct Spread {
    std::size_t count = 0;
    double median = 0; ///< ms
    double p95 = 0; ///< ms
    std::vector<HistogramBin> bins; ///< logHistogram()
};
/// nullopt: no samples.
std::optional<Spread> spreadOf(const Samples& samples);

/// The two-sample Kolmogorov-Smirnov statistic: the largest distance between the two empirical distribution functions,
/// 0 (the same) to 1 (no overlap). It depends on the order of the samples alone, not on their unit. N. V. Smirnov,
/// "Table for Estimating the Goodness of Fit of Empirical Distributions", The Annals of Mathematical Statistics 19(2),
/// 1948. 1 if only one of them has samples, 0 if neither has.
double kolmogorovSmirnov(const Samples& a, const Samples& b);

/// How the holds of one variant's GIL differ from another's. For scenarios of view "holds": the first two variants.
HoldComparison compareHolds(
    const std::string& firstId, const Timeline& first, const std::string& secondId, const Timeline& second);

} // namespace timeslice
