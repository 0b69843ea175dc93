#include "core/model/series_points.h"

#include "core/analysis/chart.h"
#include "core/analysis/report_words.h"

namespace timeslice {

std::vector<CsvPoint> seriesPoints(const RunModel& model)
{
    std::vector<CsvPoint> points;
    const RunReport& report = model.report();
    if (!report.series || !model.scenario()) {
        return points;
    }
    const SeriesReport& series = *report.series;
    ChartMeasure wall;
    wall.pointer = "/wall_s";
    wall.label = "wall_s";
    const auto& chart = model.scenario()->chart;
    const std::vector<ChartMeasure> measures = chart ? chart->measures : std::vector<ChartMeasure>{wall};
    for (const SeriesPoint& point : series.points) {
        const std::string value = series.values.empty() ? "" : series.knob + "=" + series.values[point.step] + " ";
        for (const ChartMeasure& measure : measures) {
            if (const auto number = numberOf(point.report, measure)) {
                points.push_back({point.report.id, value + "#" + std::to_string(point.repetition + 1),
                    point.report.wall, std::string(report_words::word(point.report.exit.kind)),
                    measure.label + (measure.unit.empty() ? "" : ", " + measure.unit), *number});
            }
        }
    }
    return points;
}

} // namespace timeslice
