// Reading a scenario's document into a Scenario. The format is described in resources/scenarios/README.md.
#include "core/base/did_you_mean.h"
#include "core/scenario/document.h"
#include "core/scenario/json_text.h"
#include "core/scenario/number_format.h"
#include "core/scenario/place.h"
#include "core/scenario/scenario.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>

namespace timeslice {

namespace scenario {

namespace {

/// What "engine" says; `need` is what a Python's interpreter must be.
struct EngineChoice {
    Engine engine = Engine::Native;
    std::string need = {};
};

View readView(const Place& place)
{
    std::vector<std::string> words;
    for (const ViewTraits& view : kViews) {
        words.emplace_back(view.word);
    }
    return static_cast<View>(place.choice("view", words));
}

std::vector<Evidence> readEvidence(const Place& all)
{
    static const std::vector<std::pair<std::string, Evidence>> kWords = {{"cores", Evidence::Cores},
        {"threads", Evidence::Threads}, {"gil", Evidence::Locks}, {"locks", Evidence::Locks},
        {"counters", Evidence::Counters}, {"memory", Evidence::Memory}};
    std::vector<std::string> words;
    for (const auto& [word, evidence] : kWords) {
        words.push_back(word);
    }
    std::vector<Evidence> evidence;
    for (const Place& place : all.list("kinds of rows")) {
        evidence.push_back(kWords[place.choice("kind of rows", words)].second);
    }
    return evidence;
}

EngineChoice readEngine(const Place& place)
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
    return kEngines[place.choice("engine", words)].second;
}

void readPredictions(const Place& top, Scenario& scenario)
{
    const auto all = top.find("predictions");
    if (!all) {
        return;
    }
    for (const Place& place : all->list("predictions")) {
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
            if (!(prediction.low < prediction.high)) {
                from->complain("must be less than 'to'");
            }
        }
        for (const Prediction& other : scenario.predictions) {
            if (other.id == prediction.id) {
                place.complain("the id '" + prediction.id + "' is taken");
            }
            if (prediction.low < other.high && other.low < prediction.high) {
                place.complain("overlaps the prediction '" + other.id + "'; one measurement can agree with one only");
            }
        }
        scenario.predictions.push_back(std::move(prediction));
    }
}

VariantSpec readVariant(const Place& place, EngineChoice engine, const std::filesystem::path& directory)
{
    if (const auto own = place.find("engine")) {
        engine = readEngine(*own);
    }
    VariantSpec variant;
    variant.engine = engine.engine;
    place.expectKeys(
        {"id", "title", isPython(variant.engine) ? "python" : "workload"}, {"note", "code", "engine", "expects"});
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
    const Place& top, const EngineChoice& engine, const std::filesystem::path& directory, Scenario& scenario)
{
    const auto all = top.find("variants");
    if (!all) {
        return;
    }
    std::set<std::string> ids;
    for (const Place& place : all->list("variants")) {
        const VariantSpec& variant = scenario.variants.emplace_back(readVariant(place, engine, directory));
        if (!ids.insert(variant.id).second) {
            place.complain("the id '" + variant.id + "' is taken");
        }
        if (isPython(variant.engine) && place.value().is_object()) {
            scenario.document["variants"][scenario.variants.size() - 1]["code"] = variant.code;
        }
    }
    if (scenario.variants.empty()) {
        all->complain("at least one variant is needed");
    }
}

MetricTerm readTerm(const Place& place, const Scenario& scenario)
{
    MetricTerm term;
    if (const auto which = place.find("variant")) {
        std::vector<std::string> ids;
        for (const VariantSpec& spec : scenario.variants) {
            ids.push_back(spec.id);
        }
        term.variant = which->text();
        which->choice("variant", ids);
    }
    if (const auto value = place.find("value")) {
        term.pointer = readReportPath(*value);
    }
    if (const auto at = place.find("at")) {
        const std::vector<std::string> values = scenario.series ? scenario.series->values : std::vector<std::string>();
        term.at = at->value().is_string() && !at->value().get_ref<const std::string&>().starts_with('=')
            ? at->text()
            : std::to_string(at->integer(-1'000'000'000, 1'000'000'000));
        if (std::find(values.begin(), values.end(), term.at) == values.end()) {
            at->complain("the series has no value " + shown(term.at)
                + (values.empty() ? "; it has no knob" : "; it has " + joinNames(values)));
        }
    }
    if (const auto of = place.find("of")) {
        term.of = readSummary(*of);
    }
    return term;
}

Metric readMetric(const Place& place, const Scenario& scenario)
{
    place.expectKeys({"variant", "value"}, {"at", "of", "over", "where"});
    Metric metric;
    metric.term = readTerm(place, scenario);
    if (const auto over = place.find("over")) {
        over->expectKeys({"variant", "value"}, {"at", "of"});
        metric.over = readTerm(*over, scenario);
    }
    if (const auto where = place.find("where")) {
        const std::size_t which = where->choice("place on a curve", {"bend", "peak", "crossing"});
        metric.kind = which == 2 ? Metric::Kind::Crossing : Metric::Kind::Bend;
        metric.leastIsBest = which == 0;
        if (!scenario.series || scenario.series->knob.empty()) {
            where->complain("needs a series with a knob, over whose values the curve goes");
        } else if (metric.kind == Metric::Kind::Crossing && !metric.over) {
            where->complain("which curve does it cross? 'over' names it");
        }
    }
    return metric;
}

HeadlineSpec readHeadline(const Place& place, const Scenario& scenario)
{
    place.expectKeys({"text", "numbers"}, {});
    HeadlineSpec headline;
    if (const auto text = place.find("text")) {
        headline.text = text->text();
    }
    if (const auto numbers = place.find("numbers")) {
        for (const Place& number : numbers->list("numbers")) {
            number.expectKeys({"variant", "value", "format"}, {"at", "of", "factor"});
            HeadlineNumber& read = headline.numbers.emplace_back();
            read.term = readTerm(number, scenario);
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
        for (std::size_t i = 0; i < headline.numbers.size(); ++i) {
            if (headline.text.find("%" + std::to_string(i + 1)) == std::string::npos) {
                place.complain("the text has no %" + std::to_string(i + 1) + ", where the number would stand");
            }
        }
    }
    return headline;
}

double readShare(const Place& place)
{
    const double share = place.number();
    if (!(share >= 0 && share <= 1)) {
        place.complainExpected("a share from 0 to 1");
    }
    return share;
}

void readVerdict(const Place& top, Scenario& scenario)
{
    const auto place = top.find("verdict");
    if (!place) {
        return;
    }
    place->expectKeys({"text", "metric", "band", "format", "caption", "holds", "fails"},
        {"claim", "headline", "needsCores", "needsMeasured", "maxStolen", "maxForeign"});
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
    if (const auto claim = place->find("claim")) {
        claim->choice("claim of this scenario", scenario.claims);
    }
    if (const auto format = place->find("format")) {
        if (const auto formatted = formatNumber(verdict.format, 0); !formatted) {
            format->complain(formatted.error().message);
        }
    }
    if (const auto metric = place->find("metric")) {
        verdict.metric = readMetric(*metric, scenario);
    }
    if (const auto headline = place->find("headline")) {
        verdict.headline = readHeadline(*headline, scenario);
    }
    if (const auto band = place->find("band")) {
        const std::vector<Place> ends = band->list("two numbers");
        if (ends.size() != 2) {
            band->complainExpected("an array of two numbers, the lowest and the highest that agree with the sentence");
        } else {
            verdict.low = ends[0].number();
            verdict.high = ends[1].number();
            if (!(verdict.low <= verdict.high)) {
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

void readLimits(const Place& top, Scenario& scenario)
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

} // namespace

Scenario readDocument(Reading& reading, const nlohmann::json& document)
{
    const Place top(reading, document, "");
    top.expectKeys({"id", "chapter", "order", "title", "question", "predictions", "variants", "verdict", "why"},
        {"claims", "defines", "engine", "view", "evidence", "memory", "groups", "knobs", "series", "chart", "lookFor",
            "sources", "limits", "knobValues", "resolvedFor"});
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
    readClaims(top, !reading.directory.empty(), scenario);
    EngineChoice engine;
    if (const auto place = top.find("engine")) {
        engine = readEngine(*place);
    }
    scenario.engine = engine.engine;
    if (const auto view = top.find("view")) {
        scenario.view = readView(*view);
    }
    if (const auto evidence = top.find("evidence")) {
        scenario.evidence = readEvidence(*evidence);
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
    readKnobs(top, scenario);
    // Numbers may be expressions of the knobs; two cores stand for a machine that is not known yet.
    const KnobTexts texts = knobTexts(scenario, 2);
    reading.knobs = &texts;
    readPredictions(top, scenario);
    readVariants(top, engine, reading.directory, scenario);
    readSeries(top, scenario);
    readChart(top, scenario);
    readVerdict(top, scenario);
    readLimits(top, scenario);
    if (const auto why = top.find("why")) {
        scenario.why = why->textOrLines("\n\n");
    }
    if (const auto lookFor = top.find("lookFor")) {
        for (const Place& sentence : lookFor->list("sentences")) {
            scenario.lookFor.push_back(sentence.text());
        }
    }
    if (const auto sources = top.find("sources")) {
        for (const Place& source : sources->list("texts")) {
            scenario.sources.push_back(source.text());
        }
    }
    reading.knobs = nullptr;
    return scenario;
}

} // namespace scenario

const std::vector<std::string>& variantReportKeys()
{
    static const std::vector<std::string> kKeys = {"wall_s", "cpu_s", "start_s", "exit_s", "host_s", "parallelism",
        "context_switches", "threads", "locks", "counters", "cores", "latency_ms", "memory", "processes", "extra", "deadlocked_threads",
        "steal_s", "steal_share", "foreign_cpu_s", "foreign_share", "events", "lost_events", "recording_cost_s",
        "unobserved", "exit", "id", "name", "engine", "source", "findings"};
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

namespace scenario {

namespace {

Result<Scenario> parse(const std::string& text, const std::string& name, const std::filesystem::path& directory)
{
    auto document = parseJsonText(text, name);
    if (!document) {
        return tl::unexpected(document.error());
    }
    const auto complain = [&](const Complaint& complaint) {
        const std::size_t offset = findInJsonText(text, complaint.path);
        return fail(textPosition(name, text, offset) + ": " + (complaint.path.empty() ? "" : complaint.path + ": ")
                + complaint.message,
            ErrorKind::Usage);
    };
    Reading reading;
    reading.directory = directory;
    Scenario result = readDocument(reading, *document);
    if (reading.complaint) {
        return complain(*reading.complaint);
    }
    result.sourcePath = name;
    // An expression that cannot be evaluated is the author's mistake, to be told when the file is read and not when
    // the viewer presses Run.
    for (const int cores : {1, 8}) {
        if (const auto resolved = resolveDocument(result, cores); !resolved) {
            return complain(resolved.error());
        }
    }
    return result;
}

} // namespace

} // namespace scenario

Result<Scenario> parseScenario(const std::string& text, const std::string& name)
{
    return scenario::parse(text, name, {});
}

Result<Scenario> readScenario(const std::filesystem::path& path)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return failErrno("cannot read " + path.string(), EISDIR, ErrorKind::Usage);
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file && file.peek() != std::ifstream::traits_type::eof()) { // an empty file is a syntax error, told below
        text << file.rdbuf();
    }
    if (!file.is_open() || file.bad()) {
        return failErrno("cannot read " + path.string(), errno, ErrorKind::Usage);
    }
    const std::filesystem::path directory = std::filesystem::absolute(path, error).parent_path();
    auto result = scenario::parse(text.str(), path.filename().string(), directory);
    if (result) {
        result->sourcePath = path.string();
    }
    return result;
}

} // namespace timeslice
