#include "core/model/series_points.h"

#include "core/analysis/chart.h"
#include "core/analysis/report_words.h"

namespace timeslice {

namespace {

void addPoints(const VariantReport& run, const std::string& name, const std::vector<ChartMeasure>& measures, bool texts,
    std::vector<CsvPoint>& points)
{
    for (const ChartMeasure& measure : measures) {
        const auto number = numberOf(run, measure);
        const auto words = wordsOf(run, measure);
        if (words || (number && !texts)) {
            points.push_back({run.id, name, run.wall, std::string(report_words::word(run.exit.kind)),
                measure.label + (measure.unit.empty() ? "" : ", " + measure.unit), number.value_or(0),
                words.value_or("")});
        }
    }
}

} // namespace

std::vector<CsvPoint> seriesPoints(const RunModel& model)
{
    std::vector<CsvPoint> points;
    const RunReport& report = model.report();
    if (!model.scenario()) {
        return points;
    }
    const auto& chart = model.scenario()->chart;
    if (!report.series) {
        for (const VariantReport& run : report.variants) {
            addPoints(run, "#1", chart ? chart->measures : std::vector<ChartMeasure>(), true, points);
        }
        return points;
    }
    const SeriesReport& series = *report.series;
    ChartMeasure wall;
    wall.pointer = "/wall_s";
    wall.label = "wall_s";
    const std::vector<ChartMeasure> measures = chart ? chart->measures : std::vector<ChartMeasure>{wall};
    for (const SeriesPoint& point : series.points) {
        const std::string value = series.values.empty() ? "" : series.knob + "=" + series.values[point.step] + " ";
        addPoints(point.report, value + "#" + std::to_string(point.repetition + 1), measures, false, points);
    }
    return points;
}

} // namespace timeslice
