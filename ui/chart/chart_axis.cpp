#include "ui/chart/chart_axis.h"

#include "core/analysis/chart.h"
#include "core/scenario/number_format.h"
#include "ui/plot/format_time.h"

#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace timeslice {

namespace {

constexpr int kUsualTicks = 6;
constexpr double kMostDigits = 9e15; ///< beyond, a number is written with an exponent

QString tickText(double value, double step)
{
    if (std::abs(value) >= kMostDigits) {
        return QString::number(value, 'g', 6);
    }
    const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
    return decimals == 0 ? QString::fromStdString(groupedDigits(std::llround(value)))
                         : QString::number(value, 'f', std::min(decimals, 9));
}

} // namespace

double ChartAxis::pixel(double value) const
{
    const double share =
        logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
}

ChartAxis axisFor(double low, double high, bool logarithmic)
{
    ChartAxis axis;
    axis.logarithmic = logarithmic && low > 0;
    if (axis.logarithmic) {
        axis.low = std::pow(10.0, std::floor(std::log10(low) - 1e-9));
        axis.high = std::pow(10.0, std::ceil(std::log10(std::max(high, low)) + 1e-9));
        return axis;
    }
    axis.low = std::min(0.0, low);
    const double step = niceStep(std::max(high - axis.low, 1e-12), kUsualTicks);
    axis.high = std::max(axis.low + step, std::ceil(high / step - 1e-9) * step);
    return axis;
}

std::vector<ChartTick> ticksOf(const ChartAxis& axis, int most)
{
    QVector<double> values;
    const QCPRange range(axis.low, axis.high);
    if (axis.logarithmic) {
        QCPAxisTickerLog ticker;
        ticker.setSubTickCount(0);
        ticker.generate(range, QLocale::c(), 'g', 6, values, nullptr, nullptr);
    } else {
        // 1, 2 or 5 times a power of ten, as the bins: QCustomPlot's own choice has 2.5, of which a count has no half.
        const double step = niceStep(axis.high - axis.low, std::max(2, most));
        QCPAxisTickerFixed ticker;
        ticker.setTickStep(axis.whole ? std::max(1.0, step) : step);
        ticker.generate(range, QLocale::c(), 'g', 6, values, nullptr, nullptr);
    }
    const double step = values.size() > 1 ? std::abs(values[1] - values[0]) : 1;
    std::vector<ChartTick> ticks;
    for (const double value : values) {
        const double slack = (axis.high - axis.low) * 1e-9;
        if (value >= axis.low - slack && value <= axis.high + slack) {
            ticks.push_back({value,
                axis.durations ? formatDuration(std::llround(value * static_cast<double>(kMillisecond)))
                               : tickText(value, axis.logarithmic ? std::min(1.0, value) : step)});
        }
    }
    return ticks;
}

} // namespace timeslice
