// RunReport as JSON, "timeslice.report/1": names end in their unit (_s seconds, _ms milliseconds); memory is in bytes.
#include "core/analysis/report.h"
#include "core/analysis/report_words.h"
#include "core/trace/process_end.h"

namespace timeslice {

namespace {

using nlohmann::json;

json toJson(const Quantiles& quantiles)
{
    return {{"p50", quantiles.p50}, {"p95", quantiles.p95}, {"max", quantiles.max}, {"count", quantiles.count}};
}

json toJson(const ThreadReport& thread)
{
    json result = {{"tid", thread.tid}, {"pid", thread.pid}, {"name", thread.name},
        {"running_s", toSeconds(thread.running)}, {"runnable_s", toSeconds(thread.runnable)},
        {"blocked_s", toSeconds(thread.blocked)}, {"lock_wait_s", toSeconds(thread.lockWait)},
        {"context_switches",
            {{"voluntary", thread.voluntary}, {"preempted", thread.preempted}, {"migrations", thread.migrations}}}};
    if (thread.offCore > 0) {
        result["off_core_s"] = toSeconds(thread.offCore);
    }
    if (thread.falseAlarms > 0) {
        result["false_alarms"] = thread.falseAlarms;
    }
    if (thread.auxiliary) {
        result["auxiliary"] = true;
    }
    return result;
}

json toJson(const UnobservedProcess& process)
{
    return {{"pid", process.pid}, {"name", process.name}, {"why", process.why}, {"has_gil", process.hasGil}};
}

json toJson(const CoreReport& core)
{
    return {{"cpu", core.cpu}, {"own_s", toSeconds(core.own)}, {"others_s", toSeconds(core.others)},
        {"steal_s", toSeconds(core.stolen)}, {"idle_s", toSeconds(core.idle)}, {"sampled_s", toSeconds(core.sampled)}};
}

/// Bin i of `counts` holds the times from 10^((first + i) / per_decade) ms on.
json toJson(const TimeHistogram& histogram)
{
    return {{"per_decade", TimeHistogram::kPerDecade}, {"first", histogram.first()}, {"counts", histogram.counts()}};
}

json toJson(const LockReport& lock)
{
    json result = {{"id", lock.id}, {"name", lock.name}, {"kind", lock.kind}, {"pid", lock.pid}, {"holds", lock.holds},
        {"hold_s", toSeconds(lock.hold)}, {"wait_s", toSeconds(lock.wait)},
        {"longest_wait_s", toSeconds(lock.longestWait)}, {"drop_requests", lock.dropRequests},
        {"handoffs",
            {{"timeout", lock.handoffsTimeout}, {"voluntary", lock.handoffsVoluntary}, {"exit", lock.handoffsExit}}},
        {"hold_ms", toJson(lock.holdMillis)}, {"timeout_hold_ms", toJson(lock.timeoutHoldMillis)},
        {"max_concurrent_holders", lock.maxConcurrentHolders}, {"held_share", lock.heldShare}};
    if (lock.waits) {
        result["waits"] = *lock.waits;
        result["waits_in_vain"] = lock.waitsInVain;
        result["contention"] = lock.contention();
        result["wait_ms"] = toJson(lock.waitMillis);
        result["hold_histogram"] = toJson(lock.holdTimes);
        result["wait_histogram"] = toJson(lock.waitTimes);
    }
    if (lock.falseAlarms) {
        result["false_alarms"] = *lock.falseAlarms;
    }
    return result;
}

json toJson(const LockingReport& locking)
{
    return {{"holds", locking.holds}, {"waits", locking.waits}, {"waits_in_vain", locking.waitsInVain},
        {"wait_s", toSeconds(locking.wait)}, {"contention", locking.contention()}};
}

json toJson(const CounterResult& counter)
{
    json result = {{"name", counter.name}, {"expected", counter.expected}, {"actual", counter.actual},
        {"lost", counter.lost()}, {"lost_share", counter.lostShare()}};
    if (counter.found) { // found + unexplained = lost
        result["found"] = counter.found->updates;
        result["unexplained"] = counter.found->unexplained;
        result["losses"] = counter.found->losses;
        result["losses_step_by_step"] = counter.found->complete;
    }
    return result;
}

json toJson(const MarkReport& mark)
{
    return {{"name", mark.name}, {"count", mark.count}, {"first_s", toSeconds(mark.first)},
        {"last_s", toSeconds(mark.last)}, {"value", mark.value}};
}

json toJson(const CounterTrackReport& counter)
{
    return {{"name", counter.name}, {"pid", counter.pid}, {"accesses", counter.accesses}, {"last", counter.last}};
}

json toJson(const MemoryPeak& memory)
{
    return {{"rss", memory.rss}, {"pss", memory.pss}, {"private", memory.own}};
}

json toJson(const ProcessReport& process)
{
    json result = {{"pid", process.pid}, {"parent", process.parent}, {"name", process.name}};
    if (process.auxiliary) {
        result["auxiliary"] = true;
    }
    if (process.status) {
        result["status"] = *process.status;
        result["end"] = endText(*process.status);
    }
    if (process.memory) {
        result["memory"] = toJson(*process.memory);
    }
    return result;
}

json toJson(const SeriesPoint& point)
{
    json result = {{"step", point.step}, {"repetition", point.repetition}, {"report", toJson(point.report)}};
    if (point.kept) {
        result["kept"] = true;
    }
    return result;
}

template <class T> json listJson(const std::vector<T>& values)
{
    json result = json::array();
    for (const T& value : values) {
        result.push_back(toJson(value));
    }
    return result;
}

json toJson(const SeriesReport& series)
{
    return {{"knob", series.knob}, {"label", series.label}, {"values", series.values}, {"numbers", series.numbers},
        {"planned", series.planned}, {"kept_step", series.keptStep}, {"kept_run", report_words::word(series.keptRun)},
        {"points", listJson(series.points)}};
}

json toJson(const HoldComparison& comparison)
{
    return {{"first", comparison.first}, {"second", comparison.second},
        {"first_hold_ms", toJson(comparison.firstMillis)}, {"second_hold_ms", toJson(comparison.secondMillis)},
        {"ratio", comparison.ratio}, {"ks_distance", comparison.distance}};
}

json toJson(const Verdict& verdict)
{
    json result = {{"claim", verdict.claim}, {"text", verdict.text}, {"metric", verdict.metric},
        {"measured", verdict.measured ? json(*verdict.measured) : json()}, {"band", {verdict.low, verdict.high}},
        {"holds", verdict.holds ? json(*verdict.holds) : json()}, {"silence", report_words::word(verdict.silence)},
        {"why", verdict.why}, {"headline", verdict.headline}, {"caption", verdict.caption}};
    if (!verdict.whyInBrief.empty()) {
        result["why_in_brief"] = verdict.whyInBrief;
    }
    if (!verdict.number.empty()) {
        result["number"] = verdict.number;
    }
    return result;
}

} // namespace

json toJson(const VariantReport& report)
{
    json result = {{"id", report.id}, {"name", report.name}, {"engine", report_words::word(report.engine)},
        {"exit",
            {{"kind", report_words::word(report.exit.kind)}, {"code", report.exit.code}, {"text", report.exit.text}}},
        {"source", report_words::word(report.source)}, {"wall_s", toSeconds(report.wall)},
        {"cpu_s", toSeconds(report.cpu)}, {"start_s", toSeconds(report.starting)}, {"exit_s", toSeconds(report.ending)},
        {"host_s", toSeconds(report.uncharged)}, {"parallelism", report.parallelism},
        {"steal_s", toSeconds(report.stolen)}, {"steal_share", report.stolenShare},
        {"foreign_cpu_s", toSeconds(report.foreignCpu)}, {"foreign_share", report.foreignShare},
        {"context_switches",
            {{"voluntary", report.voluntary}, {"preempted", report.preempted}, {"migrations", report.migrations}}},
        {"cores", listJson(report.cores)}, {"threads", listJson(report.threads)}, {"locks", listJson(report.locks)},
        {"counters", listJson(report.counters)}, {"deadlocked_threads", report.deadlockedThreads},
        {"events", report.events}, {"lost_events", report.lostEvents},
        {"recording_cost_s", toSeconds(report.recordingCost)}, {"unobserved", listJson(report.unobserved)},
        {"findings", report.findings}};
    for (const ForeignProgram& program : report.foreignPrograms) {
        result["foreign_programs"].push_back({{"name", program.name}, {"share", program.share}});
    }
    if (report.attempts > 1) {
        result["attempts"] = report.attempts;
    }
    if (report.wakeups) {
        result["wakeups"] = "measured";
    }
    if (report.notRecorded > 0) {
        result["not_recorded_events"] = report.notRecorded;
    }
    if (report.latencyMillis) {
        result["latency_ms"] = toJson(*report.latencyMillis);
    }
    if (!report.counterTracks.empty()) {
        result["counter_tracks"] = listJson(report.counterTracks);
    }
    if (!report.marks.empty()) {
        result["marks"] = listJson(report.marks);
    }
    if (!report.processes.empty()) {
        result["processes"] = listJson(report.processes);
    }
    if (report.locking) {
        result["locking"] = toJson(*report.locking);
    }
    if (report.memory) {
        result["memory"] = toJson(*report.memory);
    }
    if (!report.interpreter.empty()) {
        result["interpreter"] = report.interpreter;
    }
    if (!report.gilNote.empty()) {
        result["gil_note"] = report.gilNote;
    }
    if (!report.extra.is_null()) {
        result["extra"] = report.extra;
    }
    return result;
}

json toJson(const RunReport& report)
{
    json result = {{"schema", "timeslice.report/1"}, {"scenario", report.scenario},
        {"machine",
            {{"cores", report.machine.cores}, {"kernel", report.machine.kernel}, {"cpu", report.machine.cpu},
                {"interpreters", report.machine.interpreters}}},
        {"source", report_words::word(report.source)}, {"variants", listJson(report.variants)}};
    if (report.stopped) {
        result["stopped"] = true;
    }
    if (report.series) {
        result["series"] = toJson(*report.series);
    }
    if (report.holdComparison) {
        result["hold_comparison"] = toJson(*report.holdComparison);
    }
    if (report.verdict) {
        result["verdict"] = toJson(*report.verdict);
    }
    return result;
}

} // namespace timeslice
