// Reading "timeslice.report/1" back. A recording may come from anywhere: nothing in it is taken for granted.
#include "core/analysis/report.h"
#include "core/analysis/report_words.h"
#include "core/base/json_fields.h"
#include "core/base/json_words.h"

#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

using nlohmann::json;

template <class Enum> void readWord(const JsonFields& node, const char* key, Enum& to)
{
    const std::string text = node.text(key);
    if (const auto value = report_words::fromWord<Enum>(text)) {
        to = *value;
    } else {
        node.complain(std::string(key) + ": unknown word '" + shown(text) + "'");
    }
}

Quantiles readQuantiles(const JsonFields& node)
{
    Quantiles quantiles;
    node.read("p50", quantiles.p50);
    node.read("p95", quantiles.p95);
    node.read("max", quantiles.max);
    node.read("count", quantiles.count);
    return quantiles;
}

template <class Counts> void readSwitches(const JsonFields& node, Counts& to)
{
    const JsonFields switches = node.object("context_switches");
    switches.read("voluntary", to.voluntary);
    switches.read("preempted", to.preempted);
    switches.read("migrations", to.migrations);
}

ThreadReport readThread(const JsonFields& node)
{
    ThreadReport thread;
    node.read("tid", thread.tid);
    node.read("pid", thread.pid);
    node.read("name", thread.name);
    thread.running = node.seconds("running_s");
    thread.runnable = node.seconds("runnable_s");
    thread.blocked = node.seconds("blocked_s");
    thread.lockWait = node.seconds("lock_wait_s");
    readSwitches(node, thread);
    if (node.has("off_core_s")) {
        thread.offCore = node.seconds("off_core_s");
    }
    if (node.has("false_alarms")) {
        node.read("false_alarms", thread.falseAlarms);
    }
    thread.auxiliary = node.has("auxiliary") && node.at("auxiliary") == true;
    return thread;
}

MemoryPeak readMemory(const JsonFields& node)
{
    MemoryPeak memory;
    node.read("rss", memory.rss);
    node.read("pss", memory.pss);
    node.read("private", memory.own);
    return memory;
}

ProcessReport readProcess(const JsonFields& node)
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
        process.memory = readMemory(node.object("memory"));
    }
    return process;
}

MarkReport readMark(const JsonFields& node)
{
    MarkReport mark;
    node.read("name", mark.name);
    node.read("count", mark.count);
    mark.first = node.seconds("first_s");
    mark.last = node.seconds("last_s");
    node.read("value", mark.value);
    return mark;
}

CounterTrackReport readCounterTrack(const JsonFields& node)
{
    CounterTrackReport counter;
    node.read("name", counter.name);
    node.read("pid", counter.pid);
    node.read("accesses", counter.accesses);
    node.read("last", counter.last);
    return counter;
}

UnobservedProcess readUnobserved(const JsonFields& node)
{
    UnobservedProcess process;
    node.read("pid", process.pid);
    node.read("name", process.name);
    node.read("why", process.why);
    process.hasGil = !node.has("has_gil") || node.at("has_gil") == true;
    return process;
}

TimeHistogram readHistogram(const JsonFields& node)
{
    TimeHistogram histogram;
    int perDecade = 0;
    int first = 0;
    std::vector<double> counts;
    node.read("per_decade", perDecade);
    node.read("first", first);
    counts = node.numbers("counts");
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
void readWaits(const JsonFields& node, LockReport& lock)
{
    if (node.has("waits")) {
        node.read("waits", lock.waits.emplace());
        node.read("waits_in_vain", lock.waitsInVain);
        lock.waitMillis = readQuantiles(node.object("wait_ms"));
        lock.holdTimes = readHistogram(node.object("hold_histogram"));
        lock.waitTimes = readHistogram(node.object("wait_histogram"));
    }
    if (node.has("false_alarms")) {
        node.read("false_alarms", lock.falseAlarms.emplace());
    }
}

LockReport readLock(const JsonFields& node)
{
    LockReport lock;
    node.read("id", lock.id);
    node.read("name", lock.name);
    node.read("kind", lock.kind);
    node.read("pid", lock.pid);
    node.read("holds", lock.holds);
    lock.hold = node.seconds("hold_s");
    lock.wait = node.seconds("wait_s");
    lock.longestWait = node.seconds("longest_wait_s");
    node.read("drop_requests", lock.dropRequests);
    const JsonFields handoffs = node.object("handoffs");
    handoffs.read("timeout", lock.handoffsTimeout);
    handoffs.read("voluntary", lock.handoffsVoluntary);
    handoffs.read("exit", lock.handoffsExit);
    lock.holdMillis = readQuantiles(node.object("hold_ms"));
    if (node.has("timeout_hold_ms")) { // the first reports had none
        lock.timeoutHoldMillis = readQuantiles(node.object("timeout_hold_ms"));
    }
    node.read("max_concurrent_holders", lock.maxConcurrentHolders);
    node.read("held_share", lock.heldShare);
    readWaits(node, lock);
    return lock;
}

CounterResult readCounter(const JsonFields& node)
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

CoreReport readCore(const JsonFields& node)
{
    CoreReport core;
    node.read("cpu", core.cpu);
    core.own = node.seconds("own_s");
    core.others = node.seconds("others_s");
    core.stolen = node.seconds("steal_s");
    core.idle = node.seconds("idle_s");
    core.sampled = node.seconds("sampled_s");
    return core;
}

VariantReport readVariant(const JsonFields& node)
{
    VariantReport variant;
    node.read("id", variant.id);
    node.read("name", variant.name);
    readWord(node, "engine", variant.engine);
    const JsonFields exit = node.object("exit");
    readWord(exit, "kind", variant.exit.kind);
    exit.read("code", variant.exit.code);
    exit.read("text", variant.exit.text);
    readWord(node, "source", variant.source);
    variant.wall = node.seconds("wall_s");
    variant.cpu = node.seconds("cpu_s");
    node.read("parallelism", variant.parallelism);
    variant.stolen = node.seconds("steal_s");
    node.read("steal_share", variant.stolenShare);
    variant.foreignCpu = node.seconds("foreign_cpu_s");
    node.read("foreign_share", variant.foreignShare);
    readSwitches(node, variant);
    node.list("cores", variant.cores, readCore);
    node.list("threads", variant.threads, readThread);
    node.list("locks", variant.locks, readLock);
    node.list("counters", variant.counters, readCounter);
    node.read("deadlocked_threads", variant.deadlockedThreads);
    node.read("events", variant.events);
    node.read("lost_events", variant.lostEvents);
    variant.recordingCost = node.seconds("recording_cost_s");
    variant.findings = node.texts("findings");
    if (node.has("latency_ms")) {
        variant.latencyMillis = readQuantiles(node.object("latency_ms"));
    }
    if (node.has("locking")) {
        const JsonFields locking = node.object("locking");
        LockingReport& sum = variant.locking.emplace();
        locking.read("holds", sum.holds);
        locking.read("waits", sum.waits);
        locking.read("waits_in_vain", sum.waitsInVain);
        sum.wait = locking.seconds("wait_s");
    }
    if (node.has("counter_tracks")) {
        node.list("counter_tracks", variant.counterTracks, readCounterTrack);
    }
    if (node.has("marks")) {
        node.list("marks", variant.marks, readMark);
    }
    if (node.has("processes")) { // neither in those of older versions
        node.list("processes", variant.processes, readProcess);
    }
    if (node.has("memory")) {
        variant.memory = readMemory(node.object("memory"));
    }
    if (node.has("start_s")) { // not in the reports of older versions
        variant.starting = node.seconds("start_s");
        variant.ending = node.seconds("exit_s");
    }
    if (node.has("host_s")) {
        variant.uncharged = node.seconds("host_s");
    }
    if (node.has("foreign_programs")) {
        node.list("foreign_programs", variant.foreignPrograms, [](const JsonFields& program) {
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
        node.list("unobserved", variant.unobserved, readUnobserved);
    }
    if (node.has("extra")) {
        variant.extra = node.at("extra");
    }
    return variant;
}

SeriesPoint readPoint(const JsonFields& node)
{
    SeriesPoint point;
    node.read("step", point.step);
    node.read("repetition", point.repetition);
    point.kept = node.has("kept") && node.at("kept") == true;
    point.report = readVariant(node.object("report"));
    return point;
}

SeriesReport readSeries(const JsonFields& node)
{
    SeriesReport series;
    node.read("knob", series.knob);
    node.read("label", series.label);
    series.values = node.texts("values");
    series.numbers = node.numbers("numbers");
    node.read("planned", series.planned);
    node.read("kept_step", series.keptStep);
    if (node.has("kept_run")) { // the first reports had only medians
        readWord(node, "kept_run", series.keptRun);
    }
    node.list("points", series.points, readPoint);
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

HoldComparison readHoldComparison(const JsonFields& node)
{
    HoldComparison comparison;
    node.read("first", comparison.first);
    node.read("second", comparison.second);
    comparison.firstMillis = readQuantiles(node.object("first_hold_ms"));
    comparison.secondMillis = readQuantiles(node.object("second_hold_ms"));
    node.read("ratio", comparison.ratio);
    node.read("ks_distance", comparison.distance);
    return comparison;
}

Verdict readVerdict(const JsonFields& node)
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
        readWord(node, "silence", verdict.silence);
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
    const JsonFields node(document);
    const std::string schema = node.text("schema");
    if (node.trouble().empty() && schema != "timeslice.report/1") {
        return fail(
            "the report's format is '" + shown(schema) + "'; this version of Timeslice reads 'timeslice.report/1'",
            ErrorKind::Usage);
    }
    RunReport report;
    node.read("scenario", report.scenario);
    const JsonFields machine = node.object("machine");
    machine.read("cores", report.machine.cores);
    machine.read("kernel", report.machine.kernel);
    machine.read("cpu", report.machine.cpu);
    const JsonFields interpreters = machine.object("interpreters");
    for (const auto& [name, version] : machine.at("interpreters").items()) {
        interpreters.read(name.c_str(), report.machine.interpreters[name]);
    }
    readWord(node, "source", report.source);
    report.stopped = node.has("stopped") && node.at("stopped") == true;
    node.list("variants", report.variants, readVariant);
    if (node.has("series")) {
        report.series = readSeries(node.object("series"));
    }
    if (node.has("hold_comparison")) {
        report.holdComparison = readHoldComparison(node.object("hold_comparison"));
    }
    if (node.has("verdict")) {
        report.verdict = readVerdict(node.object("verdict"));
    }
    if (!node.trouble().empty()) {
        return fail("report: " + node.trouble(), ErrorKind::Usage);
    }
    return report;
}

} // namespace timeslice
