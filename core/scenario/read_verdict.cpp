// Reading what a scenario says of its answer: the number that is measured, and when it agrees with the sentence.
#include "core/base/did_you_mean.h"
#include "core/base/json_place.h"
#include "core/scenario/document.h"
#include "core/scenario/number_format.h"
#include "core/scenario/scenario.h"

#include <algorithm>

namespace timeslice::scenario {

namespace {

/// `seriesKnown`: what the document says of a series could be read.
MetricTerm readTerm(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    MetricTerm term;
    if (const auto which = place.find("variant")) {
        term.variant = readVariantId(*which, scenario);
    }
    if (const auto value = place.find("value")) {
        term.pointer = readReportPath(*value);
    }
    if (const auto at = place.find("at")) {
        const std::vector<std::string> values = scenario.series ? scenario.series->values : std::vector<std::string>();
        term.at = at->value().is_string() && !at->value().get_ref<const std::string&>().starts_with('=')
            ? at->text()
            : std::to_string(at->integer(-1'000'000'000, 1'000'000'000));
        if (seriesKnown && std::find(values.begin(), values.end(), term.at) == values.end()) {
            at->complain("the series has no value " + shown(term.at)
                + (values.empty() ? "; it has no knob" : "; it has " + joinNames(values)));
        }
    }
    if (const auto of = place.find("of")) {
        term.of = readSummary(*of);
    }
    return term;
}

/// The divisor of a number, where it has one.
std::optional<MetricTerm> readOver(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    const auto over = place.find("over");
    if (!over) {
        return std::nullopt;
    }
    over->expectKeys({"variant", "value"}, {"at", "of"});
    return readTerm(*over, scenario, seriesKnown);
}

Metric readMetric(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    place.expectKeys({"variant", "value"}, {"at", "of", "over", "where"});
    Metric metric;
    metric.term = readTerm(place, scenario, seriesKnown);
    metric.over = readOver(place, scenario, seriesKnown);
    if (const auto where = place.find("where")) {
        const std::size_t which = where->choice("place on a curve", {"bend", "peak", "crossing"});
        metric.kind = which == 2 ? Metric::Kind::Crossing : Metric::Kind::Bend;
        metric.leastIsBest = which == 0;
        if (seriesKnown && (!scenario.series || scenario.series->knob.empty())) {
            where->complain("needs a series with a knob, over whose values the curve goes");
        } else if (metric.kind == Metric::Kind::Crossing && !metric.over) {
            where->complain("which curve does it cross? 'over' names it");
        }
    }
    return metric;
}

std::vector<TextNumber> readNumbers(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    std::vector<TextNumber> numbers;
    for (const JsonPlace& number : place.list("numbers")) {
        number.expectKeys({"variant", "value", "format"}, {"at", "of", "over", "factor"});
        TextNumber& read = numbers.emplace_back();
        read.term = readTerm(number, scenario, seriesKnown);
        read.over = readOver(number, scenario, seriesKnown);
        if (const auto factor = number.find("factor")) {
            read.factor = factor->number();
        }
        if (const auto format = number.find("format")) {
            read.format = format->text();
            if (const auto formatted = formatNumber(read.format, 0); !formatted) {
                format->complain(formatted.error().message);
            }
        }
    }
    return numbers;
}

/// The text and its numbers; which other keys there may be is the caller's to say.
MeasuredText readMeasuredText(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    MeasuredText read;
    if (const auto text = place.find("text")) {
        read.text = text->text();
    }
    if (const auto numbers = place.find("numbers")) {
        read.numbers = readNumbers(*numbers, scenario, seriesKnown);
    }
    for (std::size_t i = 0; i < read.numbers.size() && !read.text.empty(); ++i) {
        if (read.text.find("%" + std::to_string(i + 1)) == std::string::npos) {
            place.complain("the text has no %" + std::to_string(i + 1) + ", where the number would stand");
        }
    }
    return read;
}

Explanation::Condition readCondition(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    place.expectKeys({"variant", "value"}, {"at", "of", "over", "from", "to"});
    Explanation::Condition when;
    when.metric.term = readTerm(place, scenario, seriesKnown);
    when.metric.over = readOver(place, scenario, seriesKnown);
    const auto from = place.find("from");
    const auto to = place.find("to");
    if (from) {
        when.low = from->number();
    }
    if (to) {
        when.high = to->number();
    }
    if (!from && !to) {
        place.complain("says nothing without 'from' or 'to'");
    } else if (!place.failed() && !(when.low <= when.high)) {
        place.complain("'from' must not be greater than 'to'");
    }
    return when;
}

Explanation readExplanation(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    if (!place.value().is_object()) {
        return {{place.text(), {}}, std::nullopt};
    }
    place.expectKeys({"text"}, {"numbers", "when"});
    Explanation read{readMeasuredText(place, scenario, seriesKnown), std::nullopt};
    if (const auto when = place.find("when")) {
        read.when = readCondition(*when, scenario, seriesKnown);
    }
    return read;
}

/// One, or several, of which the first is taken that is right.
std::vector<Explanation> readExplanations(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    std::vector<Explanation> all;
    if (!place.value().is_array()) {
        all.push_back(readExplanation(place, scenario, seriesKnown));
    } else {
        for (const JsonPlace& one : place.list("texts")) {
            if (!all.empty() && !all.back().when) {
                one.complain("is never shown: the one before is always right");
            }
            all.push_back(readExplanation(one, scenario, seriesKnown));
        }
    }
    if (!place.failed() && (all.empty() || all.back().when)) {
        place.complain("the last text must have no 'when': there has to be one for each outcome");
    }
    return all;
}

double readShare(const JsonPlace& place)
{
    const double share = place.number();
    if (!(share >= 0 && share <= 1)) {
        place.complainExpected("a share from 0 to 1");
    }
    return share;
}

} // namespace

void readVerdict(const JsonPlace& top, Scenario& scenario)
{
    const auto place = top.find("verdict");
    if (!place) {
        return;
    }
    place->expectKeys({"text", "metric", "band", "format", "caption", "holds", "fails"},
        {"claim", "headline", "needsCores", "needsMeasured", "maxStolen", "maxForeign"});
    const auto series = top.find("series");
    const bool seriesKnown = !series || !series->failed();
    VerdictSpec& verdict = scenario.verdict;
    const auto copyText = [&](const char* key, std::string& to) {
        if (const auto text = place->find(key)) {
            to = text->text();
        }
    };
    copyText("claim", verdict.claim);
    copyText("text", verdict.text);
    copyText("format", verdict.format);
    copyText("caption", verdict.caption);
    const auto claims = top.find("claims");
    if (const auto claim = place->find("claim"); claim && !(claims && claims->failed())) {
        claim->choice("claim of this scenario", scenario.claims);
    }
    if (const auto format = place->find("format")) {
        if (const auto formatted = formatNumber(verdict.format, 0); !formatted) {
            format->complain(formatted.error().message);
        }
    }
    if (const auto metric = place->find("metric")) {
        verdict.metric = readMetric(*metric, scenario, seriesKnown);
    }
    if (const auto headline = place->find("headline")) {
        headline->expectKeys({"text", "numbers"}, {});
        verdict.headline = readMeasuredText(*headline, scenario, seriesKnown);
    }
    if (const auto holds = place->find("holds")) {
        verdict.holds = readExplanations(*holds, scenario, seriesKnown);
    }
    if (const auto fails = place->find("fails")) {
        verdict.fails = readExplanations(*fails, scenario, seriesKnown);
    }
    if (const auto band = place->find("band")) {
        const std::vector<JsonPlace> ends = band->list("two numbers");
        if (ends.size() != 2) {
            band->complainExpected("an array of two numbers, the lowest and the highest that agree with the sentence");
        } else {
            verdict.low = ends[0].number();
            verdict.high = ends[1].number();
            if (!band->failed() && !(verdict.low <= verdict.high)) {
                band->complain("the first number must not be greater than the second");
            }
        }
    }
    if (const auto cores = place->find("needsCores")) {
        verdict.needsCores = cores->integer(1, 1024);
    }
    if (const auto measured = place->find("needsMeasured")) {
        verdict.needsMeasured = measured->flag();
    }
    if (const auto stolen = place->find("maxStolen")) {
        verdict.maxStolen = readShare(*stolen);
    }
    if (const auto foreign = place->find("maxForeign")) {
        verdict.maxForeign = readShare(*foreign);
    }
}

} // namespace timeslice::scenario
