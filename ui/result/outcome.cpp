#include "ui/result/outcome.h"

#include "core/session/run_options.h"
#include "ui/plot/format_time.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <numeric>

namespace timeslice {

namespace {

Outcome liveOutcome(const RunModel& model)
{
    Outcome outcome;
    outcome.kind = Outcome::Kind::Running;
    outcome.heading = tr("HAPPENING NOW");
    const auto& variants = model.variants();
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const VariantModel& variant = variants[i];
        if (variant.phase != VariantModel::Phase::Running) {
            continue;
        }
        const TimeRange range = variant.recording->timeline.workRange();
        outcome.headline = range.length() > 0 ? formatDuration(range.length()) : QStringLiteral("…");
        outcome.caption = text(variant.recording->title);
        const RunProgress progress = model.progress();
        if (progress.planned > 1) {
            outcome.caption +=
                tr(" · %1 of %2").arg(std::min(progress.done + 1, progress.planned)).arg(progress.planned);
        }
        if (model.report().series && progress.left) {
            outcome.caption += tr(", %1 s left").arg((*progress.left + kSecond - 1) / kSecond);
        }
        if (variant.attempt > 1) {
            outcome.caption +=
                tr(" · disturbed, once more: %1 of %2").arg(variant.attempt).arg(RunOptions::kMostAttempts);
        }
        outcome.sentence = variant.deadlock ? tr("Deadlock: nobody in the circle can go on.") : QString();
        if (!variant.standing.empty()) {
            outcome.sentence = tr("Deadlock: nobody in the circle can go on. It stands until you end it (Space).");
        }
        return outcome;
    }
    outcome.headline = QStringLiteral("…");
    const bool ending = std::any_of(variants.begin(), variants.end(),
        [](const VariantModel& variant) { return variant.phase == VariantModel::Phase::Analysing; });
    const bool ran = std::all_of(variants.begin(), variants.end(),
        [](const VariantModel& variant) { return variant.phase == VariantModel::Phase::Ended; });
    outcome.caption = ending || ran ? tr("adding up") : tr("starting");
    return outcome;
}

} // namespace

Outcome outcomeOf(const RunModel* model)
{
    Outcome outcome;
    outcome.heading = tr("WHAT HAPPENED");
    if (model == nullptr) {
        outcome.caption = tr("Nothing yet.");
        return outcome;
    }
    if (!model->finished()) {
        return liveOutcome(*model);
    }
    if (model->error()) {
        outcome.kind = Outcome::Kind::Failed;
        outcome.heading = tr("IT DID NOT RUN");
        outcome.sentence = text(model->error()->message);
        return outcome;
    }
    const RunReport& report = model->report();
    const bool answered = report.verdict && report.verdict->holds;
    if (model->stopped() && !answered) {
        outcome.kind = Outcome::Kind::Stopped;
        outcome.heading = tr("STOPPED");
        outcome.sentence = tr("You ended the run before it had an answer. What was recorded is shown.");
        return outcome;
    }
    if (!report.verdict) {
        // A recording of some command: there is no claim, but there is a fact.
        outcome.kind = Outcome::Kind::Measured;
        if (!report.variants.empty()) {
            const VariantReport& variant = report.variants.front();
            if (!variant.exit.ok() && variant.wall <= 0) {
                return outcome; // the findings say what went wrong
            }
            outcome.headline = QString::number(variant.parallelism, 'f', 2);
            outcome.caption = tr("cores busy on average");
            outcome.sentence =
                tr("%1 of CPU time in %2.").arg(formatDuration(variant.cpu), formatDuration(variant.wall));
        }
        return outcome;
    }
    const Verdict& verdict = *report.verdict;
    outcome.holds = verdict.holds;
    outcome.headline = text(verdict.headline);
    outcome.caption = text(verdict.caption);
    outcome.sentence = text(verdict.why);
    outcome.inBrief = text(verdict.whyInBrief);
    outcome.kind = Outcome::Kind::Measured;
    if (model->stopped()) {
        outcome.sentence += tr(" (You stopped the run; what it had by then gives this answer.)");
    }
    if (!verdict.holds) {
        outcome.kind = Outcome::Kind::NotVisible;
        outcome.disturbed = verdict.silence == Silence::Disturbed;
        outcome.heading = verdict.silence == Silence::NotRun ? tr("NOT RUN")
            : verdict.silence == Silence::NoAnswer           ? tr("NO ANSWER")
            : verdict.silence == Silence::Disturbed          ? tr("DISTURBED RUN")
                                                             : tr("NOT VISIBLE ON THIS MACHINE");
    }
    return outcome;
}

std::optional<PredictionResult> scorePrediction(
    const RunModel& model, std::optional<std::size_t> prediction, const QString& who)
{
    if (!prediction || !model.finished() || !model.scenario()) {
        return std::nullopt;
    }
    const auto& predictions = model.scenario()->predictions;
    if (*prediction >= predictions.size()) {
        return std::nullopt;
    }
    const QString said = text(predictions[*prediction].text);
    PredictionResult result;
    result.said = tr("%1 said “%2”.").arg(who, said);
    const RunReport& report = model.report();
    if (!report.verdict || !report.verdict->measured) {
        result.answer = tr("There is no measured answer.");
        return result;
    }
    if (!report.verdict->holds) {
        result.answer = tr("This run cannot tell.");
        return result;
    }
    const Verdict& verdict = *report.verdict;
    const QString number = text(verdict.number.empty() ? verdict.headline : verdict.number);
    const auto match = matchingPrediction(*model.scenario(), *report.verdict->measured);
    const Prediction& chosen = predictions[*prediction];
    const double measured = *report.verdict->measured;
    result.right = match == prediction || (measured >= chosen.low && measured <= chosen.high);
    if (*result.right) {
        result.answer = tr("Right: measured %1.").arg(number);
    } else if (match) {
        result.answer = tr("Measured %1: “%2”.").arg(number, text(predictions[*match].text));
    } else {
        result.answer = tr("Measured %1.").arg(number);
    }
    return result;
}

QString scoreHands(const RunModel& model, const std::vector<int>& hands)
{
    const int all = std::accumulate(hands.begin(), hands.end(), 0);
    const auto& verdict = model.report().verdict;
    if (all == 0 || !model.finished() || !model.scenario() || !verdict || !verdict->measured || !verdict->holds) {
        return {};
    }
    const auto match = matchingPrediction(*model.scenario(), *verdict->measured);
    const int right = match && *match < hands.size() ? hands[*match] : 0;
    if (2 * right > all) {
        return tr("The class was right: %1 of %2.").arg(right).arg(all);
    }
    return right == 0 ? tr("Nobody of %1 was right.").arg(all) : tr("%1 of %2 were right.").arg(right).arg(all);
}

} // namespace timeslice
