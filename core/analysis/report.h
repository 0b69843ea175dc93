// RunReport: what was measured, as numbers. `timeslice.report/1`.
#pragma once

#include "core/analysis/marks_report.h"
#include "core/analysis/time_histogram.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/scenario/scenario.h"
#include "core/trace/timeline.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// How the workload ended. NotRun: what it needs is not on this machine; `text` says what, and its package. Unknown:
/// the recording ends before it did.
struct Exit {
    enum class Kind : unsigned char {
        Exited,
        Signalled,
        StoppedByUser,
        TimeLimit,
        Deadlocked,
        FailedToStart,
        NotRun,
        Unknown
    };
    Kind kind = Kind::Exited;
    int code = 0; ///< exit status or signal number; where we ended it, as a shell says it: 128 + signal
    std::string text; ///< for a person: "finished", "killed by signal 11 (segmentation fault)"
    bool ok() const noexcept { return kind == Kind::Exited && code == 0; }
    /// By a fault of its own, not by someone who ended it.
    bool crashed() const noexcept;
};

/// Whether it is what the scenario says of the variant (VariantSpec::expects).
bool endedAsExpected(const Exit& exit, Ending expected) noexcept;

/// What the record of a counter's loads and stores tells of the updates that were lost; core/analysis/loss_account.h.
struct LossesFound {
    std::int64_t updates = 0; ///< what the record explains of what was lost; in updates, where each counts by 1
    std::int64_t unexplained = 0; ///< what it does not; the two add up to CounterResult::lost()
    std::uint64_t losses = 0; ///< stores that overwrote them
    std::uint64_t complete = 0; ///< of these losses, those that the times show step by step
};

/// A shared counter as the worker itself read it at the end.
struct CounterResult {
    std::string name;
    std::int64_t expected = 0;
    std::int64_t actual = 0;
    std::optional<LossesFound> found =
        std::nullopt; ///< where its loads and stores were recorded, and agree with `actual`
    /// The nearest that fits: both may be any numbers that a script named.
    std::int64_t lost() const noexcept
    {
        std::int64_t lost = 0;
        const bool tooLarge = __builtin_sub_overflow(expected, actual, &lost);
        return !tooLarge   ? lost
            : expected < 0 ? std::numeric_limits<std::int64_t>::min()
                           : std::numeric_limits<std::int64_t>::max();
    }
    double lostShare() const noexcept { return expected == 0 ? 0 : double(lost()) / double(expected); }
};

/// By nearest rank: p95 of n values is the ceil(0.95 n)-th smallest, so each is a value that was measured (Hyndman and
/// Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50(4), 1996: definition 1).
struct Quantiles {
    double p50 = 0;
    double p95 = 0;
    double max = 0;
    std::size_t count = 0;
};

/// Another program that ran on the run's cores.
struct ForeignProgram {
    std::string name; ///< as /proc/PID/comm; of all its processes
    double share = 0; ///< of the time of all cores that the run may use
};

/// What others took of the cores while a variant ran. This program itself, its window and collector and guard, is
/// nobody else, and neither is the display's server, which draws for it.
struct Disturbance {
    double others = 0; ///< share of the time of all cores that the run may use
    double stolen = 0; ///< the same for the host of a virtual machine
    std::vector<ForeignProgram> programs; ///< the busiest first, of those that still lived at the end
};

/// What the session learns of a run beside its timeline. What it computes has a field of its own; `extra` belongs to
/// the workload alone.
struct RunFacts {
    Exit exit;
    Nanos wall = 0; ///< work proper: WorkBegin to WorkEnd where the workload says, else start to end
    Nanos cpu = 0; ///< CPU time of the work from the kernel's accounts, all threads
    bool cpuOfWholeLife = false; ///< `cpu` is all that the run's processes used, their ends included
    Nanos stolen = 0;
    std::optional<Disturbance> disturbance; ///< where it could be found out
    Nanos recordingCost = 0; ///< CPU time of the collector
    std::map<Tid, Nanos> threadCpu; ///< the kernel's account of each thread, where the worker reported it
    std::vector<CounterResult> counters;
    nlohmann::json extra; ///< further numbers the workload reported; merged into the report under "extra"
    std::optional<Quantiles> latencyMillis; ///< of delays that it reported as numbers, where it could write no events
    std::vector<std::string> findings; ///< sentences: what of its report could not be used
    std::string interpreter; ///< of a Python run: "CPython 3.11.2, /usr/bin/python3"
    std::string gilNote; ///< of a Python run whose GIL is not on the timeline: why not
};

/// Times and counts are those within the work range. A thread's last running slice may have no end yet; it counts as
/// far as the recording has come.
struct ThreadReport {
    Tid tid = 0;
    Pid pid = 0;
    std::string name; ///< as RowLabels: tells it from the others
    bool auxiliary = false;
    Nanos running = 0, runnable = 0, blocked = 0, lockWait = 0;
    Nanos offCore = 0; ///< blocked, or waiting for a GIL that is not recorded
    std::uint64_t falseAlarms = 0; ///< woken for a GIL that another had already
    std::uint64_t voluntary = 0, preempted = 0, migrations = 0;
};

/// Of those who asked for a lock, and got it or waited in vain, the share (0..1) that waited.
constexpr double contentionOf(std::uint64_t holds, std::uint64_t waits, std::uint64_t waitsInVain) noexcept
{
    const std::uint64_t asked = holds + waitsInVain;
    return asked == 0 ? 0 : std::min(1.0, static_cast<double>(waits) / static_cast<double>(asked));
}

/// What happened to a lock within the work range.
///
/// A wait lasts from the moment when a thread first stands still for the lock until it takes it (or dies, or what is
/// recorded ends). So it includes what a waiter spends on a core in between, as a GIL's waiter does at every switch
/// interval, and the time from its wake-up until it has a core; ThreadReport::lockWait has neither.
/// Who finds the lock free, or gets it before it has stood still, has not waited. Contention is the share of those who
/// asked for the lock that waited.
/// A hand-off is a hold by another thread than the one before (core/trace/handoff.h); its reason is why the holder
/// before let go. A holder that was killed counts as one that ended.
struct LockReport {
    ObjectId id = 0;
    std::string name; ///< as RowLabels: "GIL", or "GIL of Process 2"
    std::string kind; ///< "gil", "mutex", ...
    Pid pid = 0;
    std::uint64_t holds = 0;
    Nanos hold = 0; ///< total time held, that of a hold not ended yet included
    Nanos wait = 0; ///< total time that threads waited for it
    Nanos longestWait = 0;
    std::optional<std::uint64_t> waits; ///< nullopt: a report of before they were counted
    std::uint64_t waitsInVain = 0; ///< of these: they ended without the lock, or had not ended yet
    std::uint64_t dropRequests = 0;
    std::optional<std::uint64_t> falseAlarms; ///< of a GIL: wake-ups that found it taken; nullopt as `waits`
    std::uint64_t handoffsTimeout = 0, handoffsVoluntary = 0, handoffsExit = 0;
    Quantiles holdMillis; ///< of holds that ended
    Quantiles timeoutHoldMillis; ///< of those that ended because a waiter's switch interval had run out
    Quantiles waitMillis; ///< of all waits
    TimeHistogram holdTimes, waitTimes; ///< of those that `holdMillis` and `waitMillis` are of
    std::uint32_t maxConcurrentHolders = 0;
    double heldShare = 0; ///< of the work range

    std::uint64_t handoffs() const noexcept { return handoffsTimeout + handoffsVoluntary + handoffsExit; }
    double contention() const noexcept { return contentionOf(holds, waits.value_or(0), waitsInVain); }
};

/// What all locks of a variant together came to, its GILs left out.
struct LockingReport {
    std::uint64_t holds = 0;
    std::uint64_t waits = 0;
    std::uint64_t waitsInVain = 0;
    Nanos wait = 0; ///< total time that threads waited
    double contention() const noexcept { return contentionOf(holds, waits, waitsInVain); }
};

/// How one core spent the work range. `own` is exact; the others come from /proc/stat, whose ticks are coarse, as far
/// as it was sampled (`sampled`), so they need not add up.
struct CoreReport {
    CpuId cpu = 0;
    Nanos own = 0; ///< with threads of this run
    Nanos others = 0; ///< with other processes, this program included
    Nanos stolen = 0; ///< taken away by the host of a virtual machine
    Nanos idle = 0;
    Nanos sampled = 0;
};

/// What memory there was at the most, in bytes, over the whole recording (MemorySample tells what the three are).
struct MemoryPeak {
    std::uint64_t rss = 0;
    std::uint64_t pss = 0;
    std::uint64_t own = 0; ///< private
};

struct ProcessReport {
    Pid pid = 0;
    Pid parent = 0; ///< 0 = it is none of the run's
    std::string name; ///< as RowLabels
    bool auxiliary = false; ///< it only coordinates
    std::optional<int> status; ///< as from wait(2), where somebody of the run has waited for it
    std::optional<MemoryPeak> memory;
};

struct VariantReport {
    std::string id, name;
    Engine engine = Engine::Native;
    Exit exit;
    Nanos wall = 0, cpu = 0, stolen = 0;
    /// What `cpu` holds beyond the threads' running time (core/analysis/charged_time.h): the kernel's work of putting
    /// threads onto cores, and of ending them.
    Nanos starting = 0, ending = 0;
    Nanos uncharged = 0; ///< of the running time: what the host took of it. running + starting + ending - this = `cpu`
    Nanos foreignCpu = 0; ///< the sum of CoreReport::others
    double stolenShare = 0, foreignShare = 0; ///< of the time of all cores that the run may use; as Disturbance
    std::vector<ForeignProgram> foreignPrograms; ///< as Disturbance
    double parallelism = 0; ///< cpu / wall
    std::uint32_t deadlockedThreads = 0; ///< in a cycle of waiting at the end; 0 = no deadlock
    std::uint64_t voluntary = 0, preempted = 0, migrations = 0;
    std::vector<CoreReport> cores;
    std::vector<ThreadReport> threads;
    std::vector<ProcessReport> processes;
    std::vector<LockReport> locks;
    std::optional<LockingReport> locking; ///< nullopt: it has no lock but a GIL, or is a report of before
    std::vector<CounterResult> counters;
    std::vector<CounterTrackReport> counterTracks;
    std::vector<MarkReport> marks;
    std::optional<Quantiles> latencyMillis;
    std::optional<MemoryPeak> memory; ///< of all processes together, where it was recorded
    std::string interpreter; ///< as RunFacts
    std::string gilNote;
    std::vector<UnobservedProcess> unobserved; ///< as Timeline
    /// Wake-ups were recorded: time between a wake-up and the run that follows is in `runnable`. Else it is in
    /// `blocked` but for sleeps whose end the thread had told (core/trace/due_waits.h).
    bool wakeups = false;
    std::uint64_t events = 0, lostEvents = 0;
    std::uint64_t notRecorded = 0; ///< of the lost ones: beyond the recording's budget (LossCounts::overBudget)
    Nanos recordingCost = 0;
    Source source = Source::Measured;
    int attempts = 1; ///< runs that it took: one that was disturbed is made again, and the least disturbed one counts
    /// Sentences. analyzeVariant() writes those about what must never be (two holders of a lock); whoever holds the
    /// deadlock's cycle and the lost update that is shown adds theirs.
    std::vector<std::string> findings;
    nlohmann::json extra;
};

/// Two variants' holds of the GIL against one another; of a scenario of view "holds".
struct HoldComparison {
    std::string first, second; ///< variant ids
    Quantiles firstMillis, secondMillis; ///< of holds that ended
    double ratio = 0; ///< of the medians, the first over the second; 0 if the second has none
    double distance = 0; ///< kolmogorovSmirnov() in distribution.h: 0 (the same) to 1 (no overlap)
};

/// Why a verdict says neither yes nor no.
enum class Silence : unsigned char {
    None, ///< it does
    NotRun, ///< a variant that it needs was not asked for: run it, and there is an answer
    NoAnswer, ///< a variant that it needs did not end as it should, or did not report the number
    NotVisible, ///< this machine cannot show the effect: too few cores, a missing privilege or interpreter
    Disturbed, ///< the host or other programs took too much of the cores: another try may answer
};

struct Verdict {
    std::string claim, text, metric;
    std::optional<double> measured;
    double low = 0, high = 0;
    std::optional<bool> holds; ///< nullopt: see `silence`
    Silence silence = Silence::None; ///< None where `holds` has a value
    std::string why; ///< a sentence: why there is no answer, or the scenario's own for the outcome
    std::string whyInBrief; ///< the same without the names of those who disturbed, where `why` has them; else empty
    std::string number; ///< as `headline`, where that is a comparison; else empty
    std::string headline; ///< the number as formatted for large type; "–" if there is none
    std::string caption;
};

struct MachineFacts {
    int cores = 0; ///< that the run may use (affinity)
    std::string kernel; ///< "Linux 6.18.44"
    std::string cpu; ///< model name
    std::map<std::string, std::string> interpreters; ///< name to version
};
/// Of this machine and this process's affinity.
MachineFacts machineFacts();

/// One run of a series.
struct SeriesPoint {
    std::size_t step = 0; ///< index into SeriesReport::values; 0 without a knob
    int repetition = 0; ///< from 0
    bool kept = false; ///< its timeline is the variant's, and its report stands in RunReport::variants too
    VariantReport report;
};

/// All runs of a scenario that is a series, in the order in which they were made.
struct SeriesReport {
    std::string knob, label; ///< as SeriesSpec
    std::vector<std::string> values;
    std::vector<double> numbers;
    std::size_t planned = 0; ///< points; fewer are there while it goes on, or when it was stopped
    std::size_t keptStep = 0; ///< the value whose timelines are kept
    Summary keptRun = Summary::Median; ///< of its repetitions; Median, Least or Greatest
    std::vector<SeriesPoint> points;
};

struct RunReport {
    std::string scenario; ///< id; "" for `record`
    MachineFacts machine;
    Source source = Source::Measured;
    bool stopped = false; ///< by the viewer, before all of it had run
    std::vector<VariantReport> variants;
    std::optional<SeriesReport> series;
    std::optional<HoldComparison> holdComparison;
    std::optional<Verdict> verdict;
};

/// Everything that can be computed from one variant's timeline and facts. O(slices). May be called while the run is
/// live, with the facts so far.
VariantReport analyzeVariant(
    const Timeline& timeline, const RunFacts& facts, const std::string& id, const std::string& name, Engine engine);

/// Scores a scenario, which must be resolved, against its report. Verdict::holds has no value if
/// - a variant that the metric needs was not asked for (Silence::NotRun), or did not run to its end (NoAnswer);
/// - what such a variant needs is not on this machine (Exit::Kind::NotRun), the machine has too few cores, or the
/// tracks
///   are inferred where the metric needs measured ones (NotVisible);
/// - the host or other programs took more of the cores than the scenario allows while a variant ran that the metric
///   reads (Disturbed); of a series, while the middle one of the runs that it reads did.
Verdict judge(const Scenario& scenario, const RunReport& report);
/// Which prediction the measured value agrees with; nullopt = none.
std::optional<std::size_t> matchingPrediction(const Scenario& scenario, double measured);

nlohmann::json toJson(const VariantReport& report);
nlohmann::json toJson(const RunReport& report); ///< "schema": "timeslice.report/1"
/// Reads a report back (from a recording). Errors (Usage): what is missing or of the wrong type.
Result<RunReport> reportFromJson(const nlohmann::json& json);

} // namespace timeslice
