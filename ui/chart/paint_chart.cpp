#include "ui/chart/paint_chart.h"

#include "ui/chart/chart_frame.h"

#include <QStringList>
#include <algorithm>

namespace timeslice {

void paintChart(const Canvas& canvas, const QRect& rect, const Chart& chart)
{
    if (chart.empty()) {
        return;
    }
    canvas.painter->save();
    canvas.painter->setRenderHint(QPainter::Antialiasing, false);
    switch (chart.kind) {
    case ChartSpec::Kind::Bars:
        paintBars(canvas, rect, chart);
        break;
    case ChartSpec::Kind::Histogram:
        paintHistogram(canvas, rect, chart);
        break;
    case ChartSpec::Kind::Curve:
        paintCurve(canvas, rect, chart);
        break;
    case ChartSpec::Kind::Table:
        paintTable(canvas, rect, chart);
        break;
    }
    canvas.painter->restore();
}

QString chartTextAt(const Canvas& canvas, const QRect& rect, const Chart& chart, const QPoint& at)
{
    return chart.kind == ChartSpec::Kind::Table && !chart.empty() ? tableTextAt(canvas, rect, chart, at) : QString();
}

namespace {

constexpr double kHead = 3;
constexpr double kAxis = 3.4;

} // namespace

double lowChartEms(const Chart& chart)
{
    const auto groups = static_cast<double>(chart.groups.size());
    const auto names = static_cast<double>(std::max<std::size_t>(1, chart.names.size()));
    switch (chart.kind) {
    case ChartSpec::Kind::Bars:
        return kHead + kAxis + groups * (names * 1.15 + 0.5);
    case ChartSpec::Kind::Histogram:
        return kHead + kAxis + names * 5;
    case ChartSpec::Kind::Curve:
        return kHead + kAxis + 8;
    case ChartSpec::Kind::Table:
        return kHead + groups * (hasWords(chart) ? 2.6 : 1.9);
    }
    return kHead;
}

double chartEms(const Chart& chart)
{
    constexpr double kBars = 23; // many bars are lower, so that rows have room above them
    const auto groups = static_cast<double>(chart.groups.size());
    const auto names = static_cast<double>(std::max<std::size_t>(1, chart.names.size()));
    switch (chart.kind) {
    case ChartSpec::Kind::Bars:
        return kHead + kAxis + groups * (names * std::clamp(kBars / (groups * names), 1.15, 1.5) + 0.9);
    case ChartSpec::Kind::Histogram:
        return kHead + kAxis + names * 8;
    case ChartSpec::Kind::Curve:
        return kHead + kAxis + 13;
    case ChartSpec::Kind::Table:
        return kHead + groups * (hasWords(chart) ? 3.2 : 2.6);
    }
    return kHead;
}

QString chartText(const Chart& chart)
{
    QStringList lines{chartWords(chart.title)};
    for (std::size_t group = 0; group < chart.cells.size(); ++group) {
        for (std::size_t name = 0; name < chart.cells[group].size(); ++name) {
            const ChartCell& cell = chart.cells[group][name];
            if (cell.count > 0) {
                lines << QStringLiteral("%1, %2: %3")
                             .arg(
                                 chartWords(chart.groups[group]), chartWords(chart.names[name]), chartWords(cell.text));
            }
        }
    }
    for (const ChartBin& bin : chart.bins) {
        for (std::size_t name = 0; name < bin.counts.size(); ++name) {
            if (bin.counts[name] > 0) {
                lines << QStringLiteral("%1: %2 of %3 from %4 to %5")
                             .arg(chartWords(chart.names[name]))
                             .arg(bin.counts[name])
                             .arg(chart.runs)
                             .arg(bin.low)
                             .arg(bin.high);
            }
        }
    }
    return lines.join(u'\n');
}

} // namespace timeslice
