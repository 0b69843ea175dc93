#include "core/model/run_model.h"

#include "core/analysis/metric.h"
#include "core/analysis/recording_effect.h"
#include "core/base/json_out.h"
#include "core/model/show_losses.h"

#include <algorithm>

namespace timeslice {

namespace {

/// A live report is computed anew from all slices; beyond this many it waits for the end of the variant.
constexpr std::size_t kLiveReportSlices = 100'000;

/// The number by which the run of a series is chosen whose timeline is kept.
double decidingNumber(const std::optional<Scenario>& scenario, const VariantReport& report)
{
    std::string pointer = "/wall_s";
    if (scenario && scenario->verdict.metric.term.variant == report.id) {
        pointer = scenario->verdict.metric.term.pointer;
    } else if (scenario && scenario->chart) {
        pointer = scenario->chart->measures.front().pointer;
    }
    return numberAt(report, pointer).value_or(0);
}

} // namespace

void RunModel::apply(std::vector<RunUpdate> updates)
{
    for (RunUpdate& update : updates) {
        std::visit([this](auto& what) { apply(what); }, update);
    }
}

/// A variant that has run already makes room for its next run.
void RunModel::beginRun(const VariantStarted& started)
{
    const std::size_t index = started.variant;
    if (!m_begun) {
        m_begun = monotonicNow();
    }
    if (const auto before = m_history.shown(index)) {
        m_history.park(*before, std::move(m_variants[index]), m_recording.variants[index]);
        auto recording = std::make_shared<VariantRecording>();
        const bool stepped = m_scenario && started.step < m_scenario->steps.size();
        const VariantSpec* spec = stepped ? &m_scenario->steps[started.step].at(index) : nullptr;
        recording->id = m_recording.variants[index]->id;
        recording->title = spec != nullptr ? spec->title : m_recording.variants[index]->title;
        recording->note = spec != nullptr ? spec->note : m_recording.variants[index]->note;
        VariantModel fresh;
        fresh.recording = recording.get();
        fresh.report.id = recording->id;
        fresh.report.name = recording->title;
        m_variants[index] = std::move(fresh);
        m_recording.variants[index] = std::move(recording);
        ++m_replacements;
    }
    m_history.begin({index, started.step, started.repetition, started.attempt});
}

void RunModel::apply(const VariantStarted& started)
{
    beginRun(started);
    VariantModel& variant = m_variants.at(started.variant);
    variant.phase = VariantModel::Phase::Running;
    variant.attempt = started.attempt;
    variant.builder = std::make_unique<TimelineBuilder>(variant.recording->timeline, started.builder);
    variant.engine = started.engine;
    variant.facts.interpreter = started.interpreter;
    variant.facts.gilNote = started.builder.gilNote;
    variant.report.engine = started.engine;
    variant.report.interpreter = started.interpreter;
    variant.report.gilNote = started.builder.gilNote;
    variant.recording->timeline.gilNote = started.builder.gilNote;
    noteInterpreter(started.interpreter);
}

/// "CPython 3.11.2, /usr/bin/python3"; two versions of one implementation are listed behind its name.
void RunModel::noteInterpreter(const std::string& text)
{
    const std::string what = text.substr(0, text.find(", /"));
    const std::size_t space = what.find(' ');
    if (space == std::string::npos) {
        return;
    }
    std::string& versions = m_report->machine.interpreters[what.substr(0, space)];
    const std::string version = what.substr(space + 1);
    if (versions.empty()) {
        versions = version;
    } else if (("; " + versions + ";").find("; " + version + ";") == std::string::npos) {
        versions += "; " + version;
    }
}

void RunModel::apply(const VariantBatches& batches)
{
    VariantModel& variant = m_variants.at(batches.variant);
    for (const Batch& batch : batches.batches) {
        variant.builder->append(batch);
    }
}

void RunModel::apply(const VariantOutput& output)
{
    std::string& kept = m_variants.at(output.variant).output;
    kept += output.text;
    if (kept.size() > VariantModel::kOutputKept) {
        kept.erase(0, kept.size() - VariantModel::kOutputKept);
    }
}

void RunModel::apply(VariantDeadlocked& deadlocked)
{
    if (deadlocked.stands) {
        m_variants.at(deadlocked.variant).standing = std::move(deadlocked.cycle);
    }
}

void RunModel::apply(VariantEnded& ended)
{
    VariantModel& variant = m_variants.at(ended.variant);
    variant.standing.clear();
    if (variant.builder) {
        variant.builder->finish(ended.end);
        variant.builder.reset();
    }
    Timeline& timeline = variant.recording->timeline;
    variant.facts = std::move(ended.facts);
    // What was known before it ran may have been wrong: a GIL was seen after all, or none although there should be one.
    timeline.gilNote = variant.facts.gilNote;
    variant.recording->failure = variant.facts.exit.ok() ? std::string() : variant.facts.exit.text;
    variant.phase = VariantModel::Phase::Analysing;

    EndedVariant what{m_recording.variants[ended.variant], variant.facts, variant.engine, view().sample};
    ++m_underWay;
    auto run = m_history.shown(ended.variant);
    if (!run) { // it was never started
        run = m_history.begin({ended.variant});
    }
    analyse([index = *run, what = std::move(what)]() -> AnalysisResult {
        auto conclusion = std::make_shared<Conclusion>(timeslice::conclude(what)); // a std::function must be copyable
        return [index, conclusion](RunModel& model) { model.takeIn(index, std::move(*conclusion)); };
    });
}

void RunModel::analyse(Analysis analysis)
{
    if (m_startAnalysis) {
        m_startAnalysis(std::move(analysis));
    } else {
        take(analysis());
    }
}

void RunModel::takeIn(std::size_t run, Conclusion conclusion)
{
    const RunPlace place = m_history.place(run);
    VariantModel* parked = m_history.parked(run);
    VariantModel& variant = parked != nullptr ? *parked : m_variants[place.variant];
    variant.phase = VariantModel::Phase::Ended;
    variant.deadlock = std::move(conclusion.deadlock);
    showLosses(variant, std::move(conclusion.losses));
    variant.spread = std::move(conclusion.spread);
    conclusion.report.attempts = place.attempt;
    variant.report = conclusion.report;
    if (m_told) {
        m_told(variant, place);
    }
    const double number = decidingNumber(m_scenario, conclusion.report);
    const bool counts = m_history.analysed(run, conclusion.report, number); // after which `variant` may be gone
    addToSeries(place, conclusion.report, counts);
    if (counts) {
        addToReport(std::move(conclusion.report));
    }
    --m_underWay;
    if (m_over && m_underWay == 0) {
        conclude();
    }
}

/// In place of the one that the variant had before.
void RunModel::addToReport(VariantReport report)
{
    if (report.source == Source::Inferred) {
        m_report->source = Source::Inferred;
    }
    std::vector<VariantReport>& all = m_report->variants;
    const auto before =
        std::find_if(all.begin(), all.end(), [&](const VariantReport& variant) { return variant.id == report.id; });
    if (before != all.end()) {
        *before = std::move(report);
    } else {
        all.push_back(std::move(report));
    }
    if (m_report->source != Source::Inferred) {
        const bool calculated = std::all_of(
            all.begin(), all.end(), [](const VariantReport& one) { return one.source == Source::Calculated; });
        m_report->source = calculated ? Source::Calculated : Source::Measured;
    }
}

/// `counts`: it stands for its attempts, in place of an earlier one.
void RunModel::addToSeries(const RunPlace& place, const VariantReport& report, bool counts)
{
    if (!m_report->series) {
        return;
    }
    std::vector<SeriesPoint>& points = m_report->series->points;
    const auto same = std::find_if(points.rbegin(), points.rend(), [&](const SeriesPoint& point) {
        return point.step == place.step && point.repetition == place.repetition && point.report.id == report.id;
    });
    if (same == points.rend()) {
        points.push_back({place.step, place.repetition, false, report});
        return;
    }
    if (counts) {
        same->report = report;
    }
    same->report.attempts = report.attempts;
}

RunProgress RunModel::progress() const
{
    RunProgress progress;
    progress.done = m_history.ended();
    progress.planned = m_report->series ? m_report->series->planned : m_variants.size();
    if (progress.done > 0 && m_begun && progress.planned > progress.done) {
        const auto each = static_cast<double>(monotonicNow() - *m_begun) / static_cast<double>(progress.done);
        progress.left = static_cast<Nanos>(each * static_cast<double>(progress.planned - progress.done));
    }
    return progress;
}

bool RunModel::endedAsExpected(const VariantModel& variant) const
{
    Ending expected = Ending::Exit;
    if (m_scenario) {
        for (const VariantSpec& spec : m_scenario->variants) {
            expected = spec.id == variant.report.id ? spec.expects : expected;
        }
    }
    return timeslice::endedAsExpected(variant.report.exit, expected);
}

const ViewTraits& RunModel::view() const
{
    return traitsOf(m_scenario ? m_scenario->view : View::Timeline);
}

/// The first variant that has run, where the view compares it with the second, which `variant` is.
std::shared_ptr<const VariantRecording> RunModel::comparedWith(std::size_t variant) const
{
    const auto ran = [this](std::size_t i) {
        const VariantModel::Phase phase = m_variants[i].phase;
        return (phase == VariantModel::Phase::Ended || phase == VariantModel::Phase::Analysing)
            && m_variants[i].recording->timeline.events > 0;
    };
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < m_variants.size() && view().comparesVariants; ++i) {
        if (ran(i)) {
            all.push_back(i);
        }
    }
    return all.size() == 2 && all[1] == variant ? m_recording.variants[all[0]] : nullptr;
}

void RunModel::apply(RunEnded& ended)
{
    m_error = std::move(ended.error);
    m_report->stopped = m_stopped = ended.stopped;
    m_over = true;
    if (m_underWay == 0) {
        conclude();
    }
}

void RunModel::show(std::size_t run)
{
    const std::size_t index = m_history.place(run).variant;
    if (const auto now = m_history.shown(index); now && now != run) {
        m_history.park(*now, std::move(m_variants[index]), std::move(m_recording.variants[index]));
        auto [model, recording] = m_history.unpark(run);
        m_variants[index] = std::move(model);
        m_recording.variants[index] = std::move(recording);
        ++m_replacements;
    }
}

/// From here on a variant is the run of it that is kept.
void RunModel::keep()
{
    for (std::size_t index = 0; index < m_variants.size(); ++index) {
        const std::optional<std::size_t> run = m_history.chosen(index);
        if (!run) {
            continue;
        }
        show(*run);
        const RunPlace& place = m_history.place(*run);
        VariantModel& variant = m_variants[index];
        variant.report.attempts = m_history.attempts(*run);
        if (m_report->series) {
            for (SeriesPoint& point : m_report->series->points) {
                if (point.report.id == variant.report.id && point.step == place.step
                    && point.repetition == place.repetition) {
                    point.kept = true;
                }
            }
        }
        addToReport(variant.report);
    }
}

/// Every report is there: judges them.
void RunModel::conclude()
{
    keep();
    std::shared_ptr<const VariantRecording> first;
    std::shared_ptr<const VariantRecording> second;
    for (std::size_t i = 0; i < m_variants.size() && !first; ++i) {
        first = comparedWith(i);
        second = m_recording.variants[i];
    }
    std::shared_ptr<const RunReport> soFar = m_report;
    analyse([soFar, scenario = m_scenario, first, second]() -> AnalysisResult {
        auto whole = std::make_shared<RunReport>(*soFar);
        if (first) {
            whole->holdComparison = compareHolds(first->id, first->timeline, second->id, second->timeline);
        }
        auto effects = std::make_shared<std::vector<std::pair<std::string, std::string>>>(); // by variant
        if (scenario) {
            for (VariantReport& variant : whole->variants) {
                if (const auto effect = recordingEffect(*scenario, *whole, variant)) {
                    effects->emplace_back(variant.id, describe(*effect));
                    variant.findings.push_back(effects->back().second);
                }
            }
            whole->verdict = judge(*scenario, *whole);
        }
        auto json = std::make_shared<std::string>(jsonText(toJson(*whole)));
        return [whole, json, effects](RunModel& model) {
            model.m_report = whole;
            for (VariantModel& variant : model.m_variants) {
                for (const auto& [id, sentence] : *effects) {
                    if (variant.report.id == id) {
                        variant.report.findings.push_back(sentence);
                    }
                }
            }
            model.m_recording.reportJson = std::move(*json);
            model.m_finished = true;
        };
    });
}

void RunModel::refreshLive()
{
    for (VariantModel& variant : m_variants) {
        if (variant.phase != VariantModel::Phase::Running) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        if (timeline.sliceCount() + timeline.latencies.size() > kLiveReportSlices) {
            continue;
        }
        variant.deadlock = findDeadlock(timeline);
        variant.facts.wall = timeline.workBegin ? timeline.end - *timeline.workBegin : 0;
        variant.report =
            analyzeVariant(timeline, variant.facts, variant.recording->id, variant.recording->title, variant.engine);
        variant.spread = spreadFor(view().sample, timeline);
    }
}

} // namespace timeslice
