// Reading what a scenario says of a series of runs, and of the picture that their numbers make.
#include "core/base/did_you_mean.h"
#include "core/base/json_out.h"
#include "core/scenario/document.h"
#include "core/scenario/number_format.h"
#include "core/scenario/scenario.h"

#include <algorithm>

namespace timeslice::scenario {

namespace {

/// The knob's values from, to, in steps or by a factor.
std::vector<std::string> readRange(const JsonPlace& place)
{
    place.expectKeys({"from", "to"}, {"step", "factor"});
    const auto from = place.find("from");
    const auto to = place.find("to");
    const auto step = place.find("step");
    const auto factor = place.find("factor");
    std::vector<std::string> values;
    if (!from || !to) {
        return values;
    }
    constexpr int kMost = 1'000'000'000;
    const int first = from->integer(-kMost, kMost);
    const int last = to->integer(-kMost, kMost);
    const int by = step ? step->integer(1, kMost) : factor ? factor->integer(2, 1000) : 1;
    if (step && factor) {
        factor->complain("there is a 'step' already; one of the two");
    }
    if (factor && first <= 0) {
        from->complain("must be more than zero where there is a 'factor'");
    }
    if (place.failed()) {
        return values;
    }
    for (long long value = first; value <= last && values.size() <= SeriesSpec::kMostValues;
         value = factor ? value * by : value + by) {
        values.push_back(std::to_string(value));
    }
    if (values.empty()) {
        to->complain("must not be less than 'from'");
    }
    return values;
}

/// One value, written as what it is: 2, true, "5ms", or a number as an expression.
std::string readValue(const JsonPlace& place)
{
    const nlohmann::json& value = place.value();
    if (value.is_string() && !value.get_ref<const std::string&>().starts_with('=')) {
        return value.get<std::string>();
    }
    if (value.is_boolean()) {
        return jsonText(value);
    }
    return std::to_string(place.integer(-1'000'000'000, 1'000'000'000));
}

void readValues(const JsonPlace& place, const Scenario& scenario, SeriesSpec& series)
{
    if (place.value().is_object()) {
        series.values = readRange(place);
    } else {
        for (const JsonPlace& value : place.list("values of the knob, or an object with 'from' and 'to'")) {
            series.values.push_back(readValue(value));
        }
    }
    if (place.failed()) {
        return;
    }
    if (series.values.size() > SeriesSpec::kMostValues) {
        place.complain("at most " + std::to_string(SeriesSpec::kMostValues) + " values");
        return;
    }
    Scenario probe; // knobs only: setting them needs no more
    probe.id = scenario.id;
    probe.knobs = scenario.knobs;
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        const std::string& value = series.values[i];
        if (std::find(series.values.begin(), series.values.begin() + static_cast<std::ptrdiff_t>(i), value)
            != series.values.begin() + static_cast<std::ptrdiff_t>(i)) {
            place.complain("the value " + value + " is there twice");
        } else if (const Result<void> set = setKnob(probe, series.knob, value); !set) {
            place.complain(set.error().message);
        } else {
            series.numbers.push_back(knobTexts(probe, 1).at(series.knob).number);
        }
    }
}

ChartMeasure readMeasure(const JsonPlace& place)
{
    place.expectKeys({"value", "label"}, {"over", "unit", "factor", "format", "of", "sign"});
    ChartMeasure measure;
    if (const auto value = place.find("value")) {
        measure.pointer = readReportPath(*value);
    }
    if (const auto over = place.find("over")) {
        measure.overPointer = readReportPath(*over);
    }
    if (const auto label = place.find("label")) {
        measure.label = label->text();
    }
    if (const auto unit = place.find("unit")) {
        measure.unit = unit->text();
    }
    if (const auto factor = place.find("factor")) {
        measure.factor = factor->number();
    }
    if (const auto of = place.find("of")) {
        measure.of = readSummary(*of);
    }
    if (const auto sign = place.find("sign")) {
        measure.sign = sign->flag();
    }
    measure.format = measure.unit.empty() ? "{:d}" : "{:.1f}";
    if (const auto format = place.find("format")) {
        measure.format = format->text();
        if (const auto formatted = formatNumber(measure.format, 0); !formatted) {
            format->complain(formatted.error().message);
        }
    }
    return measure;
}

void readCrossing(const JsonPlace& place, const Scenario& scenario, ChartSpec& chart)
{
    const std::vector<JsonPlace> both = place.list("two variants");
    if (both.size() != 2) {
        place.complainExpected("an array of two variants: the one that falls below the other, and that other one");
        return;
    }
    chart.crossing = readVariantId(both[0], scenario);
    chart.crossed = readVariantId(both[1], scenario);
}

} // namespace

Summary readSummary(const JsonPlace& place)
{
    return static_cast<Summary>(place.choice("summary", {"median", "least", "greatest", "distinct", "nonzero", "count"}));
}

std::string readReportPath(const JsonPlace& place)
{
    const std::string pointer = place.text();
    if (!pointer.starts_with('/')) { // what is no text at all is complained of already, and that is enough
        place.complainExpected("a path into the report such as \"/parallelism\"");
        return pointer;
    }
    const std::string first = pointer.substr(1, pointer.find('/', 1) - 1);
    const std::vector<std::string>& known = variantReportKeys();
    if (std::find(known.begin(), known.end(), first) == known.end()) {
        const std::string guess = didYouMean(first, known);
        place.complain("a variant's report has no '" + shown(first) + "'"
            + (guess.empty() ? "; it has " + joinNames(known) : guess));
    }
    return pointer;
}

void readSeries(const JsonPlace& top, bool knobsKnown, Scenario& scenario)
{
    const auto place = top.find("series");
    if (!place) {
        return;
    }
    place->expectKeys({}, {"knob", "values", "repeat"});
    SeriesSpec series;
    const auto values = place->find("values");
    if (const auto knob = place->find("knob"); knob && !knobsKnown) {
        place->giveUp();
    } else if (knob) {
        std::vector<std::string> ids;
        for (const Knob& known : scenario.knobs) {
            ids.push_back(known.id);
        }
        const std::size_t which = knob->choice("knob of this scenario", ids);
        if (which < scenario.knobs.size() && !knob->failed()) {
            series.knob = scenario.knobs[which].id;
            series.label = scenario.knobs[which].label;
        }
        if (!values) {
            place->complain("the key 'values' is missing: which of the knob's values?");
        } else if (!series.knob.empty()) {
            readValues(*values, scenario, series);
        }
    } else if (values) {
        values->complain("there is no 'knob' that these are values of");
    }
    if (const auto repeat = place->find("repeat")) {
        series.repeat = repeat->integer(1, SeriesSpec::kMostRepetitions);
    }
    if (series.steps() * static_cast<std::size_t>(series.repeat) > SeriesSpec::kMostPoints) {
        place->complain("these are more than " + std::to_string(SeriesSpec::kMostPoints) + " runs");
    }
    scenario.series = std::move(series);
}

void readChart(const JsonPlace& top, Scenario& scenario)
{
    const auto place = top.find("chart");
    if (!place) {
        return;
    }
    place->expectKeys({"kind", "title", "measures"},
        {"axis", "scale", "relative", "ideal", "bend", "references", "crossing", "fit", "rows"});
    ChartSpec chart;
    if (const auto kind = place->find("kind")) {
        chart.kind = static_cast<ChartSpec::Kind>(kind->choice("chart", {"bars", "histogram", "curve", "table"}));
        const auto series = top.find("series");
        const bool stepped = scenario.series && !scenario.series->knob.empty();
        if (chart.kind == ChartSpec::Kind::Curve && !stepped && !(series && series->failed())) {
            kind->complain("a curve needs a series with a knob, over whose values it goes");
        }
    }
    if (const auto title = place->find("title")) {
        chart.title = title->text();
    }
    if (const auto measures = place->find("measures")) {
        for (const JsonPlace& measure : measures->list("measures")) {
            chart.measures.push_back(readMeasure(measure));
        }
        const bool one = chart.kind == ChartSpec::Kind::Curve || chart.kind == ChartSpec::Kind::Histogram;
        const auto kind = place->find("kind");
        const bool known = kind && !kind->failed();
        if (chart.measures.empty() || (known && one && chart.measures.size() > 1)) {
            measures->complain(one ? "a histogram or a curve shows one measure" : "at least one measure is needed");
        }
    }
    chart.axis = scenario.series ? scenario.series->label : std::string();
    if (const auto axis = place->find("axis")) {
        chart.axis = axis->text();
    }
    if (const auto scale = place->find("scale")) {
        const std::size_t choice = scale->choice("scale", {"linear", "logarithmic", "common"});
        chart.logarithmic = choice == 1;
        chart.oneScale = choice == 2;
        if (chart.oneScale && chart.kind != ChartSpec::Kind::Table) {
            scale->complain("only a table has columns that can have a common scale");
        }
    }
    if (const auto relative = place->find("relative")) {
        chart.relative = relative->flag();
    }
    if (const auto ideal = place->find("ideal")) {
        chart.idealUntil = ideal->number();
    }
    if (const auto bend = place->find("bend")) {
        chart.bend = bend->flag();
    }
    if (const auto rows = place->find("rows")) {
        chart.rowsAreMeasures = rows->choice("rows", {"variants", "measures"}) == 1;
    }
    if (const auto fit = place->find("fit")) {
        fit->choice("law", {"amdahl"});
        chart.fitAmdahl = true;
        const auto relative = place->find("relative");
        if (!chart.relative && !(relative && relative->failed())) {
            fit->complain("Amdahl's law is about a speedup; it needs \"relative\": true");
        }
    }
    if (const auto crossing = place->find("crossing")) {
        readCrossing(*crossing, scenario, chart);
    }
    if (const auto references = place->find("references")) {
        for (const JsonPlace& reference : references->list("references")) {
            reference.expectKeys({"value", "text"}, {});
            const auto value = reference.find("value");
            const auto text = reference.find("text");
            if (value && text) {
                chart.references.push_back({value->number(), text->text()});
            }
        }
    }
    scenario.chart = std::move(chart);
}

} // namespace timeslice::scenario
