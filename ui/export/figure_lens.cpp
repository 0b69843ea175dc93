#include "ui/export/figure_lens.h"

#include "core/analysis/chart.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr double kSeenPixels = 4; // a slice of fewer is a line at best
constexpr double kSlicesInLens = 40;
constexpr double kMostOfWhole = 0.2;
constexpr std::size_t kMostThreads = 4;

std::size_t slicesWithin(const Track& track, TimeRange range)
{
    const std::size_t first = track.firstEndingAfter(range.begin);
    const std::size_t last = track.firstEndingAfter(range.end);
    return last > first ? last - first : 0;
}

} // namespace

std::optional<Lens> lensFor(const RunPicture& run, const std::vector<std::size_t>& order, int lanePixels)
{
    if (order.empty() || lanePixels <= 0) {
        return std::nullopt;
    }
    Lens lens;
    lens.variant = order.front();
    const Timeline& timeline = run.variants[lens.variant].recording->timeline;
    const TimeRange work = timeline.workRange();
    std::size_t most = 0;
    for (const ThreadInfo& thread : timeline.threads) {
        most = std::max(most, thread.auxiliary ? 0 : slicesWithin(thread.track, work));
    }
    for (const LockInfo& lock : timeline.locks) {
        most = std::max(most, slicesWithin(lock.track, work));
    }
    const auto length = static_cast<double>(work.length());
    const auto whole = static_cast<double>(fullLength(run.variants));
    if (most == 0 || whole <= 0 || lanePixels * length / whole / static_cast<double>(most) >= kSeenPixels) {
        return std::nullopt;
    }
    const double wanted = std::min(length * kSlicesInLens / static_cast<double>(most), length * kMostOfWhole);
    const auto shown = static_cast<Nanos>(niceStep(wanted, 1));
    lens.range = {work.length() / 2 - shown / 2, work.length() / 2 - shown / 2 + shown};

    RowOptions options;
    options.cores = false;
    options.cpu = false;
    options.counters = false;
    options.memory = false;
    options.groups = run.groups;
    options.onlyVariant = lens.variant;
    options.maxOfAKind = kMostThreads;
    options.section = lens.range;
    for (RowContent& row : describeRows(run.variants, options)) {
        if (row.variant == lens.variant) {
            lens.rows.push_back(std::move(row));
        }
    }
    return lens.rows.size() > 1 ? std::optional(std::move(lens)) : std::nullopt;
}

} // namespace timeslice
