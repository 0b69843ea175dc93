#include "core/analysis/chart.h"

#include "core/analysis/amdahl.h"
#include "core/analysis/metric.h"
#include "core/scenario/number_format.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace timeslice {

namespace {

constexpr int kMostBins = 16;
constexpr int kBinsPerDecade = 5;
constexpr double kBeyond = 1e100; ///< nothing that one measures, and an axis of it would overflow

/// The runs' reports as documents, each made when it is first needed, and once.
class Documents {
public:
    const nlohmann::json& of(const VariantReport& run)
    {
        nlohmann::json& document = m_documents[&run];
        if (document.is_null()) {
            document = toJson(run);
        }
        return document;
    }

private:
    std::map<const VariantReport*, nlohmann::json> m_documents;
};

std::optional<double> numberIn(const VariantReport& run, const nlohmann::json& document, const ChartMeasure& measure)
{
    if (run.exit.kind == Exit::Kind::NotRun) {
        return std::nullopt; // its zeros were never measured
    }
    std::optional<double> number = numberAt(document, measure.pointer);
    if (number && !measure.overPointer.empty()) {
        const auto divisor = numberAt(document, measure.overPointer);
        number = divisor && *divisor != 0 ? std::optional(*number / *divisor) : std::nullopt;
    }
    if (!number || !(std::abs(*number * measure.factor) < kBeyond)) {
        return std::nullopt;
    }
    return *number * measure.factor;
}

std::vector<double> numbersOf(const RunReport& report, const std::string& variant, std::size_t step,
    const ChartMeasure& measure, Documents& documents)
{
    std::vector<double> numbers;
    for (const VariantReport* run : reportsOf(report, variant, step)) {
        if (const auto number = numberIn(*run, documents.of(*run), measure)) {
            numbers.push_back(*number);
        }
    }
    return numbers;
}

std::string withUnit(const std::string& text, const std::string& unit)
{
    return unit.empty() ? text : text + "\u00a0" + unit;
}

ChartCell cellOf(std::vector<double> numbers, const ChartMeasure& measure)
{
    ChartCell cell;
    cell.count = numbers.size();
    if (numbers.empty()) {
        return cell;
    }
    const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
    cell.low = *least;
    cell.high = *greatest;
    cell.value = summarize(measure.of, std::move(numbers));
    cell.text = withUnit(formatNumber(measure.format, cell.value).value_or("?"), measure.unit);
    cell.whole = measure.unit == "%" ? 100 : measure.format.find('%') != std::string::npos ? 1 : 0;
    return cell;
}

/// What a measure that is a text says in the first run that reports it.
std::optional<ChartCell> wordsCell(const RunReport& report, const std::string& variant, std::size_t step,
    const ChartMeasure& measure, Documents& documents)
{
    for (const VariantReport* run : reportsOf(report, variant, step)) {
        if (const auto words = textAt(documents.of(*run), measure.pointer)) {
            ChartCell cell;
            cell.count = 1;
            cell.text = *words;
            cell.words = true;
            cell.sign = measure.sign;
            return cell;
        }
    }
    return std::nullopt;
}

/// The values of the knob; numbers of bytes as people say them.
std::vector<std::string> stepNames(const Scenario& scenario, const SeriesReport& series)
{
    const auto knob = std::find_if(scenario.knobs.begin(), scenario.knobs.end(),
        [&](const Knob& candidate) { return candidate.id == series.knob; });
    if (knob == scenario.knobs.end() || knob->unit != "bytes") {
        return series.values;
    }
    std::vector<std::string> names;
    for (const double number : series.numbers) {
        names.push_back(bytesText(number));
    }
    return names;
}

/// What the variant is called beside the others.
std::string titleOf(const RunReport& report, const VariantSpec& variant)
{
    const auto run = std::find_if(report.variants.begin(), report.variants.end(),
        [&](const VariantReport& candidate) { return candidate.id == variant.id; });
    return run != report.variants.end() && !report.series ? run->name : variant.title;
}

bool couldNotRun(const RunReport& report, const VariantSpec& variant)
{
    return std::any_of(report.variants.begin(), report.variants.end(),
        [&](const VariantReport& run) { return run.id == variant.id && run.exit.kind == Exit::Kind::NotRun; });
}

bool anyNumber(const std::vector<std::vector<ChartCell>>& cells)
{
    return std::any_of(cells.begin(), cells.end(), [](const auto& row) {
        return std::any_of(row.begin(), row.end(), [](const ChartCell& cell) { return cell.count > 0; });
    });
}

/// Groups by variant with a bar or column for each measure, or by the knob's values with one for each variant.
void fillCells(const Scenario& scenario, const RunReport& report, const ChartSpec& spec, Chart& chart)
{
    Documents documents;
    const bool stepped =
        spec.kind != ChartSpec::Kind::Table && report.series.has_value() && !report.series->values.empty();
    if (stepped) {
        for (const VariantSpec& variant : scenario.variants) {
            chart.names.push_back(variant.title);
        }
        chart.groups = stepNames(scenario, *report.series);
        for (std::size_t step = 0; step < report.series->values.size(); ++step) {
            chart.at.push_back(report.series->numbers[step]);
            std::vector<ChartCell>& row = chart.cells.emplace_back();
            for (const VariantSpec& variant : scenario.variants) {
                row.push_back(cellOf(
                    numbersOf(report, variant.id, step, spec.measures.front(), documents), spec.measures.front()));
            }
        }
        return;
    }
    if (spec.kind == ChartSpec::Kind::Curve) {
        return; // the report is of no series: there is nothing to draw a line over
    }
    for (const ChartMeasure& measure : spec.measures) {
        chart.names.push_back(spec.kind == ChartSpec::Kind::Table && !measure.unit.empty()
                ? measure.label + ", " + measure.unit
                : measure.label);
    }
    const std::size_t step = report.series ? report.series->keptStep : 0;
    const auto leftOut = [&](const VariantSpec& variant) {
        return spec.kind == ChartSpec::Kind::Table && couldNotRun(report, variant);
    };
    const bool anyRun = !std::all_of(scenario.variants.begin(), scenario.variants.end(), leftOut);
    for (const VariantSpec& variant : scenario.variants) {
        if (anyRun && leftOut(variant)) {
            chart.notRun.push_back(titleOf(report, variant));
            continue;
        }
        chart.groups.push_back(titleOf(report, variant));
        std::vector<ChartCell>& row = chart.cells.emplace_back();
        for (const ChartMeasure& measure : spec.measures) {
            const auto words = spec.kind == ChartSpec::Kind::Table
                ? wordsCell(report, variant.id, step, measure, documents)
                : std::nullopt;
            row.push_back(words ? *words : cellOf(numbersOf(report, variant.id, step, measure, documents), measure));
        }
    }
}

/// Of a table that is not turned over yet. Bars that can be compared are of one scale: those of all columns whose
/// numbers have the same unit (or, where the scenario says so, of all). A column whose bars would all be slivers beside
/// the others has none: its numbers are compared by reading them.
void scaleBars(const ChartSpec& spec, Chart& chart)
{
    constexpr double kSliver = 0.02; // of the width
    const auto greatest = [&chart](std::size_t column) {
        double most = 0;
        for (const std::vector<ChartCell>& row : chart.cells) {
            most = std::max({most, row[column].value, row[column].whole});
        }
        return most;
    };
    const auto sameScale = [&spec](std::size_t a, std::size_t b) {
        const ChartMeasure& left = spec.measures[a];
        const ChartMeasure& right = spec.measures[b];
        return spec.oneScale || (left.unit == right.unit && left.overPointer == right.overPointer);
    };
    for (std::size_t column = 0; column < spec.measures.size(); ++column) {
        double full = 0;
        for (std::size_t other = 0; other < spec.measures.size(); ++other) {
            full = sameScale(column, other) ? std::max(full, greatest(other)) : full;
        }
        const bool seen = greatest(column) >= kSliver * full;
        for (std::vector<ChartCell>& row : chart.cells) {
            row[column].full = seen ? full : 0;
        }
    }
}

/// Rows become columns.
void turnOver(Chart& chart)
{
    std::vector<std::vector<ChartCell>> cells(chart.names.size());
    for (const std::vector<ChartCell>& row : chart.cells) {
        for (std::size_t name = 0; name < row.size(); ++name) {
            cells[name].push_back(row[name]);
        }
    }
    chart.cells = std::move(cells);
    std::swap(chart.names, chart.groups);
}

/// Where the line of the one variant falls below that of the other, once both are whole.
void markCrossing(const Scenario& scenario, const ChartSpec& spec, Chart& chart)
{
    const auto nameOf = [&](const std::string& id) {
        return static_cast<std::size_t>(std::find_if(scenario.variants.begin(), scenario.variants.end(),
                                            [&](const VariantSpec& variant) { return variant.id == id; })
            - scenario.variants.begin());
    };
    chart.below = nameOf(spec.crossing);
    chart.above = nameOf(spec.crossed);
    std::vector<std::pair<double, double>> both;
    for (const std::vector<ChartCell>& row : chart.cells) {
        if (std::max(chart.below, chart.above) >= row.size() || row[chart.below].count == 0
            || row[chart.above].count == 0) {
            return;
        }
        both.emplace_back(row[chart.below].value, row[chart.above].value);
    }
    const std::size_t from = crossingOf(both);
    chart.crossing = from < both.size() ? std::optional(from) : std::nullopt;
}

/// To each line the law that explains it as far as there is a core for each worker.
void fitLaw(int cores, Chart& chart)
{
    for (std::size_t name = 0; name < chart.names.size(); ++name) {
        std::vector<std::pair<double, double>> measured;
        for (std::size_t group = 0; group < chart.cells.size(); ++group) {
            const ChartCell& cell = chart.cells[group][name];
            if (cell.count > 0 && chart.at[group] <= cores) {
                measured.emplace_back(chart.at[group], cell.value);
            }
        }
        std::optional<ChartFit>& fit = chart.fits.emplace_back();
        if (const auto serial = fitAmdahl(measured)) {
            fit.emplace().serial = *serial;
            chart.names[name] += " (fits " + formatNumber("{:.0%}", *serial).value_or("?") + " serial)";
            for (const double workers : chart.at) {
                fit->values.push_back(amdahlSpeedup(*serial, workers));
            }
        }
    }
}

/// How many times the number of the first value goes into each: of times, a speedup.
void makeRelative(const ChartSpec& spec, Chart& chart)
{
    const std::vector<ChartCell> first = chart.cells.front();
    for (std::vector<ChartCell>& row : chart.cells) {
        for (std::size_t name = 0; name < row.size(); ++name) {
            ChartCell& cell = row[name];
            if (cell.count == 0 || first[name].count == 0 || cell.low <= 0) {
                cell.count = 0;
                continue;
            }
            const double base = first[name].value;
            cell = {base / cell.value, base / cell.high, base / cell.low, cell.count, {}};
            cell.text = formatNumber("{:.2f}×", cell.value).value_or("?");
        }
    }
    if (spec.idealUntil && chart.at.front() > 0) {
        for (const double x : chart.at) {
            chart.ideal.push_back(std::max(1.0, std::min(x, *spec.idealUntil) / chart.at.front()));
        }
    }
}

/// Where the first line, as far as it has come, no longer gains.
std::optional<std::size_t> bendIn(const Chart& chart, bool leastIsBest)
{
    std::vector<double> values;
    for (const std::vector<ChartCell>& row : chart.cells) {
        if (row.empty() || row.front().count == 0) {
            return std::nullopt; // not before the curve is whole
        }
        values.push_back(row.front().value);
    }
    return values.size() > 1 ? std::optional(bendOf(values, leastIsBest)) : std::nullopt;
}

/// The edges of bins that hold all numbers and references.
std::vector<double> edgesOf(const std::vector<double>& numbers, const ChartSpec& spec)
{
    auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
    double low = *least;
    double high = *greatest;
    for (const ChartReference& reference : spec.references) {
        low = std::min(low, reference.value);
        high = std::max(high, reference.value);
    }
    std::vector<double> edges;
    if (spec.logarithmic && low > 0) {
        const auto first = static_cast<int>(std::floor(std::log10(low) * kBinsPerDecade + 1e-9));
        const auto last = static_cast<int>(std::floor(std::log10(high) * kBinsPerDecade + 1e-9)) + 1;
        for (int k = first; k <= last; ++k) {
            edges.push_back(std::pow(10.0, static_cast<double>(k) / kBinsPerDecade));
        }
        return edges;
    }
    // Numbers nearer to each other than a double tells apart are as one number.
    const bool apart = high - low > std::max(std::abs(low), std::abs(high)) * 1e-12;
    const double step = niceStep(apart ? high - low : std::max(1.0, std::abs(high) / 10), kMostBins);
    const double first = std::floor(low / step);
    for (int k = 0; k <= kMostBins + 1 && (edges.size() < 2 || edges.back() < high); ++k) {
        edges.push_back((first + k) * step);
    }
    return edges;
}

void fillBins(const Scenario& scenario, const RunReport& report, const ChartSpec& spec, Chart& chart)
{
    Documents documents;
    std::vector<std::vector<double>> numbers;
    std::vector<double> all;
    for (const VariantSpec& variant : scenario.variants) {
        chart.names.push_back(titleOf(report, variant));
        numbers.push_back(numbersOf(
            report, variant.id, report.series ? report.series->keptStep : 0, spec.measures.front(), documents));
        all.insert(all.end(), numbers.back().begin(), numbers.back().end());
    }
    chart.runs = all.size();
    if (all.empty()) {
        return;
    }
    const std::vector<double> edges = edgesOf(all, spec);
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        const bool last = i + 2 == edges.size();
        ChartBin bin{edges[i], edges[i + 1], {}};
        for (const std::vector<double>& own : numbers) {
            bin.counts.push_back(static_cast<std::uint64_t>(std::count_if(own.begin(), own.end(), [&](double number) {
                return number >= bin.low && (number < bin.high || (last && number <= bin.high));
            })));
        }
        chart.bins.push_back(std::move(bin));
    }
}

} // namespace

std::optional<double> numberOf(const VariantReport& run, const ChartMeasure& measure)
{
    return numberIn(run, toJson(run), measure);
}

std::optional<std::string> wordsOf(const VariantReport& run, const ChartMeasure& measure)
{
    return textAt(toJson(run), measure.pointer);
}

double niceStep(double length, int most)
{
    const double least = length / std::max(1, most);
    const double decade = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (decade * factor >= least * (1 - 1e-9)) {
            return decade * factor;
        }
    }
    return decade * 10;
}

std::optional<Chart> chartOf(const Scenario& scenario, const RunReport& report)
{
    if (!scenario.chart || scenario.chart->measures.empty()) {
        return std::nullopt;
    }
    const ChartSpec& spec = *scenario.chart;
    const ChartMeasure& measure = spec.measures.front();
    Chart chart;
    chart.kind = spec.kind;
    chart.title = spec.title;
    chart.logarithmic = spec.logarithmic;
    chart.references = spec.references;
    chart.across = spec.axis;
    chart.unit = measure.unit;
    chart.upward = measure.label + (measure.unit.empty() ? "" : ", " + measure.unit);
    if (spec.measures.size() > 1 && !measure.unit.empty()) {
        chart.upward = measure.unit; // each is named beside its colour
    }
    if (spec.kind == ChartSpec::Kind::Histogram) {
        chart.across = chart.upward;
        chart.upward = "number of runs";
        fillBins(scenario, report, spec, chart);
        return chart;
    }
    fillCells(scenario, report, spec, chart);
    if (!anyNumber(chart.cells)) {
        chart.cells.clear();
        return chart;
    }
    if (spec.kind == ChartSpec::Kind::Curve && spec.relative) {
        makeRelative(spec, chart);
        chart.unit.clear();
        chart.upward = "times as fast";
    }
    if (spec.kind == ChartSpec::Kind::Table) {
        scaleBars(spec, chart);
    }
    if (spec.kind == ChartSpec::Kind::Table && spec.rowsAreMeasures) {
        turnOver(chart);
    }
    if (spec.kind == ChartSpec::Kind::Curve && spec.relative && spec.fitAmdahl) {
        fitLaw(report.machine.cores, chart);
    }
    if (spec.kind == ChartSpec::Kind::Curve && !spec.crossing.empty()) {
        markCrossing(scenario, spec, chart);
    }
    if (spec.kind == ChartSpec::Kind::Curve && spec.bend) {
        chart.bend = bendIn(chart, !spec.relative);
    }
    return chart;
}

} // namespace timeslice
