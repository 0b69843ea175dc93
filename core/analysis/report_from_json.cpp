// Reading "timeslice.report/1" back. A recording may come from anywhere: nothing in it is taken for granted.
#include "core/analysis/report.h"
#include "core/analysis/report_words.h"
#include "core/base/clean_name.h"
#include "core/base/json_out.h"
#include "core/base/json_words.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

namespace timeslice {

namespace {

using nlohmann::json;

/// An object of the report and where it stands; complaints go to the one place that the caller looks at.
class Node {
public:
    Node(const json& value, std::string path, std::optional<std::string>& complaint)
        : m_value(value)
        , m_path(std::move(path))
        , m_complaint(complaint)
    {
        if (!value.is_object()) {
            complain("expected an object, found " + std::string(value.type_name()));
        }
    }

    bool has(const char* key) const { return m_value.is_object() && m_value.contains(key); }

    void read(const char* key, std::string& to) const
    {
        if (const json* value = need(key, "a text", &json::is_string)) {
            to = cleanText(value->get_ref<const std::string&>());
        }
    }
    void read(const char* key, double& to) const
    {
        if (const json* value = need(key, "a number", &json::is_number)) {
            to = value->get<double>();
        }
    }
    template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) void read(
        const char* key, Integer& to) const
    {
        const json* value = need(key, "a whole number", &json::is_number_integer);
        if (!value) {
            return;
        }
        const bool fits = value->is_number_unsigned() ? std::in_range<Integer>(value->get<std::uint64_t>())
                                                      : std::in_range<Integer>(value->get<std::int64_t>());
        if (!fits) {
            complain(std::string(key) + ": out of range: " + jsonText(*value));
            return;
        }
        to = value->get<Integer>();
    }
    void readSeconds(const char* key, Nanos& to) const
    {
        double seconds = 0;
        read(key, seconds);
        if (!(std::abs(seconds) < 1e9)) { // 31 years; a few of them can be added up in 63 bits of nanoseconds
            complain(std::string(key) + ": out of range");
            return;
        }
        to = std::llround(seconds * 1e9);
    }
    template <class Enum> void readWord(const char* key, Enum& to) const
    {
        std::string text;
        read(key, text);
        if (const auto value = report_words::fromWord<Enum>(text)) {
            to = *value;
        } else {
            complain(std::string(key) + ": unknown word '" + shown(text) + "'");
        }
    }
    void readTexts(const char* key, std::vector<std::string>& to) const
    {
        if (const json* value = need(key, "an array of texts", &json::is_array)) {
            for (const json& text : *value) {
                if (text.is_string()) {
                    to.push_back(cleanText(text.get_ref<const std::string&>()));
                } else {
                    complain(std::string(key) + ": expected texts, found " + text.type_name());
                }
            }
        }
    }
    void readNumbers(const char* key, std::vector<double>& to) const
    {
        if (const json* value = need(key, "an array of numbers", &json::is_array)) {
            for (const json& number : *value) {
                if (number.is_number()) {
                    to.push_back(number.get<double>());
                } else {
                    complain(std::string(key) + ": expected numbers, found " + number.type_name());
                }
            }
        }
    }
    template <class F> void readObject(const char* key, F readInside) const
    {
        if (const json* value = need(key, "an object", &json::is_object)) {
            readInside(Node(*value, pathOf(key), m_complaint));
        }
    }
    template <class T, class F> void readList(const char* key, std::vector<T>& to, F readOne) const
    {
        if (const json* value = need(key, "an array", &json::is_array)) {
            for (std::size_t i = 0; i < value->size(); ++i) {
                to.push_back(readOne(Node((*value)[i], pathOf(key) + "/" + std::to_string(i), m_complaint)));
            }
        }
    }
    const json& at(const char* key) const { return m_value.at(key); }
    void complain(const std::string& what) const
    {
        if (!m_complaint) {
            m_complaint = (m_path.empty() ? "" : m_path + "/") + what;
        }
    }

private:
    std::string pathOf(const char* key) const { return m_path.empty() ? key : m_path + "/" + key; }

    template <class Check> const json* need(const char* key, const char* expected, Check check) const
    {
        if (!has(key)) {
            complain(std::string(key) + ": missing");
            return nullptr;
        }
        const json& value = m_value.at(key);
        if (!(value.*check)()) {
            complain(std::string(key) + ": expected " + expected + ", found " + value.type_name());
            return nullptr;
        }
        return &value;
    }

    const json& m_value;
    std::string m_path;
    std::optional<std::string>& m_complaint;
};

Quantiles readQuantiles(const Node& node)
{
    Quantiles quantiles;
    node.read("p50", quantiles.p50);
    node.read("p95", quantiles.p95);
    node.read("max", quantiles.max);
    node.read("count", quantiles.count);
    return quantiles;
}

template <class Counts> void readSwitches(const Node& node, Counts& to)
{
    node.readObject("context_switches", [&](const Node& switches) {
        switches.read("voluntary", to.voluntary);
        switches.read("preempted", to.preempted);
        switches.read("migrations", to.migrations);
    });
}

ThreadReport readThread(const Node& node)
{
    ThreadReport thread;
    node.read("tid", thread.tid);
    node.read("pid", thread.pid);
    node.read("name", thread.name);
    node.readSeconds("running_s", thread.running);
    node.readSeconds("runnable_s", thread.runnable);
    node.readSeconds("blocked_s", thread.blocked);
    node.readSeconds("lock_wait_s", thread.lockWait);
    readSwitches(node, thread);
    if (node.has("off_core_s")) {
        node.readSeconds("off_core_s", thread.offCore);
    }
    if (node.has("false_alarms")) {
        node.read("false_alarms", thread.falseAlarms);
    }
    thread.auxiliary = node.has("auxiliary") && node.at("auxiliary") == true;
    return thread;
}

MemoryPeak readMemory(const Node& node)
{
    MemoryPeak memory;
    node.read("rss", memory.rss);
    node.read("pss", memory.pss);
    node.read("private", memory.own);
    return memory;
}

ProcessReport readProcess(const Node& node)
{
    ProcessReport process;
    node.read("pid", process.pid);
    node.read("parent", process.parent);
    node.read("name", process.name);
    process.auxiliary = node.has("auxiliary") && node.at("auxiliary") == true;
    if (node.has("status")) {
        node.read("status", process.status.emplace());
    }
    if (node.has("memory")) {
        node.readObject("memory", [&](const Node& memory) { process.memory = readMemory(memory); });
    }
    return process;
}

MarkReport readMark(const Node& node)
{
    MarkReport mark;
    node.read("name", mark.name);
    node.read("count", mark.count);
    node.readSeconds("first_s", mark.first);
    node.readSeconds("last_s", mark.last);
    node.read("value", mark.value);
    return mark;
}

CounterTrackReport readCounterTrack(const Node& node)
{
    CounterTrackReport counter;
    node.read("name", counter.name);
    node.read("pid", counter.pid);
    node.read("accesses", counter.accesses);
    node.read("last", counter.last);
    return counter;
}

UnobservedProcess readUnobserved(const Node& node)
{
    UnobservedProcess process;
    node.read("pid", process.pid);
    node.read("name", process.name);
    node.read("why", process.why);
    process.hasGil = !node.has("has_gil") || node.at("has_gil") == true;
    return process;
}

TimeHistogram readHistogram(const Node& node)
{
    TimeHistogram histogram;
    int perDecade = 0;
    int first = 0;
    std::vector<double> counts;
    node.read("per_decade", perDecade);
    node.read("first", first);
    node.readNumbers("counts", counts);
    const auto bins = static_cast<std::int64_t>(counts.size());
    if (perDecade != TimeHistogram::kPerDecade || first < TimeHistogram::kFirst || bins > TimeHistogram::kBins
        || first + bins - 1 > TimeHistogram::kLast) {
        node.complain("no such bins");
        return histogram;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
        constexpr double kMost = 1e15; // of holds: a count is exact in a double, and a sum of them in 63 bits
        if (!(counts[i] >= 0 && counts[i] <= kMost)) {
            node.complain("counts: out of range");
            return {};
        }
        histogram.addTo(first + static_cast<int>(i), static_cast<std::uint64_t>(counts[i]));
    }
    return histogram;
}

/// What the first reports did not have.
void readWaits(const Node& node, LockReport& lock)
{
    if (node.has("waits")) {
        node.read("waits", lock.waits.emplace());
        node.read("waits_in_vain", lock.waitsInVain);
        node.readObject("wait_ms", [&](const Node& quantiles) { lock.waitMillis = readQuantiles(quantiles); });
        node.readObject("hold_histogram", [&](const Node& bins) { lock.holdTimes = readHistogram(bins); });
        node.readObject("wait_histogram", [&](const Node& bins) { lock.waitTimes = readHistogram(bins); });
    }
    if (node.has("false_alarms")) {
        node.read("false_alarms", lock.falseAlarms.emplace());
    }
}

LockReport readLock(const Node& node)
{
    LockReport lock;
    node.read("id", lock.id);
    node.read("name", lock.name);
    node.read("kind", lock.kind);
    node.read("pid", lock.pid);
    node.read("holds", lock.holds);
    node.readSeconds("hold_s", lock.hold);
    node.readSeconds("wait_s", lock.wait);
    node.readSeconds("longest_wait_s", lock.longestWait);
    node.read("drop_requests", lock.dropRequests);
    node.readObject("handoffs", [&](const Node& handoffs) {
        handoffs.read("timeout", lock.handoffsTimeout);
        handoffs.read("voluntary", lock.handoffsVoluntary);
        handoffs.read("exit", lock.handoffsExit);
    });
    node.readObject("hold_ms", [&](const Node& quantiles) { lock.holdMillis = readQuantiles(quantiles); });
    if (node.has("timeout_hold_ms")) { // the first reports had none
        node.readObject(
            "timeout_hold_ms", [&](const Node& quantiles) { lock.timeoutHoldMillis = readQuantiles(quantiles); });
    }
    node.read("max_concurrent_holders", lock.maxConcurrentHolders);
    node.read("held_share", lock.heldShare);
    readWaits(node, lock);
    return lock;
}

CounterResult readCounter(const Node& node)
{
    CounterResult counter;
    node.read("name", counter.name);
    node.read("expected", counter.expected);
    node.read("actual", counter.actual);
    if (node.has("found")) {
        LossesFound& found = counter.found.emplace();
        node.read("found", found.updates);
        node.read("unexplained", found.unexplained);
        node.read("losses", found.losses);
        node.read("losses_step_by_step", found.complete);
    }
    return counter;
}

CoreReport readCore(const Node& node)
{
    CoreReport core;
    node.read("cpu", core.cpu);
    node.readSeconds("own_s", core.own);
    node.readSeconds("others_s", core.others);
    node.readSeconds("steal_s", core.stolen);
    node.readSeconds("idle_s", core.idle);
    node.readSeconds("sampled_s", core.sampled);
    return core;
}

VariantReport readVariant(const Node& node)
{
    VariantReport variant;
    node.read("id", variant.id);
    node.read("name", variant.name);
    node.readWord("engine", variant.engine);
    node.readObject("exit", [&](const Node& exit) {
        exit.readWord("kind", variant.exit.kind);
        exit.read("code", variant.exit.code);
        exit.read("text", variant.exit.text);
    });
    node.readWord("source", variant.source);
    node.readSeconds("wall_s", variant.wall);
    node.readSeconds("cpu_s", variant.cpu);
    node.read("parallelism", variant.parallelism);
    node.readSeconds("steal_s", variant.stolen);
    node.read("steal_share", variant.stolenShare);
    node.readSeconds("foreign_cpu_s", variant.foreignCpu);
    node.read("foreign_share", variant.foreignShare);
    readSwitches(node, variant);
    node.readList("cores", variant.cores, readCore);
    node.readList("threads", variant.threads, readThread);
    node.readList("locks", variant.locks, readLock);
    node.readList("counters", variant.counters, readCounter);
    node.read("deadlocked_threads", variant.deadlockedThreads);
    node.read("events", variant.events);
    node.read("lost_events", variant.lostEvents);
    node.readSeconds("recording_cost_s", variant.recordingCost);
    node.readTexts("findings", variant.findings);
    if (node.has("latency_ms")) {
        node.readObject("latency_ms", [&](const Node& latency) { variant.latencyMillis = readQuantiles(latency); });
    }
    if (node.has("locking")) {
        node.readObject("locking", [&](const Node& locking) {
            LockingReport& sum = variant.locking.emplace();
            locking.read("holds", sum.holds);
            locking.read("waits", sum.waits);
            locking.read("waits_in_vain", sum.waitsInVain);
            locking.readSeconds("wait_s", sum.wait);
        });
    }
    if (node.has("counter_tracks")) {
        node.readList("counter_tracks", variant.counterTracks, readCounterTrack);
    }
    if (node.has("marks")) {
        node.readList("marks", variant.marks, readMark);
    }
    if (node.has("processes")) { // neither in those of older versions
        node.readList("processes", variant.processes, readProcess);
    }
    if (node.has("memory")) {
        node.readObject("memory", [&](const Node& memory) { variant.memory = readMemory(memory); });
    }
    if (node.has("start_s")) { // not in the reports of older versions
        node.readSeconds("start_s", variant.starting);
        node.readSeconds("exit_s", variant.ending);
    }
    if (node.has("host_s")) {
        node.readSeconds("host_s", variant.uncharged);
    }
    if (node.has("foreign_programs")) {
        node.readList("foreign_programs", variant.foreignPrograms, [](const Node& program) {
            ForeignProgram read;
            program.read("name", read.name);
            program.read("share", read.share);
            return read;
        });
    }
    if (node.has("attempts")) {
        node.read("attempts", variant.attempts);
    }
    variant.wakeups = node.has("wakeups");
    if (node.has("not_recorded_events")) {
        node.read("not_recorded_events", variant.notRecorded);
        variant.notRecorded = std::min(variant.notRecorded, variant.lostEvents);
    }
    if (node.has("interpreter")) {
        node.read("interpreter", variant.interpreter);
    }
    if (node.has("gil_note")) {
        node.read("gil_note", variant.gilNote);
    }
    if (node.has("unobserved")) { // the first reports had none
        node.readList("unobserved", variant.unobserved, readUnobserved);
    }
    if (node.has("extra")) {
        variant.extra = node.at("extra");
    }
    return variant;
}

SeriesPoint readPoint(const Node& node)
{
    SeriesPoint point;
    node.read("step", point.step);
    node.read("repetition", point.repetition);
    point.kept = node.has("kept") && node.at("kept") == true;
    node.readObject("report", [&](const Node& report) { point.report = readVariant(report); });
    return point;
}

SeriesReport readSeries(const Node& node)
{
    SeriesReport series;
    node.read("knob", series.knob);
    node.read("label", series.label);
    node.readTexts("values", series.values);
    node.readNumbers("numbers", series.numbers);
    node.read("planned", series.planned);
    node.read("kept_step", series.keptStep);
    if (node.has("kept_run")) { // the first reports had only medians
        node.readWord("kept_run", series.keptRun);
    }
    node.readList("points", series.points, readPoint);
    const std::size_t steps = std::max<std::size_t>(1, series.values.size());
    if (series.numbers.size() != series.values.size()) {
        node.complain("numbers: as many as values are expected");
    }
    for (const SeriesPoint& point : series.points) {
        if (point.step >= steps) {
            node.complain("points: a point stands at a value that is not there");
        }
    }
    return series;
}

HoldComparison readHoldComparison(const Node& node)
{
    HoldComparison comparison;
    node.read("first", comparison.first);
    node.read("second", comparison.second);
    node.readObject("first_hold_ms", [&](const Node& quantiles) { comparison.firstMillis = readQuantiles(quantiles); });
    node.readObject(
        "second_hold_ms", [&](const Node& quantiles) { comparison.secondMillis = readQuantiles(quantiles); });
    node.read("ratio", comparison.ratio);
    node.read("ks_distance", comparison.distance);
    return comparison;
}

Verdict readVerdict(const Node& node)
{
    Verdict verdict;
    node.read("claim", verdict.claim);
    node.read("text", verdict.text);
    node.read("metric", verdict.metric);
    node.read("why", verdict.why);
    node.read("headline", verdict.headline);
    node.read("caption", verdict.caption);
    if (node.has("why_in_brief")) {
        node.read("why_in_brief", verdict.whyInBrief);
    }
    if (node.has("number")) {
        node.read("number", verdict.number);
    }
    if (node.has("measured") && !node.at("measured").is_null()) {
        double measured = 0;
        node.read("measured", measured);
        verdict.measured = measured;
    }
    if (node.has("holds") && !node.at("holds").is_null()) {
        if (node.at("holds").is_boolean()) {
            verdict.holds = node.at("holds").get<bool>();
        } else {
            node.complain("holds: expected true, false or null");
        }
    }
    if (node.has("silence")) {
        node.readWord("silence", verdict.silence);
    } else if (!verdict.holds) { // the first reports had only this to tell it by
        verdict.silence = verdict.measured ? Silence::NotVisible : Silence::NoAnswer;
    }
    if (!node.has("band") || !node.at("band").is_array() || node.at("band").size() != 2
        || !node.at("band")[0].is_number() || !node.at("band")[1].is_number()) {
        node.complain("band: expected an array of two numbers");
    } else {
        verdict.low = node.at("band")[0].get<double>();
        verdict.high = node.at("band")[1].get<double>();
    }
    return verdict;
}

} // namespace

Result<RunReport> reportFromJson(const json& document)
{
    std::optional<std::string> complaint;
    const Node node(document, "", complaint);
    std::string schema;
    node.read("schema", schema);
    if (!complaint && schema != "timeslice.report/1") {
        return fail(
            "the report's format is '" + shown(schema) + "'; this version of Timeslice reads 'timeslice.report/1'",
            ErrorKind::Usage);
    }
    RunReport report;
    node.read("scenario", report.scenario);
    node.readObject("machine", [&](const Node& machine) {
        machine.read("cores", report.machine.cores);
        machine.read("kernel", report.machine.kernel);
        machine.read("cpu", report.machine.cpu);
        machine.readObject("interpreters", [&](const Node& interpreters) {
            for (const auto& [name, version] : document["machine"]["interpreters"].items()) {
                interpreters.read(name.c_str(), report.machine.interpreters[name]);
            }
        });
    });
    node.readWord("source", report.source);
    report.stopped = node.has("stopped") && node.at("stopped") == true;
    node.readList("variants", report.variants, readVariant);
    if (node.has("series")) {
        node.readObject("series", [&](const Node& series) { report.series = readSeries(series); });
    }
    if (node.has("hold_comparison")) {
        node.readObject(
            "hold_comparison", [&](const Node& holds) { report.holdComparison = readHoldComparison(holds); });
    }
    if (node.has("verdict")) {
        node.readObject("verdict", [&](const Node& verdict) { report.verdict = readVerdict(verdict); });
    }
    if (complaint) {
        return fail("report: " + *complaint, ErrorKind::Usage);
    }
    return report;
}

} // namespace timeslice
