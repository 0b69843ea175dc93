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

Metric readMetric(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    place.expectKeys({"variant", "value"}, {"at", "of", "over", "where"});
    Metric metric;
    metric.term = readTerm(place, scenario, seriesKnown);
    if (const auto over = place.find("over")) {
        over->expectKeys({"variant", "value"}, {"at", "of"});
        metric.over = readTerm(*over, scenario, seriesKnown);
    }
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

HeadlineSpec readHeadline(const JsonPlace& place, const Scenario& scenario, bool seriesKnown)
{
    place.expectKeys({"text", "numbers"}, {});
    HeadlineSpec headline;
    if (const auto text = place.find("text")) {
        headline.text = text->text();
    }
    if (const auto numbers = place.find("numbers")) {
        for (const JsonPlace& number : numbers->list("numbers")) {
            number.expectKeys({"variant", "value", "format"}, {"at", "of", "factor"});
            HeadlineNumber& read = headline.numbers.emplace_back();
            read.term = readTerm(number, scenario, seriesKnown);
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
        for (std::size_t i = 0; i < headline.numbers.size() && !headline.text.empty(); ++i) {
            if (headline.text.find("%" + std::to_string(i + 1)) == std::string::npos) {
                place.complain("the text has no %" + std::to_string(i + 1) + ", where the number would stand");
            }
        }
    }
    return headline;
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
    copyText("holds", verdict.holds);
    copyText("fails", verdict.fails);
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
        verdict.headline = readHeadline(*headline, scenario, seriesKnown);
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
