#include "core/analysis/distribution.h"

#include "core/analysis/quantiles.h"
#include "core/trace/handoff.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

/// Of each hold of a GIL that touches the work range and has ended, if `wanted(lock, slice)`.
template <class Wanted> Samples lengthsOfHolds(const Timeline& timeline, Wanted wanted)
{
    const TimeRange range = timeline.workRange();
    Samples lengths;
    for (std::uint32_t lock = 0; lock < timeline.locks.size(); ++lock) {
        if (timeline.locks[lock].kind != ObjectKind::Gil) {
            continue;
        }
        const Track& track = timeline.locks[lock].track;
        // The last slice has no end but that of the recording.
        for (std::size_t i = track.firstEndingAfter(range.begin); i + 1 < track.size(); ++i) {
            const Slice slice = track.slice(i);
            if (slice.begin >= range.end) {
                break;
            }
            if (slice.value.state() == SliceState::Running && wanted(lock, i)) {
                lengths.push_back(toMillis(slice.length()));
            }
        }
    }
    std::sort(lengths.begin(), lengths.end());
    return lengths;
}

double edge(int k, int perDecade)
{
    return std::pow(10.0, static_cast<double>(k) / perDecade);
}

/// The bin that `value`, greater than 0, lies in. The logarithm may round to the wrong side of an edge.
int binOf(double value, int perDecade)
{
    int k = static_cast<int>(std::floor(std::log10(value) * perDecade));
    while (edge(k, perDecade) > value) {
        --k;
    }
    while (edge(k + 1, perDecade) <= value) {
        ++k;
    }
    return k;
}

} // namespace

Samples holdTimes(const Timeline& timeline)
{
    return lengthsOfHolds(timeline, [](std::uint32_t, std::size_t) { return true; });
}

Samples timedOutHoldTimes(const Timeline& timeline)
{
    return lengthsOfHolds(timeline, [&](std::uint32_t lock, std::size_t hold) {
        return releaseReason(timeline, lock, hold) == ReleaseReason::Timeout;
    });
}

Samples latencies(const Timeline& timeline)
{
    Samples delays;
    delays.reserve(timeline.latencies.size());
    for (const LatencySample& sample : timeline.latencies) {
        delays.push_back(toMillis(sample.delay));
    }
    std::sort(delays.begin(), delays.end());
    return delays;
}

std::vector<HistogramBin> logHistogram(const Samples& samples, int perDecade, double least)
{
    std::vector<HistogramBin> bins;
    if (samples.empty()) {
        return bins;
    }
    const int first = binOf(std::max(samples.front(), least), perDecade);
    const int last = binOf(std::max(samples.back(), least), perDecade);
    for (int k = first; k <= last; ++k) {
        bins.push_back({edge(k, perDecade), edge(k + 1, perDecade), 0});
    }
    for (const double sample : samples) {
        ++bins[static_cast<std::size_t>(binOf(std::max(sample, least), perDecade) - first)].count;
    }
    return bins;
}

double quantile(const Samples& samples, double share)
{
    if (samples.empty()) {
        return 0;
    }
    // 0.95 * 20 must be 19, whatever the last bit of 0.95.
    const double rank = std::ceil(share * static_cast<double>(samples.size()) - 1e-9);
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return samples[std::min(index, samples.size() - 1)];
}

std::optional<Spread> spreadOf(const Samples& samples)
{
    if (samples.empty()) {
        return std::nullopt;
    }
    return Spread{samples.size(), quantile(samples, 0.5), quantile(samples, 0.95), logHistogram(samples)};
}

double kolmogorovSmirnov(const Samples& a, const Samples& b)
{
    if (a.empty() || b.empty()) {
        return a.empty() == b.empty() ? 0 : 1;
    }
    const auto countA = static_cast<double>(a.size());
    const auto countB = static_cast<double>(b.size());
    double distance = 0;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        const double value = std::min(a[i], b[j]);
        while (i < a.size() && a[i] <= value) {
            ++i;
        }
        while (j < b.size() && b[j] <= value) {
            ++j;
        }
        distance = std::max(distance, std::abs(static_cast<double>(i) / countA - static_cast<double>(j) / countB));
    }
    return distance;
}

HoldComparison compareHolds(
    const std::string& firstId, const Timeline& first, const std::string& secondId, const Timeline& second)
{
    const Samples a = holdTimes(first);
    const Samples b = holdTimes(second);
    HoldComparison comparison;
    comparison.first = firstId;
    comparison.second = secondId;
    comparison.distance = kolmogorovSmirnov(a, b);
    comparison.firstMillis = quantilesOf(a);
    comparison.secondMillis = quantilesOf(b);
    comparison.ratio = comparison.secondMillis.p50 > 0 ? comparison.firstMillis.p50 / comparison.secondMillis.p50 : 0;
    return comparison;
}

} // namespace timeslice
