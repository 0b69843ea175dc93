#include "core/analysis/metric.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace timeslice {

namespace {

const nlohmann::json* child(const nlohmann::json& value, const std::string& step)
{
    if (value.is_object()) {
        const auto it = value.find(step);
        return it == value.end() ? nullptr : &*it;
    }
    if (!value.is_array()) {
        return nullptr;
    }
    const auto called = [&](const auto& fits) {
        return std::find_if(value.begin(), value.end(), [&](const nlohmann::json& element) {
            const auto name = element.is_object() ? element.find("name") : element.end();
            return name != element.end() && name->is_string() && fits(name->template get_ref<const std::string&>());
        });
    };
    auto named = called([&](const std::string& name) { return name == step; });
    if (named == value.end()) {
        named = called([&](const std::string& name) {
            return name.starts_with(step + " of ") || name.starts_with(step + " (")
                || (name.starts_with('P') && name.ends_with(' ' + step));
        });
    }
    if (named != value.end()) {
        return &*named;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool isIndex = error == std::errc{} && end == step.data() + step.size() && index < value.size();
    return isIndex ? &value[index] : nullptr;
}

const SeriesReport kNoSeries;

std::size_t stepOf(const SeriesReport& series, const std::string& value)
{
    const auto it = std::find(series.values.begin(), series.values.end(), value);
    return value.empty() || it == series.values.end() ? series.keptStep
                                                      : static_cast<std::size_t>(it - series.values.begin());
}

std::string termText(const MetricTerm& term)
{
    static const char* const kSummaries[] = {"", "least ", "greatest ", "different ", "not zero: "};
    return kSummaries[static_cast<std::size_t>(term.of)] + term.variant + term.pointer
        + (term.at.empty() ? "" : " at " + term.at);
}

Result<double> valueAt(const MetricTerm& term, const RunReport& report, std::size_t step)
{
    std::vector<double> numbers;
    for (const VariantReport* run : reportsOf(report, term.variant, step)) {
        if (const auto number = numberAt(*run, term.pointer)) {
            numbers.push_back(*number);
        }
    }
    if (numbers.empty()) {
        const bool known = std::any_of(report.variants.begin(), report.variants.end(),
            [&](const VariantReport& variant) { return variant.id == term.variant; });
        return known ? fail("the run did not report " + termText(term))
                     : fail("the variant '" + term.variant + "' was not run");
    }
    return summarize(term.of, std::move(numbers));
}

Result<double> valueOf(const MetricTerm& term, const RunReport& report)
{
    return valueAt(term, report, report.series ? stepOf(*report.series, term.at) : 0);
}

/// The knob's value at which something happens on the way along the curve.
Result<double> placeOf(const Metric& metric, const RunReport& report)
{
    const SeriesReport& series = report.series ? *report.series : kNoSeries;
    std::vector<double> values;
    for (std::size_t step = 0; step < series.values.size(); ++step) {
        const Result<double> value = valueAt(metric.term, report, step);
        if (!value) {
            return value;
        }
        values.push_back(*value);
    }
    if (values.empty()) {
        return fail("the run was no series");
    }
    if (metric.kind == Metric::Kind::Bend) {
        return series.numbers[bendOf(values, metric.leastIsBest)];
    }
    std::vector<std::pair<double, double>> both;
    for (std::size_t step = 0; step < values.size(); ++step) {
        const Result<double> other = valueAt(*metric.over, report, step);
        if (!other) {
            return other;
        }
        both.emplace_back(values[step], *other);
    }
    const std::size_t from = crossingOf(both);
    return from < values.size() ? series.numbers[from] : series.numbers.back() + 1;
}

/// Null: there is none.
const nlohmann::json* valueIn(const nlohmann::json& document, const std::string& pointer)
{
    const nlohmann::json* value = &document;
    for (std::size_t at = 0; value && at < pointer.size();) {
        const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
        value = child(*value, pointer.substr(at + 1, end - at - 1));
        at = end;
    }
    return value;
}

} // namespace

std::optional<double> numberAt(const VariantReport& report, const std::string& pointer)
{
    return numberAt(toJson(report), pointer);
}

std::optional<double> numberAt(const nlohmann::json& document, const std::string& pointer)
{
    const nlohmann::json* value = valueIn(document, pointer);
    return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::optional<std::string> textAt(const nlohmann::json& document, const std::string& pointer)
{
    const nlohmann::json* value = valueIn(document, pointer);
    return value && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

std::vector<const VariantReport*> reportsOf(const RunReport& report, const std::string& variant, std::size_t step)
{
    std::vector<const VariantReport*> runs;
    const auto counts = [&](const VariantReport& run) {
        return run.id == variant && (run.exit.ok() || run.exit.kind == Exit::Kind::Deadlocked || run.exit.crashed());
    };
    if (!report.series) {
        for (const VariantReport& run : report.variants) {
            if (run.id == variant) { // however it ended: a verdict says so
                runs.push_back(&run);
            }
        }
        return runs;
    }
    for (const SeriesPoint& point : report.series->points) {
        if (point.step == step && counts(point.report)) {
            runs.push_back(&point.report);
        }
    }
    return runs;
}

double summarize(Summary summary, std::vector<double> numbers)
{
    if (numbers.empty()) {
        return 0;
    }
    std::sort(numbers.begin(), numbers.end());
    switch (summary) {
    case Summary::Median:
        return numbers[(numbers.size() - 1) / 2];
    case Summary::Least:
        return numbers.front();
    case Summary::Greatest:
        return numbers.back();
    case Summary::Distinct:
        return static_cast<double>(std::unique(numbers.begin(), numbers.end()) - numbers.begin());
    case Summary::NonZero:
        return static_cast<double>(
            std::count_if(numbers.begin(), numbers.end(), [](double number) { return number != 0; }));
    case Summary::Count:
        return static_cast<double>(numbers.size());
    }
    return 0;
}

bool isWhole(const Exit& exit)
{
    return exit.kind != Exit::Kind::StoppedByUser && exit.kind != Exit::Kind::NotRun;
}

std::size_t wholeRuns(const SeriesReport& series)
{
    return static_cast<std::size_t>(std::count_if(series.points.begin(), series.points.end(),
        [](const SeriesPoint& point) { return isWhole(point.report.exit); }));
}

std::size_t bendOf(const std::vector<double>& values, bool leastIsBest)
{
    if (values.empty()) {
        return 0;
    }
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    constexpr double kNear = 1.1;
    const auto near = [&, best = leastIsBest ? *least : *greatest](
                          double value) { return leastIsBest ? value <= best * kNear : value * kNear >= best; };
    return static_cast<std::size_t>(std::find_if(values.begin(), values.end(), near) - values.begin());
}

std::size_t crossingOf(const std::vector<std::pair<double, double>>& numbers)
{
    const auto last =
        std::find_if(numbers.rbegin(), numbers.rend(), [](const auto& pair) { return !(pair.first < pair.second); });
    return static_cast<std::size_t>(numbers.rend() - last);
}

Result<double> measure(const Metric& metric, const RunReport& report)
{
    if (metric.kind != Metric::Kind::Number) {
        return placeOf(metric, report);
    }
    const Result<double> number = valueOf(metric.term, report);
    if (!number || !metric.over) {
        return number;
    }
    const Result<double> divisor = valueOf(*metric.over, report);
    if (!divisor) {
        return divisor;
    }
    if (*divisor == 0) {
        return fail(termText(*metric.over) + " is zero");
    }
    return *number / *divisor;
}

std::string metricText(const Metric& metric)
{
    const std::string text = termText(metric.term);
    switch (metric.kind) {
    case Metric::Kind::Number:
        break;
    case Metric::Kind::Bend:
        return "where " + text + (metric.leastIsBest ? " stops to fall" : " stops to rise");
    case Metric::Kind::Crossing:
        return "where " + text + " falls below " + termText(*metric.over);
    }
    return metric.over ? text + " : " + termText(*metric.over) : text;
}

} // namespace timeslice
