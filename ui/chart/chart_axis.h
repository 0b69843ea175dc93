// ChartAxis: numbers to pixels along one side of a chart, and the ticks that stand there.
#pragma once

#include <QString>
#include <vector>

namespace timeslice {

struct ChartAxis {
    double low = 0;
    double high = 1;
    bool logarithmic = false;
    bool durations = false; ///< of ms, that read as times with their unit
    bool whole = false; ///< of counts: no tick between two of them
    int from = 0; ///< device pixel of `low`
    int to = 1; ///< of `high`; may be the lesser one

    double pixel(double value) const;
};

/// From zero (or, logarithmic, from the power of ten below `low`) to a whole tick above `high`.
ChartAxis axisFor(double low, double high, bool logarithmic);

struct ChartTick {
    double value = 0;
    QString text;
};
/// About `most` of them, at round numbers; logarithmic: at powers of ten. QCustomPlot's tickers choose.
std::vector<ChartTick> ticksOf(const ChartAxis& axis, int most);

} // namespace timeslice
