#include "ui/export/figure_lens.h"

#include "core/analysis/chart.h"
#include "ui/plot/format_time.h"
#include "ui/plot/loss_focus.h"

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

/// The rows of the lens's variant, as `options` says, without cores, CPU and memory.
std::optional<Lens> withRows(Lens lens, const RunPicture& run, RowOptions options)
{
    options.cores = false;
    options.cpu = false;
    options.memory = false;
    options.groups = run.groups;
    options.named = run.evidenceThreads;
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

    lens.what = QStringLiteral("enlarged: %1 from the middle").arg(formatDuration(lens.range.length()));
    RowOptions options;
    options.counters = false;
    return withRows(std::move(lens), run, options);
}

std::optional<Lens> lossLens(const RunPicture& run, const std::vector<std::size_t>& order)
{
    const auto found = std::find_if(order.begin(), order.end(),
        [&run](std::size_t v) { return run.variants[v].loss && run.variants[v].recording != nullptr; });
    if (found == order.end()) {
        return std::nullopt;
    }
    const VariantPicture& variant = run.variants[*found];
    const Timeline& timeline = variant.recording->timeline;
    Lens lens;
    lens.variant = *found;
    lens.range = lossFocus(*variant.loss, timeline.counters[variant.lossCounter], originOf(timeline));
    lens.what = QStringLiteral("enlarged: a lost update, %1 of it").arg(formatDuration(lens.range.length()));
    RowOptions options;
    options.locks = false;
    return withRows(std::move(lens), run, options);
}

} // namespace timeslice
