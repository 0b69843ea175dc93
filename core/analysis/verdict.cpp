#include "core/analysis/metric.h"
#include "core/analysis/report.h"
#include "core/scenario/number_format.h"

#include <algorithm>
#include <optional>

namespace timeslice {

namespace {

const VariantSpec* findSpec(const Scenario& scenario, const std::string& id)
{
    const auto it = std::find_if(
        scenario.variants.begin(), scenario.variants.end(), [&](const VariantSpec& spec) { return spec.id == id; });
    return it == scenario.variants.end() ? nullptr : &*it;
}

/// The variants that the metric reads.
std::vector<const VariantReport*> variantsOf(const Metric& metric, const RunReport& report)
{
    std::vector<const VariantReport*> variants;
    for (const VariantReport& variant : report.variants) {
        if (variant.id == metric.variant || variant.id == metric.overVariant) {
            variants.push_back(&variant);
        }
    }
    return variants;
}

std::string percent(double share)
{
    return formatNumber("{:.0%}", share).value();
}

struct Reason {
    Silence silence = Silence::None;
    std::string sentence;
};

/// Why the metric's number would answer nothing: a variant was not run, or not to its end. The reason that stays true
/// however often the scenario is run comes before all others.
Reason whyNoAnswer(const Scenario& scenario, const RunReport& report)
{
    const Metric& metric = scenario.verdict.metric;
    std::vector<std::string> ids = {metric.variant};
    if (!metric.overVariant.empty() && metric.overVariant != metric.variant) {
        ids.push_back(metric.overVariant);
    }
    Reason reason;
    for (const std::string& id : ids) {
        const VariantSpec* spec = findSpec(scenario, id);
        const std::string title = "“" + (spec ? spec->title : id) + "”";
        const auto run = std::find_if(report.variants.begin(), report.variants.end(),
            [&](const VariantReport& variant) { return variant.id == id; });
        if (run == report.variants.end()) {
            if (reason.silence == Silence::None) {
                reason = {Silence::NotRun, "No answer, because " + title + " was not run."};
            }
        } else if (run->exit.kind == Exit::Kind::NotRun) {
            return {Silence::NotVisible,
                "Not visible on this machine, because " + title + " could not be run: "
                    + (run->exit.text.empty() ? "what it needs is not installed" : run->exit.text) + "."};
        } else if (!run->exit.ok() && !(spec && spec->expectsDeadlock && run->exit.kind == Exit::Kind::Deadlocked)) {
            reason = {Silence::NoAnswer,
                "No answer, because " + title
                    + " did not finish: " + (run->exit.text.empty() ? "it failed" : run->exit.text) + "."};
        }
    }
    return reason;
}

/// Why this machine, at this moment, cannot show the effect.
std::optional<std::string> whyNotVisible(const VerdictSpec& spec, const RunReport& report)
{
    if (report.machine.cores < spec.needsCores) {
        return "this program may use " + std::to_string(report.machine.cores)
            + (report.machine.cores == 1 ? " core" : " cores") + " here, and the effect needs "
            + std::to_string(spec.needsCores);
    }
    for (const VariantReport* variant : variantsOf(spec.metric, report)) {
        if (spec.needsMeasured && variant->source == Source::Inferred) {
            return "the kernel's context switches could not be recorded; `timeslice doctor` tells how to allow it";
        }
    }
    // Also the finished variants that the metric does not read: people compare all that stand under each other, and so
    // does the scenario's sentence.
    for (const VariantReport& variant : report.variants) {
        if (!variant.exit.ok()) {
            continue;
        }
        if (variant.stolenShare > spec.maxStolen) {
            return "the host of this virtual machine took away " + percent(variant.stolenShare)
                + " of the cores' time during “" + variant.name + "”";
        }
        if (variant.foreignShare > spec.maxForeign) {
            return "other programs used " + percent(variant.foreignShare) + " of the cores' time during “"
                + variant.name + "”";
        }
    }
    return std::nullopt;
}

} // namespace

Verdict judge(const Scenario& scenario, const RunReport& report)
{
    const VerdictSpec& spec = scenario.verdict;
    Verdict verdict;
    verdict.claim = spec.claim;
    verdict.text = spec.text;
    verdict.metric = metricText(spec.metric);
    verdict.low = spec.low;
    verdict.high = spec.high;
    verdict.caption = spec.caption;
    verdict.headline = "–";

    if (const Reason reason = whyNoAnswer(scenario, report); reason.silence != Silence::None) {
        verdict.silence = reason.silence;
        verdict.why = reason.sentence;
        return verdict;
    }
    const Result<double> measured = measure(spec.metric, report);
    if (!measured) {
        verdict.silence = Silence::NoAnswer;
        verdict.why = "No answer, because " + measured.error().message + ".";
        return verdict;
    }
    verdict.measured = *measured;
    if (const auto headline = formatNumber(spec.format, *measured)) {
        verdict.headline = *headline;
    }
    if (const auto reason = whyNotVisible(spec, report)) {
        verdict.silence = Silence::NotVisible;
        verdict.why = "Not visible on this machine, because " + *reason + ".";
        return verdict;
    }
    verdict.holds = spec.low <= *measured && *measured <= spec.high;
    verdict.why = *verdict.holds ? spec.holds : spec.fails;
    return verdict;
}

std::optional<std::size_t> matchingPrediction(const Scenario& scenario, double measured)
{
    for (std::size_t i = 0; i < scenario.predictions.size(); ++i) {
        if (scenario.predictions[i].low <= measured && measured <= scenario.predictions[i].high) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace timeslice
