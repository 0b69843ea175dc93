#include "ui/result/picture_of.h"

#include "ui/plot/one_line.h"
#include "ui/result/job_figures.h"

#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

VariantPicture::Phase phaseOf(VariantModel::Phase phase)
{
    switch (phase) {
    case VariantModel::Phase::Waiting:
        return VariantPicture::Phase::Waiting;
    case VariantModel::Phase::Running:
        return VariantPicture::Phase::Running;
    case VariantModel::Phase::Analysing:
        return VariantPicture::Phase::Analysing;
    case VariantModel::Phase::Ended:
        break;
    }
    return VariantPicture::Phase::Ended;
}

bool hasSeveralProcesses(const Timeline& timeline)
{
    const auto& threads = timeline.threads;
    const auto first = std::find_if(threads.begin(), threads.end(), [](const auto& t) { return !t.auxiliary; });
    return std::any_of(first, threads.end(), [&](const auto& t) { return !t.auxiliary && t.pid != first->pid; });
}

/// Of the first series' median to the second's, if it is those that the report compares; else 0.
double ratioOfHolds(const RunModel& model, const std::vector<DistributionSeries>& series)
{
    const auto& compared = model.report().holdComparison;
    const auto is = [&](const std::string& id, const DistributionSeries& of) {
        return model.variants()[of.variant].recording->id == id;
    };
    return compared && series.size() > 1 && is(compared->first, series[0]) && is(compared->second, series[1])
        ? compared->ratio
        : 0;
}

} // namespace

SignContents signsInSight(const RunModel* model, const Exploration& exploration)
{
    if (model == nullptr || model->variants().empty()) {
        SignContents mayCome;
        mayCome.lock = QStringLiteral("a lock");
        return mayCome;
    }
    const RunPicture run = pictureOf(*model);
    return signContents(run.variants, shownRange(run, exploration), run.groups);
}

RunPicture pictureOf(const RunModel& model, const std::optional<LossRef>& loss)
{
    RunPicture run;
    run.live = !model.finished();
    if (model.scenario()) {
        run.evidence = model.scenario()->evidence;
        run.evidenceThreads = model.scenario()->evidenceThreads;
        run.groups = model.scenario()->groups;
    } else {
        run.groups = std::any_of(model.recording().variants.begin(), model.recording().variants.end(),
            [](const auto& variant) { return variant != nullptr && hasSeveralProcesses(variant->timeline); });
    }
    run.variants.reserve(model.variants().size());
    for (std::size_t v = 0; v < model.variants().size(); ++v) {
        const VariantModel& variant = model.variants()[v];
        VariantPicture& picture = run.variants.emplace_back();
        picture.phase = phaseOf(variant.phase);
        picture.recording = model.recording().variants[v];
        picture.exit = variant.facts.exit;
        picture.wall = variant.report.wall;
        picture.parallelism = variant.report.parallelism;
        picture.calculated = variant.report.source == Source::Calculated;
        picture.unfinished = unfinishedJobs(variant);
        picture.deadlock = variant.deadlock;
        picture.loss = variant.loss;
        picture.lossCounter = variant.lossCounter;
        if (loss && loss->variant == v && variant.losses && loss->index < variant.losses->all.size()) {
            const auto& [counter, place] = variant.losses->all[loss->index];
            picture.loss = lostUpdate(place, variant.recording->timeline.counters[counter]);
            picture.lossCounter = counter;
        }
        for (const LockReport& lock : variant.report.locks) {
            picture.medianHolds.push_back(
                lock.holdMillis.count >= kMedianHolds ? std::optional(lock.holdMillis.p50) : std::nullopt);
        }
        if (model.scenario() && picture.recording->id == model.scenario()->verdict.metric.term.variant) {
            run.asked = v;
        }
    }
    return run;
}

Distribution distributionOf(const RunModel& model)
{
    if (!model.scenario() || !hasDistribution(*model.scenario())) {
        return {};
    }
    std::vector<DistributionSeries> all;
    for (std::size_t v = 0; v < model.variants().size(); ++v) {
        const VariantModel& variant = model.variants()[v];
        if (variant.recording == nullptr || !variant.spread) {
            continue;
        }
        DistributionSeries series;
        series.variant = v;
        series.title = oneLineText(variant.recording->title);
        series.count = variant.spread->count;
        series.median = variant.spread->median;
        series.p95 = variant.spread->p95;
        series.bins = variant.spread->bins;
        all.push_back(std::move(series));
    }
    const double ratio = ratioOfHolds(model, all);
    return distributionOf(traitsOf(model.scenario()->view).sample, std::move(all), ratio);
}

} // namespace timeslice
