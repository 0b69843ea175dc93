#include "ui/plot/core_others.h"

#include "ui/plot/row_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace timeslice {

namespace {

constexpr double kLeast = 0.02; // of a core: less than the accounts can tell
constexpr double kTone = 0.22;

} // namespace

std::vector<OthersStretch> planOthers(const CoreInfo& core, const TimeScale& scale, Nanos origin)
{
    std::vector<OthersStretch> stretches;
    const Nanos from = columnTime(scale, origin, scale.left);
    const Nanos to = columnTime(scale, origin, scale.right);
    const auto pixel = [&](Nanos t) {
        const double x = timeToPixel(scale, static_cast<double>(t - origin));
        return static_cast<int>(std::lround(std::clamp<double>(x, scale.left, scale.right)));
    };
    auto it = std::partition_point(
        core.usage.begin(), core.usage.end(), [from](const UsageSample& sample) { return sample.end <= from; });
    for (; it != core.usage.end() && it->begin < to; ++it) {
        if (it->end <= it->begin) {
            continue;
        }
        const Shares shares = core.track.shares({it->begin, it->end});
        const Nanos owned = std::accumulate(shares.begin() + 1, shares.end(), Nanos{0});
        const double own = static_cast<double>(owned) / static_cast<double>(it->end - it->begin);
        const double others = std::max(0.0, static_cast<double>(it->busy) - own);
        const double stolen = std::max(0.0, static_cast<double>(it->stolen));
        const double free = 1 - own;
        if ((others < kLeast && stolen < kLeast) || free < kLeast) {
            continue;
        }
        OthersStretch stretch{pixel(it->begin), pixel(it->end), std::min(1.0, others / free), 0};
        stretch.stolen = std::min(1 - stretch.others, stolen / free);
        if (stretch.x1 > stretch.x0) {
            stretches.push_back(stretch);
        }
    }
    return stretches;
}

void paintOthers(const Canvas& canvas, const QRect& lane, const std::vector<OthersStretch>& stretches)
{
    const Theme& theme = *canvas.theme;
    const QColor grey = mix(theme.lane, theme.mutedText, kTone);
    for (const OthersStretch& stretch : stretches) {
        const int width = stretch.x1 - stretch.x0;
        const int tall = static_cast<int>(std::lround(stretch.others * lane.height()));
        const int taken = static_cast<int>(std::lround(stretch.stolen * lane.height()));
        const int bottom = lane.bottom() + 1;
        canvas.painter->fillRect(stretch.x0, bottom - tall, width, tall, grey);
        if (taken > 0) {
            paintHatch(canvas, QRect(stretch.x0, bottom - tall - taken, width, taken), theme.warning);
        }
    }
}

} // namespace timeslice
