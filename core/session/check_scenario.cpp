#include "core/session/check_scenario.h"

#include "core/analysis/report.h"
#include "core/base/did_you_mean.h"
#include "core/base/json_words.h"
#include "core/python/compile_script.h"
#include "core/workload/workload_spec.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

namespace timeslice {

namespace {

using nlohmann::json;

std::string variantPath(std::size_t variant)
{
    return "variants/" + std::to_string(variant);
}

// --- Workloads

/// That a core is not here is this machine's matter and not the file's.
void addWorkload(
    const json& workload, const std::string& path, const WorkloadBounds& bounds, std::vector<JsonComplaint>& complaints)
{
    for (JsonComplaint& complaint : workloadComplaints(workload, bounds)) {
        if (complaint.kind == ErrorKind::Usage) {
            complaint.path = complaint.path.empty() ? path : path + "/" + complaint.path;
            complaints.push_back(std::move(complaint));
        }
    }
}

/// What is said of a script's threads must be such that they can be stepped.
void addStepped(
    const json& stepped, const std::string& path, const WorkloadBounds& bounds, std::vector<JsonComplaint>& complaints)
{
    const std::size_t before = complaints.size();
    addWorkload(stepped, path, bounds, complaints);
    if (const auto spec = readWorkload(stepped, bounds); complaints.size() == before && spec && !spec->stepped) {
        complaints.push_back({path, "no thread of this workload is stepped"});
    }
}

// --- Scripts

std::optional<std::string> compileWith(const Interpreter& interpreter, const std::filesystem::path& script)
{
    const auto compiled = compileScript(interpreter, script);
    if (!compiled || !*compiled) {
        return std::nullopt;
    }
    const SyntaxMistake& mistake = **compiled;
    std::string where = script.filename().string();
    if (mistake.line > 0) {
        where += ":" + std::to_string(mistake.line);
    }
    if (mistake.line > 0 && mistake.column > 0) {
        where += ":" + std::to_string(mistake.column);
    }
    return where + ": " + mistake.message + " (" + describe(interpreter) + ")";
}

void addScripts(
    const Scenario& scenario, ScriptCompiler& compiler, Scripts scripts, std::vector<JsonComplaint>& complaints)
{
    std::set<std::string> told; // a script that several variants run is wrong once
    for (std::size_t i = 0; i < scenario.variants.size(); ++i) {
        const VariantSpec& variant = scenario.variants[i];
        if (!isPython(variant.engine) || variant.code.empty() || !variant.python.script.is_absolute()) {
            continue; // it could not be read, which is told already
        }
        const std::optional<std::string> mistake =
            scripts == Scripts::Compiled ? compiler.mistakeIn(variant) : compiler.knownMistakeIn(variant);
        if (mistake && told.insert(*mistake).second) {
            complaints.push_back({variantPath(i) + "/python/script", *mistake});
        }
    }
}

// --- Numbers

/// A report as a variant's run may give it, with all that it may have.
struct Sample {
    json report;
    std::set<std::string> known; ///< lists of it that name all that there is
};

template <class Named> std::vector<Named> named(const std::vector<std::string>& names)
{
    std::vector<Named> all;
    for (const std::string& name : names) {
        all.emplace_back().name = name;
    }
    return all;
}

template <class Spec> std::vector<std::string> namesOf(const std::vector<Spec>& specs)
{
    std::vector<std::string> names;
    for (const Spec& spec : specs) {
        names.push_back(spec.name);
    }
    return names;
}

/// What a workload starts beside its tasks has names that nobody knows before.
bool startsOthers(const WorkloadSpec& spec)
{
    for (const TaskSpec& task : spec.tasks) {
        for (const PhaseSpec& phase : task.phases) {
            for (const TaskStep& step : phase.steps) {
                if (std::holds_alternative<step::Spawn>(step) || std::holds_alternative<step::Bear>(step)) {
                    return true;
                }
            }
        }
    }
    return false;
}

/// Each process has a GIL of its own, named after it, and its threads may be.
bool anyProcess(const WorkloadSpec& spec)
{
    return std::any_of(spec.tasks.begin(), spec.tasks.end(), [](const TaskSpec& task) { return task.process; });
}

Sample sampleOf(const Scenario& scenario, const VariantSpec& variant, const WorkloadBounds& bounds)
{
    VariantReport report;
    std::vector<std::string> threads{"any"};
    std::vector<std::string> locks{"any"};
    std::vector<std::string> counters{"any"};
    std::set<std::string> known;
    if (!isPython(variant.engine)) {
        if (const Result<WorkloadSpec> spec = readWorkload(variant.workload, bounds)) {
            known.insert("counters");
            if (!anyProcess(*spec)) {
                known.insert("locks");
                if (!startsOthers(*spec)) {
                    known.insert("threads");
                }
            }
            counters = namesOf(spec->counters);
            locks = namesOf(spec->mutexes);
            const std::vector<std::string> gils = namesOf(spec->gils);
            locks.insert(locks.end(), gils.begin(), gils.end());
            threads = {"timeslice-worker"};
            for (const TaskSpec& task : spec->tasks) {
                for (int i = 0; i < task.instances; ++i) {
                    threads.push_back(task.instanceName(i));
                }
            }
        }
    }
    report.threads = named<ThreadReport>(threads);
    report.locks = named<LockReport>(locks);
    report.counters = named<CounterResult>(counters);
    report.marks = named<MarkReport>({"any"});
    report.counterTracks = named<CounterTrackReport>({"any"});
    report.cores = std::vector<CoreReport>(bounds.cpus.size());
    for (ThreadReport& thread : report.threads) {
        thread.offCore = 1;
    }
    for (LockReport& lock : report.locks) { // any of them may be a GIL's
        lock.waits = 0;
        lock.falseAlarms = 0;
    }
    report.locking.emplace();
    report.latencyMillis.emplace();
    report.processes = named<ProcessReport>({"any"});
    report.processes.front().status = 0;
    if (scenario.memory) {
        report.memory.emplace();
        report.processes.front().memory.emplace();
    }
    report.attempts = 2;
    report.notRecorded = 1;
    return {toJson(report), known};
}

std::vector<std::string> stepsOf(const std::string& pointer)
{
    std::vector<std::string> steps;
    for (std::size_t at = 0; at < pointer.size();) {
        const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
        steps.push_back(pointer.substr(at + 1, end - at - 1));
        at = end;
    }
    return steps;
}

std::string missing(const std::string& what, const std::string& name, const std::vector<std::string>& known)
{
    const std::string guess = didYouMean(name, known);
    return what + " '" + shown(name) + "'"
        + (!guess.empty()       ? guess
                : known.empty() ? "; there is none"
                                : "; it has " + joinNames(known));
}

/// A list's element by its name or place, as a metric finds it (core/analysis/metric.cpp). All are alike, so the first
/// stands for any whose name is not known.
const json* elementOf(const json& list, const std::string& step, bool namesKnown)
{
    for (const json& element : list) {
        if (const auto name = element.find("name"); name != element.end() && *name == step) {
            return &element;
        }
    }
    const bool index = !step.empty() && step.size() < 6 && step.find_first_not_of("0123456789") == std::string::npos;
    return (namesKnown && !index) || list.empty() ? nullptr : &list.front();
}

/// Why there is nothing to read at the end of the path; "" if there is. `texts`: a text will do as well as a number.
std::string whyNothingAt(const Sample& sample, const std::string& pointer, bool texts)
{
    const std::vector<std::string> steps = stepsOf(pointer);
    if (steps.empty() || !sample.report.contains(steps.front())) {
        if (!steps.empty() && steps.front() == "memory") {
            return "the memory is not looked at; \"memory\": true in this file sees to it";
        }
        return {}; // the reader knows what a report begins with; "extra" is what a script says
    }
    const json* value = &sample.report;
    std::string way = "a variant's report";
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string& step = steps[i];
        if (value->is_array()) {
            const bool known = sample.known.contains(steps.front());
            const json* element = elementOf(*value, step, known);
            if (element == nullptr && !known) {
                return {};
            }
            if (element == nullptr) {
                std::vector<std::string> names;
                for (const json& each : *value) {
                    names.push_back(each.value("name", ""));
                }
                return missing("this variant's workload has, among its " + steps.front() + ", no", step, names);
            }
            value = element;
        } else if (value->is_object()) {
            if (!value->contains(step)) {
                std::vector<std::string> keys;
                for (const auto& [key, ignored] : value->items()) {
                    keys.push_back(key);
                }
                return missing(way + " has no", step, keys);
            }
            value = &value->at(step);
        } else {
            return way + " is " + inWords(*value) + " already; there is no '" + shown(step) + "' in it";
        }
        way = "'" + shown(step) + "'";
    }
    if (value->is_number() || (texts && value->is_string())) {
        return {};
    }
    if (value->is_object()) {
        std::vector<std::string> keys;
        for (const auto& [key, ignored] : value->items()) {
            keys.push_back(key);
        }
        return way + " is no number; it has " + joinNames(keys);
    }
    return way + " is no number but " + (value->is_string() ? std::string("a text") : inWords(*value));
}

class NumberCheck {
public:
    NumberCheck(const Scenario& scenario, const WorkloadBounds& bounds, std::vector<JsonComplaint>& complaints)
        : m_scenario(scenario)
        , m_complaints(complaints)
    {
        for (const VariantSpec& variant : scenario.variants) {
            m_samples.push_back(sampleOf(scenario, variant, bounds));
        }
    }

    void run()
    {
        const VerdictSpec& verdict = m_scenario.verdict;
        checkQuotient(verdict.metric.term, verdict.metric.over, "verdict/metric");
        if (verdict.headline) {
            checkNumbers(*verdict.headline, "verdict/headline");
        }
        checkExplanations(verdict.holds, "verdict/holds");
        checkExplanations(verdict.fails, "verdict/fails");
        for (std::size_t i = 0; m_scenario.chart && i < m_scenario.chart->measures.size(); ++i) {
            const ChartMeasure& measure = m_scenario.chart->measures[i];
            const std::string path = "chart/measures/" + std::to_string(i);
            const bool texts = m_scenario.chart->kind == ChartSpec::Kind::Table;
            checkMeasure(measure.pointer, path + "/value", texts);
            checkMeasure(measure.overPointer, path + "/over", false);
        }
    }

private:
    void checkTerm(const MetricTerm& term, const std::string& path)
    {
        for (std::size_t i = 0; i < m_samples.size(); ++i) {
            if (m_scenario.variants[i].id == term.variant && !term.variant.empty()) {
                complain(path + "/value", whyNothingAt(m_samples[i], term.pointer, false));
            }
        }
    }

    void checkQuotient(const MetricTerm& term, const std::optional<MetricTerm>& over, const std::string& path)
    {
        checkTerm(term, path);
        if (over) {
            checkTerm(*over, path + "/over");
        }
    }

    void checkNumbers(const MeasuredText& text, const std::string& path)
    {
        for (std::size_t i = 0; i < text.numbers.size(); ++i) {
            checkQuotient(text.numbers[i].term, text.numbers[i].over, path + "/numbers/" + std::to_string(i));
        }
    }

    /// In the file a single one need not be in a list.
    void checkExplanations(const std::vector<Explanation>& explanations, const std::string& path)
    {
        const json::json_pointer place("/" + path);
        const bool list = m_scenario.document.contains(place) && m_scenario.document.at(place).is_array();
        for (std::size_t i = 0; i < explanations.size(); ++i) {
            const std::string each = list ? path + "/" + std::to_string(i) : path;
            checkNumbers(explanations[i].said, each);
            if (const auto& when = explanations[i].when) {
                checkQuotient(when->metric.term, when->metric.over, each + "/when");
            }
        }
    }

    /// One that some variant has is right: the others have none.
    void checkMeasure(const std::string& pointer, const std::string& path, bool texts)
    {
        std::string why;
        for (const Sample& sample : m_samples) {
            why = whyNothingAt(sample, pointer, texts);
            if (why.empty()) {
                return;
            }
        }
        complain(path, std::move(why));
    }

    void complain(const std::string& path, std::string why)
    {
        if (!why.empty()) {
            m_complaints.push_back({path, std::move(why)});
        }
    }

    const Scenario& m_scenario;
    std::vector<JsonComplaint>& m_complaints;
    std::vector<Sample> m_samples;
};

} // namespace

ScriptCompiler::ScriptCompiler(std::function<std::vector<Interpreter>()> pythons)
    : m_pythons(std::move(pythons))
{
}

ScriptCompiler::Key ScriptCompiler::keyOf(const VariantSpec& variant)
{
    return {variant.python.script.string(), variant.python.interpreter, variant.code};
}

std::optional<std::string> ScriptCompiler::mistakeIn(const VariantSpec& variant)
{
    const std::lock_guard one(m_compiling);
    const Key key = keyOf(variant);
    {
        const std::lock_guard lock(m_mutex);
        if (const auto known = m_known.find(key); known != m_known.end()) {
            return known->second;
        }
    }
    std::optional<std::string> mistake = compile(variant);
    const std::lock_guard lock(m_mutex);
    m_known[key] = mistake;
    return mistake;
}

std::optional<std::string> ScriptCompiler::knownMistakeIn(const VariantSpec& variant) const
{
    const std::lock_guard lock(m_mutex);
    const auto known = m_known.find(keyOf(variant));
    return known == m_known.end() ? std::nullopt : known->second;
}

std::optional<std::string> ScriptCompiler::compile(const VariantSpec& variant)
{
    if (!m_found) {
        m_found = m_pythons();
    }
    const std::optional<Interpreter> interpreter = chooseInterpreter(*m_found, variant.python.interpreter);
    return interpreter ? compileWith(*interpreter, variant.python.script) : std::nullopt;
}

ScenarioCheck scenarioCheck(std::shared_ptr<ScriptCompiler> compiler, Scripts scripts)
{
    return [compiler = std::move(compiler), scripts](const Scenario& scenario, int cores) {
        WorkloadBounds bounds{scenario.limits.threads, std::vector<CpuId>(static_cast<std::size_t>(cores))};
        std::iota(bounds.cpus.begin(), bounds.cpus.end(), CpuId{0});
        std::vector<JsonComplaint> complaints;
        for (std::size_t i = 0; i < scenario.variants.size(); ++i) {
            const VariantSpec& variant = scenario.variants[i];
            if (!isPython(variant.engine) && variant.workload.is_object()) { // of another the reader has complained
                addWorkload(variant.workload, variantPath(i) + "/workload", bounds, complaints);
            } else if (variant.python.stepped.is_object()) {
                addStepped(variant.python.stepped, variantPath(i) + "/python/stepped", bounds, complaints);
            }
        }
        if (compiler) {
            addScripts(scenario, *compiler, scripts, complaints);
        }
        NumberCheck(scenario, bounds, complaints).run();
        return complaints;
    };
}

} // namespace timeslice
