#include "core/session/run_model.h"

#include "core/analysis/distribution.h"

#include <algorithm>
#include <ctime>

namespace timeslice {

namespace {

/// A live report is computed anew from all slices; beyond this many it waits for the end of the variant.
constexpr std::size_t kLiveReportSlices = 1'000'000;

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
    return document.is_null() ? std::string() : document.dump();
}

void addVariant(Recording& recording, std::vector<VariantModel>& variants, const std::string& id,
    const std::string& title, const std::string& note)
{
    auto variant = std::make_unique<VariantRecording>();
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

/// The first loss of any counter.
void findLoss(VariantModel& variant)
{
    const auto& counters = variant.recording->timeline.counters;
    for (std::size_t i = 0; i < counters.size() && !variant.loss; ++i) {
        variant.loss = firstLostUpdate(counters[i]);
        variant.lossCounter = static_cast<std::uint32_t>(i);
    }
}

/// What the report says beside the numbers.
void addFindings(VariantModel& variant)
{
    const Timeline& timeline = variant.recording->timeline;
    std::vector<std::string>& findings = variant.report.findings;
    if (variant.deadlock) {
        findings.push_back(describe(*variant.deadlock, timeline));
    }
    if (variant.loss) {
        const std::vector<std::string> steps =
            describe(*variant.loss, timeline.counters[variant.lossCounter], timeline);
        findings.insert(findings.end(), steps.begin(), steps.end());
    }
}

/// Between the first two variants that have run.
std::optional<HoldComparison> compareHoldsOf(const std::vector<VariantModel>& variants)
{
    std::vector<const VariantRecording*> ran;
    for (const VariantModel& variant : variants) {
        if (variant.phase == VariantModel::Phase::Ended && variant.recording->timeline.events > 0) {
            ran.push_back(variant.recording);
        }
    }
    if (ran.size() < 2) {
        return std::nullopt;
    }
    return compareHolds(ran[0]->id, ran[0]->timeline, ran[1]->id, ran[1]->timeline);
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

/// The delays that a script reported as numbers, where it could write no events: Quantiles in `extra`.
void takeReportedDelays(VariantReport& report)
{
    const auto delays = report.extra.is_object() ? report.extra.find("latency_ms") : report.extra.end();
    if (report.latencyMillis || delays == report.extra.end()) {
        return;
    }
    report.latencyMillis = Quantiles{delays->at("p50").get<double>(), delays->at("p95").get<double>(),
        delays->at("max").get<double>(), delays->at("count").get<std::size_t>()};
}

} // namespace

RunModel::RunModel(Scenario scenario)
    : m_scenario(std::move(scenario))
    , m_machine(machineFacts())
{
    m_recording.scenarioJson = scenarioText(*m_scenario);
    m_recording.created = nowText();
    for (const VariantSpec& variant : m_scenario->variants) {
        addVariant(m_recording, m_variants, variant.id, variant.title, variant.note);
        m_variants.back().engine = variant.engine;
        m_variants.back().report.engine = variant.engine;
    }
}

RunModel::RunModel(std::string commandTitle)
    : m_machine(machineFacts())
{
    m_recording.created = nowText();
    addVariant(m_recording, m_variants, "command", commandTitle, {});
}

Result<std::unique_ptr<RunModel>> RunModel::fromRecording(Recording recording)
{
    std::unique_ptr<RunModel> model(new RunModel);
    model->m_recording = std::move(recording);
    const Recording& loaded = model->m_recording;

    RunReport report;
    if (!loaded.reportJson.empty()) {
        Result<RunReport> read = reportFromJson(nlohmann::json::parse(loaded.reportJson, nullptr, false));
        if (!read) {
            return fail("the recording's report cannot be read: " + read.error().message, ErrorKind::Usage);
        }
        report = std::move(*read);
    }
    model->m_machine = report.machine;
    model->m_verdict = report.verdict;
    if (!loaded.scenarioJson.empty()) {
        Result<Scenario> scenario = parseScenario(loaded.scenarioJson, "the recording's scenario");
        if (scenario) {
            scenario = resolve(*scenario, std::max(1, report.machine.cores));
        }
        if (!scenario) {
            return fail("the recording's scenario cannot be read: " + scenario.error().message, ErrorKind::Usage);
        }
        model->m_scenario = std::move(*scenario);
    }

    for (const std::unique_ptr<VariantRecording>& variant : loaded.variants) {
        VariantModel& entry = model->m_variants.emplace_back();
        entry.recording = variant.get();
        findLoss(entry);
        const auto known = std::find_if(report.variants.begin(), report.variants.end(),
            [&](const VariantReport& candidate) { return candidate.id == variant->id; });
        if (known != report.variants.end()) {
            entry.report = *known;
            entry.phase = VariantModel::Phase::Ended;
        } else {
            // Never run (the run was stopped before), or its report is lost with the end of the file.
            entry.phase = variant->timeline.events > 0 ? VariantModel::Phase::Ended : VariantModel::Phase::Waiting;
            entry.facts.exit.text = variant->failure.empty() ? "finished" : variant->failure;
            entry.report = analyzeVariant(
                variant->timeline, entry.facts, variant->id, variant->title, engineOf(model->m_scenario, variant->id));
        }
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
    }
    model->m_finished = true;
    return model;
}

void RunModel::apply(std::vector<RunUpdate> updates)
{
    for (RunUpdate& update : updates) {
        std::visit([this](auto& what) { apply(what); }, update);
    }
}

void RunModel::apply(const VariantStarted& started)
{
    VariantModel& variant = m_variants.at(started.variant);
    variant.phase = VariantModel::Phase::Running;
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
    std::string& versions = m_machine.interpreters[what.substr(0, space)];
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

void RunModel::apply(VariantEnded& ended)
{
    VariantModel& variant = m_variants.at(ended.variant);
    if (variant.builder) {
        variant.builder->finish(ended.end);
        variant.builder.reset();
    }
    Timeline& timeline = variant.recording->timeline;
    variant.phase = VariantModel::Phase::Ended;
    variant.facts = std::move(ended.facts);
    // What was known before it ran may have been wrong: a GIL was seen after all, or none although there should be one.
    timeline.gilNote = variant.facts.gilNote;
    variant.recording->failure = variant.facts.exit.ok() ? std::string() : variant.facts.exit.text;
    // What still waits in a circle at the end of a run that was cut short is a deadlock, whoever noticed first.
    variant.deadlock.reset();
    if (variant.facts.exit.kind != Exit::Kind::Exited) {
        variant.deadlock = findDeadlock(timeline);
    }
    findLoss(variant);
    variant.report =
        analyzeVariant(timeline, variant.facts, variant.recording->id, variant.recording->title, variant.engine);
    takeReportedDelays(variant.report);
    addFindings(variant);
}

void RunModel::apply(RunEnded& ended)
{
    m_error = std::move(ended.error);
    m_stopped = ended.stopped;
    if (m_scenario) {
        m_verdict = judge(*m_scenario, report());
    }
    m_finished = true;
    m_recording.reportJson = toJson(report()).dump();
}

void RunModel::refreshLive()
{
    for (VariantModel& variant : m_variants) {
        if (variant.phase != VariantModel::Phase::Running) {
            continue;
        }
        const Timeline& timeline = variant.recording->timeline;
        variant.deadlock = findDeadlock(timeline);
        if (timeline.sliceCount() < kLiveReportSlices) {
            variant.facts.wall = timeline.workBegin ? timeline.end - *timeline.workBegin : 0;
            variant.report = analyzeVariant(
                timeline, variant.facts, variant.recording->id, variant.recording->title, variant.engine);
        }
    }
}

RunReport RunModel::report() const
{
    RunReport report;
    report.scenario = m_scenario ? m_scenario->id : std::string();
    report.machine = m_machine;
    for (const VariantModel& variant : m_variants) {
        if (variant.phase != VariantModel::Phase::Ended) {
            continue;
        }
        report.variants.push_back(variant.report);
        if (variant.report.source == Source::Inferred) {
            report.source = Source::Inferred;
        }
    }
    if (m_scenario && m_scenario->view == "holds") {
        report.holdComparison = compareHoldsOf(m_variants);
    }
    report.verdict = m_verdict;
    return report;
}

} // namespace timeslice
