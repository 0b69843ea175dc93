// Distribution: how a time that the scenario is about spreads in each variant, on one logarithmic time axis.
//
//   4 hogs              |                              ▂▅█▃      ┊          a lane per variant
//   median 12 ms        |                          ▂▃▅███████▂▁  ┊
//   95 of 100 in 46 ms  |________________________▁▃█████████████▃┊______
//                        1 µs      10 µs     100 µs     1 ms      10 ms
//
// Steps are how many of a variant's samples are in each of 20 bins to a factor of ten; the solid line is the median,
// the dashed one the 95th percentile. Painted by the live view and by figures alike, which have no widget.
#pragma once

#include "core/analysis/distribution.h"
#include "core/scenario/scenario.h"
#include "ui/plot/canvas.h"

#include <QRect>
#include <QString>
#include <optional>
#include <vector>

namespace timeslice {

/// One variant's samples.
struct DistributionSeries {
    std::size_t variant = 0;
    QString title;
    std::size_t count = 0;
    double median = 0; ///< ms
    double p95 = 0; ///< ms
    std::vector<HistogramBin> bins;
};

struct Distribution {
    QString subject; ///< what was timed: "how long the GIL was held"
    QString axis; ///< what goes across: "length of a hold"
    QString noun; ///< of one sample: "hold"
    std::vector<DistributionSeries> series; ///< variants with samples
    QString difference; ///< the sentence that compares them; empty with fewer than two
    double low = 0; ///< ms: the axis, whole powers of ten
    double high = 0;

    bool empty() const noexcept { return series.empty(); }
};

/// Whether the scenario asks for one (Scenario::view "latency" or "holds").
bool hasDistribution(const Scenario& scenario);
/// `holdRatio`: of the first variant's median hold to the second's; 0 if they are not compared.
Distribution distributionOf(Sample sample, std::vector<DistributionSeries> series, double holdRatio);

/// Where it is painted. Free functions, so that they are tested without a painter.
struct DistributionLayout {
    struct Lane {
        QRect label;
        QRect plot;
        std::vector<std::size_t> series;
        double top = 1; ///< how many samples the plot's upper edge stands for
    };
    std::vector<Lane> lanes;
    bool oneScale = true; ///< `top` is the same in all lanes: so it is where none is too low to be read then
    QRect title, difference;
    int axisTop = 0;
    int left = 0; ///< of all plots
    int right = 0;
};
DistributionLayout layOutDistribution(const Canvas& canvas, const QRect& rect, const Distribution& distribution);
/// The height that shows every lane and its words well, in em.
double distributionEms(const Distribution& distribution);
/// Pixel of a time in ms, and back.
double millisToPixel(const Distribution& distribution, const DistributionLayout& layout, double millis);
double pixelToMillis(const Distribution& distribution, const DistributionLayout& layout, double pixel);

void paintDistribution(const Canvas& canvas, const QRect& rect, const Distribution& distribution);

} // namespace timeslice
