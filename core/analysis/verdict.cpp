#include "core/analysis/foreign_programs.h"
#include "core/analysis/metric.h"
#include "core/analysis/report.h"
#include "core/scenario/number_format.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <utility>

namespace timeslice {

namespace {

const VariantSpec* findSpec(const Scenario& scenario, const std::string& id)
{
    const auto it = std::find_if(
        scenario.variants.begin(), scenario.variants.end(), [&](const VariantSpec& spec) { return spec.id == id; });
    return it == scenario.variants.end() ? nullptr : &*it;
}

std::vector<std::string> idsOf(const Metric& metric)
{
    std::vector<std::string> ids = {metric.term.variant};
    if (metric.over && metric.over->variant != metric.term.variant) {
        ids.push_back(metric.over->variant);
    }
    return ids;
}

/// The variants that the metric reads.
std::vector<const VariantReport*> variantsOf(const Metric& metric, const RunReport& report)
{
    const std::vector<std::string> ids = idsOf(metric);
    std::vector<const VariantReport*> variants;
    for (const VariantReport& variant : report.variants) {
        if (std::find(ids.begin(), ids.end(), variant.id) != ids.end()) {
            variants.push_back(&variant);
        }
    }
    return variants;
}

/// Of all runs of a variant that the metric reads, at each value of the knob the one in the middle by how much others
/// took; without a series, the run.
std::vector<const VariantReport*> middleRuns(const Metric& metric, const RunReport& report)
{
    std::vector<const VariantReport*> middle;
    const auto add = [&](const MetricTerm& term, std::size_t step) {
        std::vector<const VariantReport*> runs = reportsOf(report, term.variant, step);
        std::sort(runs.begin(), runs.end(), [](const VariantReport* a, const VariantReport* b) {
            return a->foreignShare + a->stolenShare < b->foreignShare + b->stolenShare;
        });
        if (!runs.empty()) {
            middle.push_back(runs[(runs.size() - 1) / 2]);
        }
    };
    const auto addTerm = [&](const MetricTerm& term) {
        if (!report.series || report.series->values.empty()) {
            add(term, 0);
            return;
        }
        const auto& values = report.series->values;
        for (std::size_t step = 0; step < values.size(); ++step) {
            const bool read = metric.kind != Metric::Kind::Number
                || (term.at.empty() ? step == report.series->keptStep : values[step] == term.at);
            if (read) {
                add(term, step);
            }
        }
    };
    addTerm(metric.term);
    if (metric.over) {
        addTerm(*metric.over);
    }
    return middle;
}

std::string wholePercent(double share)
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
    Reason reason;
    for (const std::string& id : idsOf(scenario.verdict.metric)) {
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
        } else if (!endedAsExpected(run->exit, spec ? spec->expects : Ending::Exit)) {
            reason = {Silence::NoAnswer,
                "No answer, because " + title
                    + " did not finish: " + (run->exit.text.empty() ? "it failed" : run->exit.text) + "."};
        }
    }
    return reason;
}

/// "cc1plus 41 %, ninja 3 %, others 5 %"; empty if they are not known. The shares add up to what all had.
std::string namesOf(const VariantReport& run)
{
    std::string names;
    double rest = run.foreignShare;
    for (const ForeignProgram& program : run.foreignPrograms) {
        names += (names.empty() ? "" : ", ") + program.name + " " + wholePercent(program.share);
        rest -= program.share;
    }
    if (!names.empty() && rest >= kWorthNaming) {
        // All that are worth it are named where there is room for more: who had the rest was not seen.
        const bool seen = run.foreignPrograms.size() == kMostForeignPrograms;
        names += (seen ? ", others " : ", not seen by name ") + wholePercent(rest);
    }
    return names;
}

struct Disturber {
    std::string who; ///< with names, where they are known
    std::string inBrief; ///< without; empty if `who` has none
};

/// Who took the cores while a run was made that the metric reads.
std::optional<Disturber> whoDisturbed(const VerdictSpec& spec, const RunReport& report)
{
    for (const VariantReport* run : middleRuns(spec.metric, report)) {
        const bool stolen = run->stolenShare > spec.maxStolen;
        if (!stolen && !(run->foreignShare > spec.maxForeign)) {
            continue;
        }
        const std::string during = " of the cores' time during “" + run->name + "”"
            + (run->attempts > 1 ? ", in the best of " + std::to_string(run->attempts) + " tries" : "");
        if (stolen) {
            return Disturber{
                "the host of this virtual machine took away " + wholePercent(run->stolenShare) + during, {}};
        }
        const std::string had = " had " + wholePercent(run->foreignShare) + during;
        if (const std::string names = namesOf(*run); !names.empty()) {
            return Disturber{"other programs (" + names + ")" + had, "other programs" + had};
        }
        return Disturber{"other programs" + had, {}};
    }
    return std::nullopt;
}

/// Why this machine cannot show the effect.
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
    return std::nullopt;
}

/// Puts the numbers into the text, "–" for those that are not there. Second: the variant of the first of these.
std::pair<std::string, std::optional<std::string>> withNumbers(const MeasuredText& spec, const RunReport& report)
{
    std::string text = spec.text;
    std::optional<std::string> missing;
    for (std::size_t i = 0; i < spec.numbers.size(); ++i) {
        const TextNumber& number = spec.numbers[i];
        const Result<double> value = measure({Metric::Kind::Number, number.term, number.over}, report);
        const auto formatted = value ? formatNumber(number.format, *value * number.factor)
                                     : value.map([](double) { return std::string(); });
        if (!formatted && !missing) {
            missing = number.term.variant;
        }
        const std::string place = "%" + std::to_string(i + 1);
        if (const std::size_t at = text.find(place); at != std::string::npos) {
            text.replace(at, place.size(), formatted.value_or("–"));
        }
    }
    return {text, missing};
}

/// What is said of the outcome. A number that is not there meets no condition.
std::string explain(const std::vector<Explanation>& explanations, const RunReport& report)
{
    const auto isRight = [&](const Explanation& explanation) {
        if (!explanation.when) {
            return true;
        }
        const Result<double> value = measure(explanation.when->metric, report);
        return value && explanation.when->low <= *value && *value <= explanation.when->high;
    };
    const auto it = std::find_if(explanations.begin(), explanations.end(), isRight);
    return it == explanations.end() ? std::string() : withNumbers(it->said, report).first;
}

} // namespace

bool Exit::crashed() const noexcept
{
    constexpr std::array kFaults = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    return kind == Kind::Signalled && std::find(kFaults.begin(), kFaults.end(), code) != kFaults.end();
}

bool endedAsExpected(const Exit& exit, Ending expected) noexcept
{
    return exit.ok() || (expected == Ending::Deadlock && exit.kind == Exit::Kind::Deadlocked)
        || (expected == Ending::Crash && exit.crashed());
}

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
    if (spec.headline) {
        // Without one of its numbers the caption would describe what is not there.
        const auto [text, missing] = withNumbers(*spec.headline, report);
        verdict.number = std::exchange(verdict.headline, missing ? "–" : text);
        if (missing) {
            const VariantSpec* variant = findSpec(scenario, *missing);
            verdict.caption = "to compare, “" + (variant ? variant->title : *missing) + "” is missing";
        }
    }
    if (const auto reason = whyNotVisible(spec, report)) {
        verdict.silence = Silence::NotVisible;
        verdict.why = "Not visible on this machine, because " + *reason + ".";
        return verdict;
    }
    if (const auto who = whoDisturbed(spec, report)) {
        verdict.silence = Silence::Disturbed;
        const auto sentence = [](const std::string& cause) {
            return "Disturbed: " + cause + ". Run it again when the machine is quiet.";
        };
        verdict.why = sentence(who->who);
        verdict.whyInBrief = who->inBrief.empty() ? std::string() : sentence(who->inBrief);
        return verdict;
    }
    verdict.holds = spec.low <= *measured && *measured <= spec.high;
    verdict.why = explain(*verdict.holds ? spec.holds : spec.fails, report);
    if (const auto& series = report.series; series && report.stopped) {
        if (const std::size_t whole = wholeRuns(*series); whole < series->planned) {
            verdict.why = "Stopped: all of this is about " + std::to_string(whole) + " of "
                + std::to_string(series->planned) + " runs. " + verdict.why;
        }
    }
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
