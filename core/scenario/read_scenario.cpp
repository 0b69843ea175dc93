// Reading a scenario's document into a Scenario. The format is described in resources/scenarios/README.md.
#include "core/base/json_place.h"
#include "core/scenario/document.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <set>

namespace timeslice {

namespace scenario {

namespace {

/// What "engine" says; `need` is what a Python's interpreter must be.
struct EngineChoice {
    Engine engine = Engine::Native;
    std::string need = {};
    bool known = true; ///< it is one of them
};

View readView(const JsonPlace& place)
{
    std::vector<std::string> words;
    for (const ViewTraits& view : kViews) {
        words.emplace_back(view.word);
    }
    return static_cast<View>(place.choice("view", words));
}

/// Kinds of rows, and single threads: "thread:Server".
void readEvidence(const JsonPlace& all, Scenario& scenario)
{
    static const std::string kThread = "thread:";
    static const std::vector<std::pair<std::string, Evidence>> kWords = {{"cores", Evidence::Cores},
        {"threads", Evidence::Threads}, {"gil", Evidence::Locks}, {"locks", Evidence::Locks},
        {"counters", Evidence::Counters}, {"memory", Evidence::Memory}};
    std::vector<std::string> words;
    for (const auto& [word, evidence] : kWords) {
        words.push_back(word);
    }
    for (const JsonPlace& place : all.list("kinds of rows")) {
        if (const nlohmann::json& value = place.value();
            value.is_string() && value.get_ref<const std::string&>().starts_with(kThread)) {
            const std::string name = value.get_ref<const std::string&>().substr(kThread.size());
            if (name.empty()) {
                place.complain("expected a thread's name behind \"thread:\"");
            }
            scenario.evidenceThreads.push_back(name);
        } else {
            scenario.evidence.push_back(kWords[place.choice("kind of rows", words)].second);
        }
    }
}

EngineChoice readEngine(const JsonPlace& place)
{
    static const std::vector<std::pair<std::string, EngineChoice>> kEngines = {
        {"native", {Engine::Native}},
        {"model", {Engine::Model}},
        {"cpython", {Engine::CPython, "cpython"}},
        {"python:free-threaded", {Engine::OtherPython, "free-threaded"}},
        {"python:pypy", {Engine::OtherPython, "pypy"}},
        {"python:jython", {Engine::OtherPython, "jython"}},
    };
    std::vector<std::string> words;
    for (const auto& [word, choice] : kEngines) {
        words.push_back(word);
    }
    EngineChoice choice = kEngines[place.choice("engine", words)].second;
    choice.known = !place.failed();
    return choice;
}

void readPredictions(const JsonPlace& top, Scenario& scenario)
{
    const auto all = top.find("predictions");
    if (!all) {
        return;
    }
    std::vector<Prediction> others; // whose numbers are known
    for (const JsonPlace& place : all->list("predictions")) {
        place.expectKeys({"id", "text", "from", "to"}, {});
        Prediction prediction;
        if (const auto id = place.find("id")) {
            prediction.id = id->id();
        }
        if (const auto text = place.find("text")) {
            prediction.text = text->text();
        }
        const auto from = place.find("from");
        const auto to = place.find("to");
        if (from && to) {
            prediction.low = from->number();
            prediction.high = to->number();
            if (!from->failed() && !to->failed() && !(prediction.low < prediction.high)) {
                from->complain("must be less than 'to'");
            }
        }
        for (const Prediction& other : scenario.predictions) {
            if (!other.id.empty() && other.id == prediction.id) {
                place.complain("the id '" + prediction.id + "' is taken");
            }
        }
        if (from && to && !from->failed() && !to->failed()) {
            for (const Prediction& other : others) {
                if (prediction.low < other.high && other.low < prediction.high) {
                    place.complain(
                        "overlaps the prediction '" + other.id + "'; one measurement can agree with one only");
                }
            }
            others.push_back(prediction);
        }
        scenario.predictions.push_back(std::move(prediction));
    }
}

VariantSpec readVariant(const JsonPlace& place, EngineChoice engine, const std::filesystem::path& directory)
{
    if (const auto own = place.find("engine")) {
        engine = readEngine(*own);
    }
    VariantSpec variant;
    variant.engine = engine.engine;
    const auto script = place.find("python");
    const bool scriptOfNoPython = engine.known && !isPython(variant.engine) && script && !place.find("workload");
    if (scriptOfNoPython) {
        script->complain(
            "needs an engine that runs scripts: \"engine\": \"cpython\", in this variant or in the scenario");
    }
    if (engine.known && !scriptOfNoPython) {
        place.expectKeys(
            {"id", "title", isPython(variant.engine) ? "python" : "workload"}, {"note", "code", "engine", "expects"});
    } else {
        place.expectKeys({"id", "title"}, {"workload", "python", "note", "code", "engine", "expects"});
    }
    if (const auto id = place.find("id")) {
        variant.id = id->id();
    }
    if (const auto title = place.find("title")) {
        variant.title = title->text();
    }
    if (const auto note = place.find("note")) {
        variant.note = note->textOrLines(" ");
    }
    if (const auto expects = place.find("expects")) {
        variant.expects = static_cast<Ending>(expects->choice("ending", {"exit", "deadlock", "crash"}));
    }
    if (!engine.known) { // then it is open what its job is
        return variant;
    }
    if (isPython(variant.engine)) {
        readPython(place, directory, engine.need, variant);
        return variant;
    }
    if (const auto code = place.find("code")) {
        variant.code = code->textOrLines("\n");
    }
    if (const auto workload = place.find("workload")) {
        if (!workload->value().is_object()) {
            workload->complainExpected("an object with 'tasks'");
        }
        variant.workload = workload->value();
    }
    return variant;
}

void readVariants(
    const JsonPlace& top, const EngineChoice& engine, const std::filesystem::path& directory, Scenario& scenario)
{
    const auto all = top.find("variants");
    if (!all) {
        return;
    }
    std::set<std::string> ids;
    for (const JsonPlace& place : all->list("variants")) {
        const VariantSpec& variant = scenario.variants.emplace_back(readVariant(place, engine, directory));
        if (!variant.id.empty() && !ids.insert(variant.id).second) {
            place.complain("the id '" + variant.id + "' is taken");
        }
        if (isPython(variant.engine) && place.value().is_object()) {
            scenario.document["variants"][scenario.variants.size() - 1]["code"] = variant.code;
        }
    }
    if (scenario.variants.empty() && !all->failed()) {
        all->complain("at least one variant is needed");
    }
}

void readLimits(const JsonPlace& top, Scenario& scenario)
{
    const auto place = top.find("limits");
    if (!place) {
        return;
    }
    place->expectKeys({}, {"time", "threads", "memoryMegabytes", "realtimeCpu", "events"});
    if (const auto time = place->find("time")) {
        scenario.limits.time = time->duration();
        if (scenario.limits.time <= 0) {
            time->complain("must be more than zero");
        }
    }
    if (const auto threads = place->find("threads")) {
        scenario.limits.threads = threads->integer(1, 4096);
    }
    if (const auto memory = place->find("memoryMegabytes")) {
        scenario.limits.memoryBytes = std::int64_t{memory->integer(1, 1 << 20)} << 20;
    }
    if (const auto realtime = place->find("realtimeCpu")) {
        scenario.limits.realtimeCpu = realtime->duration();
    }
    if (const auto events = place->find("events")) {
        scenario.limits.events = static_cast<std::uint64_t>(events->integer(1000, 1'000'000'000));
    }
}

/// What stands where a number is expected and is none: "=EXPR".
double numberOfKnobs(const JsonPlace& place, const KnobTexts& knobs, bool knobsKnown)
{
    const nlohmann::json& value = place.value();
    if (!value.is_string() || !value.get_ref<const std::string&>().starts_with('=')) {
        place.complainExpected("a number (or an expression of knobs such as \"=2 * threads\")");
        return 0;
    }
    if (!knobsKnown) {
        place.giveUp();
        return 0;
    }
    const Result<double> result = evaluate(std::string_view(value.get_ref<const std::string&>()).substr(1), knobs);
    if (!result) {
        place.complain(result.error().message);
    }
    return result.value_or(0);
}

} // namespace

DocumentReading readDocument(const nlohmann::json& document, const std::filesystem::path& directory)
{
    JsonReading reading;
    const JsonPlace top(reading, document, "");
    top.expectKeys({"id", "chapter", "order", "title", "question", "predictions", "variants", "verdict", "why"},
        {kSchemaKey, "claims", "defines", "engine", "view", "evidence", "memory", "groups", "knobs", "series", "chart",
            "lookFor", "sources", "limits", "knobValues", "resolvedFor"});
    Scenario scenario;
    scenario.document = document;
    if (const auto id = top.find("id")) {
        scenario.id = id->id();
    }
    if (const auto chapter = top.find("chapter")) {
        std::vector<std::string> ids;
        for (const auto& [id, title] : chapters()) {
            ids.push_back(id);
        }
        scenario.chapter = ids[chapter->choice("chapter", ids)];
    }
    if (const auto order = top.find("order")) {
        scenario.order = order->integer(0, 1000);
    }
    if (const auto title = top.find("title")) {
        scenario.title = title->text();
        if (scenario.title.find_first_of("{}") != std::string::npos) {
            title->complain(
                "a scenario is listed under its title whatever its knobs are; it cannot contain '{' or '}'");
        }
    }
    if (const auto question = top.find("question")) {
        scenario.question = question->text();
    }
    if (const auto defines = top.find("defines")) {
        scenario.defines = defines->text();
    }
    readClaims(top, !directory.empty(), scenario);
    EngineChoice engine;
    if (const auto place = top.find("engine")) {
        engine = readEngine(*place);
    }
    scenario.engine = engine.engine;
    if (const auto view = top.find("view")) {
        scenario.view = readView(*view);
    }
    if (const auto evidence = top.find("evidence")) {
        readEvidence(*evidence, scenario);
    }
    const bool provesByMemory =
        std::find(scenario.evidence.begin(), scenario.evidence.end(), Evidence::Memory) != scenario.evidence.end();
    const auto memory = top.find("memory");
    scenario.memory = memory ? memory->flag() : provesByMemory;
    if (provesByMemory && !scenario.memory) {
        memory->complain("\"evidence\" has memory: it must be recorded");
    }
    if (const auto groups = top.find("groups")) {
        scenario.groups = groups->flag();
    }
    const KnobsRead knobs = readKnobs(top, scenario);
    const bool knobsKnown = knobs == KnobsRead::Right;
    // Numbers may be expressions of the knobs; two cores stand for a machine that is not known yet.
    const KnobTexts texts = knobTexts(scenario, 2);
    reading.otherNumber = [&](const JsonPlace& place) { return numberOfKnobs(place, texts, knobsKnown); };
    readPredictions(top, scenario);
    readVariants(top, engine, directory, scenario);
    readSeries(top, knobsKnown, scenario);
    readChart(top, scenario);
    readVerdict(top, scenario);
    readLimits(top, scenario);
    if (const auto why = top.find("why")) {
        scenario.why = why->textOrLines("\n\n");
    }
    if (const auto lookFor = top.find("lookFor")) {
        for (const JsonPlace& sentence : lookFor->list("sentences")) {
            scenario.lookFor.push_back(sentence.text());
        }
    }
    if (const auto sources = top.find("sources")) {
        for (const JsonPlace& source : sources->list("texts")) {
            scenario.sources.push_back(source.text());
        }
    }
    return {std::move(scenario), reading.complaints(), knobs};
}

std::string readVariantId(const JsonPlace& place, const Scenario& scenario)
{
    const std::string id = place.text();
    std::vector<std::string> ids;
    for (const VariantSpec& variant : scenario.variants) {
        ids.push_back(variant.id);
    }
    if (!ids.empty() && std::find(ids.begin(), ids.end(), std::string()) == ids.end()) {
        place.choice("variant", ids);
    }
    return id;
}

} // namespace scenario

const std::vector<std::string>& variantReportKeys()
{
    static const std::vector<std::string> kKeys = {"wall_s", "cpu_s", "start_s", "exit_s", "host_s", "parallelism",
        "context_switches", "threads", "locks", "locking", "counters", "marks", "counter_tracks", "cores", "latency_ms",
        "memory", "processes", "extra", "deadlocked_threads", "steal_s", "steal_share", "foreign_cpu_s",
        "foreign_share", "events", "lost_events", "recording_cost_s", "unobserved", "exit", "id", "name", "engine",
        "source", "findings"};
    return kKeys;
}

const std::vector<std::pair<std::string, std::string>>& chapters()
{
    static const std::vector<std::pair<std::string, std::string>> kChapters = {
        {"processes", "Processes and threads"},
        {"scheduling", "Scheduling"},
        {"gil", "The GIL"},
        {"races", "Races"},
        {"locks", "Locks and deadlock"},
        {"communication", "Communication and choice"},
    };
    return kChapters;
}

} // namespace timeslice
