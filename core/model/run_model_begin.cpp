// What a RunModel begins with: a scenario, a command, or a recording of either.
#include "core/model/run_model.h"

#include "core/base/clean_name.h"
#include "core/base/json_in.h"
#include "core/base/json_out.h"
#include "core/model/show_losses.h"

#include <algorithm>
#include <ctime>

namespace timeslice {

namespace {

/// Local time, ISO 8601 with offset: "2026-03-01T14:05:09+01:00".
std::string nowText()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char clock[32];
    char zone[16];
    std::strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%S", &local);
    std::strftime(zone, sizeof zone, "%z", &local); // "+0100"
    const std::string offset = zone;
    return offset.size() == 5 ? clock + offset.substr(0, 3) + ":" + offset.substr(3) : clock + offset;
}

/// The scenario as its file says, with the knobs as set (parseScenario() reads "knobValues").
std::string scenarioText(const Scenario& scenario)
{
    nlohmann::json document = scenario.document;
    if (document.is_object() && !scenario.knobValues.empty()) {
        document["knobValues"] = scenario.knobValues;
    }
    return document.is_null() ? std::string() : jsonText(document);
}

void addVariant(Recording& recording, std::vector<VariantModel>& variants, const std::string& id,
    const std::string& title, const std::string& note)
{
    auto variant = std::make_shared<VariantRecording>();
    variant->id = id;
    variant->title = title;
    variant->note = note;
    VariantModel model;
    model.recording = variant.get();
    model.report.id = id;
    model.report.name = title;
    recording.variants.push_back(std::move(variant));
    variants.push_back(std::move(model));
}

/// The value of the series' knob that the viewer has set it to; else the last.
std::size_t keptStep(const Scenario& scenario)
{
    const std::vector<std::string>& values = scenario.series->values;
    const auto set = std::find(values.begin(), values.end(), knobValue(scenario, scenario.series->knob));
    return set != values.end() ? static_cast<std::size_t>(set - values.begin())
        : values.empty()       ? 0
                               : values.size() - 1;
}

/// Which run's timeline that is: the one that the answer is read from, so that picture and answer have one number.
Summary keptRun(const Scenario& scenario)
{
    const auto isARun = [](Summary summary) { return summary == Summary::Least || summary == Summary::Greatest; };
    const Summary answer = scenario.verdict.metric.term.of;
    if (isARun(answer) || !scenario.chart || scenario.chart->measures.empty()) {
        return isARun(answer) ? answer : Summary::Median;
    }
    const Summary shown = scenario.chart->measures.front().of;
    return isARun(shown) ? shown : Summary::Median;
}

/// Of a variant that has no report.
Engine engineOf(const std::optional<Scenario>& scenario, const std::string& id)
{
    if (scenario) {
        for (const VariantSpec& variant : scenario->variants) {
            if (variant.id == id) {
                return variant.engine;
            }
        }
    }
    return Engine::Native;
}

} // namespace

RunModel::RunModel(Scenario scenario)
    : m_scenario(std::move(scenario))
{
    m_report->scenario = m_scenario->id;
    m_report->machine = machineFacts();
    m_recording.scenarioJson = scenarioText(*m_scenario);
    m_recording.created = nowText();
    if (const auto& series = m_scenario->series) {
        SeriesReport& told = m_report->series.emplace();
        told.knob = series->knob;
        told.label = series->label;
        told.values = series->values;
        told.numbers = series->numbers;
        told.planned = m_scenario->variants.size() * series->steps() * static_cast<std::size_t>(series->repeat);
        told.keptStep = keptStep(*m_scenario);
        told.keptRun = keptRun(*m_scenario);
        m_history = RunHistory(told.keptStep, told.keptRun);
    }
    for (const VariantSpec& variant : m_scenario->variants) {
        addVariant(m_recording, m_variants, variant.id, variant.title, variant.note);
        m_variants.back().engine = variant.engine;
        m_variants.back().report.engine = variant.engine;
    }
}

RunModel::RunModel(std::string commandTitle)
{
    m_report->machine = machineFacts();
    m_recording.created = nowText();
    addVariant(m_recording, m_variants, "command", cleanName(commandTitle), {});
}

Result<std::unique_ptr<RunModel>> RunModel::fromRecording(Recording recording)
{
    std::unique_ptr<RunModel> model(new RunModel);
    model->m_recording = std::move(recording);
    const Recording& loaded = model->m_recording;

    RunReport report;
    if (!loaded.reportJson.empty()) {
        Result<RunReport> read = parseJson(loaded.reportJson).and_then(reportFromJson);
        if (!read) {
            return fail("the recording's report cannot be read: " + read.error().message, ErrorKind::Usage);
        }
        report = std::move(*read);
    }
    RunReport& told = *model->m_report;
    told.machine = report.machine;
    told.verdict = report.verdict;
    told.stopped = model->m_stopped = report.stopped;
    told.series = std::move(report.series);
    if (!loaded.scenarioJson.empty()) {
        Result<Scenario> scenario = parseScenario(loaded.scenarioJson, "the recording's scenario");
        if (scenario) {
            scenario = resolve(*scenario, std::max(1, report.machine.cores));
        }
        if (!scenario) {
            return fail("the recording's scenario cannot be read: " + scenario.error().message, ErrorKind::Usage);
        }
        model->m_scenario = std::move(*scenario);
        told.scenario = model->m_scenario->id;
    }

    for (const std::shared_ptr<VariantRecording>& variant : loaded.variants) {
        const std::size_t index = model->m_variants.size();
        VariantModel& entry = model->m_variants.emplace_back();
        entry.recording = variant.get();
        entry.spread = spreadFor(model->view().sample, variant->timeline);
        const auto known = std::find_if(report.variants.begin(), report.variants.end(),
            [&](const VariantReport& candidate) { return candidate.id == variant->id; });
        if (known != report.variants.end()) {
            entry.report = *known;
            entry.phase = VariantModel::Phase::Ended;
        } else {
            // Never run (the run was stopped before), or its report is lost with the end of the file.
            entry.phase = variant->timeline.events > 0 ? VariantModel::Phase::Ended : VariantModel::Phase::Waiting;
            if (variant->failure.empty()) {
                entry.facts.exit.text = "finished";
            } else {
                entry.facts.exit = {Exit::Kind::Unknown, 0, variant->failure};
            }
            entry.report = analyzeVariant(
                variant->timeline, entry.facts, variant->id, variant->title, engineOf(model->m_scenario, variant->id));
        }
        showLosses(entry, findLosses(variant->timeline, entry.report.counters));
        entry.engine = entry.report.engine;
        entry.facts.interpreter = entry.report.interpreter;
        entry.facts.gilNote = entry.report.gilNote;
        variant->timeline.gilNote = entry.report.gilNote;
        entry.facts.exit = entry.report.exit;
        entry.facts.wall = entry.report.wall;
        entry.facts.cpu = entry.report.cpu;
        entry.facts.stolen = entry.report.stolen;
        entry.facts.recordingCost = entry.report.recordingCost;
        entry.facts.counters = entry.report.counters;
        entry.facts.extra = entry.report.extra;
        if (entry.report.exit.kind == Exit::Kind::Deadlocked) {
            entry.deadlock = findDeadlock(variant->timeline);
        }
        if (entry.phase == VariantModel::Phase::Ended) {
            if (const auto first = model->comparedWith(index)) {
                told.holdComparison = compareHolds(first->id, first->timeline, variant->id, variant->timeline);
            }
            model->addToReport(entry.report);
        }
    }
    model->m_over = true;
    model->m_finished = true;
    return model;
}

} // namespace timeslice
