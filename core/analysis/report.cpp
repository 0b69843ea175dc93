#include "core/analysis/report.h"

#include "core/analysis/charged_time.h"
#include "core/analysis/foreign_programs.h"
#include "core/analysis/lock_report.h"
#include "core/analysis/process_report.h"
#include "core/analysis/quantiles.h"
#include "core/analysis/wait_for_graph.h"
#include "core/base/duration_text.h"
#include "core/trace/core_others.h"
#include "core/trace/false_alarms.h"
#include "core/trace/labels.h"

#include <algorithm>

namespace timeslice {

namespace {

Nanos timeIn(const Shares& shares, SliceState state)
{
    return shares[static_cast<std::size_t>(state)];
}

void reportUnrecordedThreads(const LossCounts& lost, std::vector<std::string>& findings)
{
    const auto say = [&findings](std::uint64_t threads, const char* why) {
        if (threads > 0) {
            const std::string who = threads == 1 ? "1 thread has" : std::to_string(threads) + " threads have";
            findings.push_back(who + " no locks and marks in the recording: " + why + ".");
        }
    };
    say(lost.threadsWithoutMemory, "the process was refused the memory to write them to (as by ulimit -v)");
    say(lost.threadsWithoutRing, "more threads began at once than can be given a place to write them to");
}

void reportMissingWakeups(const Timeline& timeline, TimeRange range, std::vector<std::string>& findings)
{
    if (timeline.lost.wakeups > 0) {
        findings.push_back(std::to_string(timeline.lost.wakeups)
            + " records of wake-ups were lost, of this run or of other programs: a thread that was ready to run may be "
              "drawn as blocked until it ran.");
    }
    const bool whole = !timeline.finished || timeline.lost.overBudget > 0;
    if (!whole && timeline.wakeupsUntil && *timeline.wakeupsUntil < range.end) {
        findings.push_back("After "
            + toDurationText(
                std::max<Nanos>(*timeline.wakeupsUntil - range.begin, 0) / kMillisecond * kMillisecond, " ")
            + " no more wake-ups were recorded, as other programs made too many: from then on a thread that was ready "
              "to run may be drawn as blocked until it ran.");
    }
}

ThreadReport reportThread(const ThreadInfo& thread, const std::string& label, TimeRange range)
{
    ThreadReport report;
    report.tid = thread.tid;
    report.pid = thread.pid;
    report.name = thread.name.empty() ? std::string() : label;
    report.auxiliary = thread.auxiliary;
    const Track& track = thread.track;
    const Shares shares = track.shares(range);
    report.running = timeIn(shares, SliceState::Running);
    report.runnable = timeIn(shares, SliceState::Runnable);
    report.blocked = timeIn(shares, SliceState::Blocked);
    report.lockWait = timeIn(shares, SliceState::WaitingForLock);
    report.offCore = timeIn(shares, SliceState::OffCore);

    std::optional<std::uint32_t> lastCore;
    bool wasRunning = false;
    for (std::size_t i = track.firstEndingAfter(range.begin); i < track.size(); ++i) {
        const Slice slice = track.slice(i);
        if (slice.begin >= range.end) {
            break;
        }
        const SliceState state = slice.value.state();
        if (state == SliceState::Running) {
            if (lastCore && *lastCore != slice.value.subject()) {
                ++report.migrations;
            }
            lastCore = slice.value.subject();
        } else if (wasRunning && state == SliceState::Runnable && slice.value.cause() != Cause::Blocked
            && slice.value.cause() != Cause::Woken) {
            ++report.preempted; // one that is held at a gate, or woken at once, has blocked for the kernel
        } else if (wasRunning && state != SliceState::Running && state != SliceState::Absent) {
            ++report.voluntary;
        }
        wasRunning = state == SliceState::Running;
    }
    return report;
}

/// Time of a core's track that somebody of this run spent there.
Nanos ownTime(const Track& track, TimeRange range)
{
    const Shares shares = track.shares(range);
    Nanos own = 0;
    for (std::size_t category = 1; category < shares.size(); ++category) { // 0 = nobody
        own += shares[category];
    }
    return own;
}

CoreReport reportCore(const CoreInfo& core, TimeRange range)
{
    CoreReport report;
    report.cpu = core.cpu;
    report.own = ownTime(core.track, range);
    double busy = 0;
    double stolen = 0;
    double idle = 0;
    Nanos own = 0; // while it was sampled
    for (const UsageSample& sample : core.usage) {
        const TimeRange part{std::max(sample.begin, range.begin), std::min(sample.end, range.end)};
        if (part.empty()) {
            continue;
        }
        const auto length = static_cast<double>(part.length());
        busy += static_cast<double>(sample.busy) * length;
        stolen += static_cast<double>(sample.stolen) * length;
        idle += static_cast<double>(sample.idle) * length;
        report.sampled += part.length();
        own += ownTime(core.track, part);
    }
    // Ticks are coarse: a core can seem less busy than this run alone kept it.
    report.others = static_cast<Nanos>(std::max(0.0, busy - static_cast<double>(own)));
    report.stolen = static_cast<Nanos>(stolen);
    report.idle = static_cast<Nanos>(idle);
    return report;
}

/// What the host and other processes took of the run's cores, as far as /proc/stat was sampled.
void reportOthers(const Timeline& timeline, TimeRange range, VariantReport& report)
{
    Nanos foreign = 0;
    double stolen = 0;
    double sampled = 0;
    for (const CoreInfo& core : timeline.cores) {
        report.cores.push_back(reportCore(core, range));
        const CoreReport& last = report.cores.back();
        foreign += last.others;
        stolen += static_cast<double>(last.stolen);
        sampled += static_cast<double>(last.sampled);
    }
    if (sampled > 0) {
        report.foreignCpu = foreign;
        report.foreignShare = static_cast<double>(foreign) / sampled;
        report.stolenShare = stolen / sampled;
    } else if (!range.empty() && !timeline.cores.empty()) {
        report.stolenShare = static_cast<double>(report.stolen)
            / (static_cast<double>(range.length()) * static_cast<double>(timeline.cores.size()));
    }
}

} // namespace

VariantReport analyzeVariant(
    const Timeline& timeline, const RunFacts& facts, const std::string& id, const std::string& name, Engine engine)
{
    const TimeRange range = timeline.workRange();
    VariantReport report;
    report.id = id;
    report.name = name;
    report.engine = engine;
    report.exit = facts.exit;
    report.wall = facts.wall;
    report.cpu = facts.cpu;
    report.stolen = facts.stolen;
    report.counters = facts.counters;
    report.extra = facts.extra;
    report.counterTracks = reportCounterTracks(timeline);
    report.marks = reportMarks(timeline);
    report.latencyMillis = facts.latencyMillis;
    report.findings = facts.findings;
    report.recordingCost = facts.recordingCost;
    report.events = timeline.events;
    report.lostEvents = timeline.lost.total();
    report.notRecorded = timeline.lost.overBudget;
    report.source = timeline.source;
    report.wakeups = timeline.wakeupsUntil.has_value();
    report.interpreter = facts.interpreter;
    report.gilNote = facts.gilNote.empty() ? timeline.gilNote : facts.gilNote;

    report.unobserved = timeline.unobserved;

    const RowLabels labels(timeline);
    Nanos running = 0;
    for (std::size_t i = 0; i < timeline.threads.size(); ++i) {
        report.threads.push_back(reportThread(timeline.threads[i], labels.threads[i], range));
        report.threads.back().falseAlarms = falseAlarmsWithin(timeline, i, range);
        const ThreadReport& last = report.threads.back();
        if (!last.auxiliary) { // it belongs to the measuring, not to the work
            running += last.running;
            report.voluntary += last.voluntary;
            report.preempted += last.preempted;
            report.migrations += last.migrations;
        }
    }
    report.processes = reportProcesses(timeline, labels);
    report.memory = peakMemory(timeline);
    // While the run is live, and of a workload that was killed, the kernel's accounts are not known.
    if (report.wall <= 0) {
        report.wall = range.length();
    }
    if (report.cpu <= 0) {
        report.cpu = running;
    } else {
        const ChargedTime charged = chargedBeyondRunning(timeline, range, report.cpu, facts.cpuOfWholeLife);
        report.starting = charged.starting;
        report.ending = charged.ending;
        report.uncharged = charged.uncharged;
    }
    report.parallelism = report.wall > 0 ? static_cast<double>(report.cpu) / static_cast<double>(report.wall) : 0;

    reportOthers(timeline, range, report);
    if (facts.disturbance) { // known without what is this program's own
        report.foreignShare = facts.disturbance->others;
        report.stolenShare = facts.disturbance->stolen;
        report.foreignPrograms = measuresOthers(timeline) ? measuredPrograms(timeline) : facts.disturbance->programs;
    }
    report.locks = reportLocks(timeline, range);
    report.locking = reportLocking(report.locks);
    for (const LockReport& lock : report.locks) {
        if (lock.maxConcurrentHolders > 1) {
            report.findings.push_back(std::to_string(lock.maxConcurrentHolders) + " threads held "
                + (lock.name.empty() ? "lock " + std::to_string(lock.id) : lock.name) + " at the same time"
                + (timeline.lost.total() > 0 ? ", or so it seems: events were lost." : "."));
        }
    }
    reportUnrecordedThreads(timeline.lost, report.findings);
    reportMissingWakeups(timeline, range, report.findings);
    if (!timeline.latencies.empty()) {
        std::vector<double> delays;
        delays.reserve(timeline.latencies.size());
        for (const LatencySample& sample : timeline.latencies) {
            delays.push_back(toMillis(sample.delay));
        }
        report.latencyMillis = quantilesOf(std::move(delays));
    }
    if (const auto cycle = findDeadlock(timeline)) {
        report.deadlockedThreads = static_cast<std::uint32_t>(cycle->edges.size());
    }
    return report;
}

} // namespace timeslice
