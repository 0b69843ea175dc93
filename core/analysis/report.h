// RunReport: what was measured, as numbers. `timeslice.report/1`.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/scenario/scenario.h"
#include "core/trace/timeline.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// How the workload ended.
struct Exit {
    enum class Kind : unsigned char { Exited, Signalled, StoppedByUser, TimeLimit, Deadlocked, FailedToStart };
    Kind kind = Kind::Exited;
    int code = 0; ///< exit status or signal number
    std::string text; ///< for a person: "finished", "killed by signal 11 (segmentation fault)"
    bool ok() const noexcept { return kind == Kind::Exited && code == 0; }
};

/// A shared counter as the worker itself read it at the end.
struct CounterResult {
    std::string name;
    std::int64_t expected = 0;
    std::int64_t actual = 0;
    std::int64_t lost() const noexcept { return expected - actual; }
};

/// What the session learns of a run beside its timeline.
struct RunFacts {
    Exit exit;
    Nanos wall = 0; ///< work proper: WorkBegin to WorkEnd where the workload says, else start to end
    Nanos cpu = 0; ///< CPU time of the work from the kernel's accounts, all threads
    Nanos stolen = 0;
    Nanos recordingCost = 0; ///< CPU time of the collector
    std::map<Tid, Nanos> threadCpu; ///< the kernel's account of each thread, where the worker reported it
    std::vector<CounterResult> counters;
    nlohmann::json extra; ///< further numbers the workload reported; merged into the report under "extra"
};

struct Quantiles {
    double p50 = 0;
    double p95 = 0;
    double max = 0;
    std::size_t count = 0;
};

struct ThreadReport {
    Tid tid = 0;
    Pid pid = 0;
    std::string name;
    bool auxiliary = false;
    Nanos running = 0, runnable = 0, blocked = 0, lockWait = 0;
    std::uint64_t voluntary = 0, preempted = 0, migrations = 0;
};

struct LockReport {
    ObjectId id = 0;
    std::string name;
    std::string kind; ///< "gil", "mutex", ...
    Pid pid = 0;
    std::uint64_t holds = 0;
    Nanos hold = 0; ///< total time held
    Nanos wait = 0; ///< total time that threads waited for it
    Nanos longestWait = 0;
    std::uint64_t dropRequests = 0;
    std::uint64_t handoffsTimeout = 0, handoffsVoluntary = 0, handoffsExit = 0;
    Quantiles holdMillis;
    std::uint32_t maxConcurrentHolders = 0;
    double heldShare = 0; ///< of the work range
};

struct VariantReport {
    std::string id, name;
    Engine engine = Engine::Native;
    Exit exit;
    Nanos wall = 0, cpu = 0, stolen = 0;
    double parallelism = 0; ///< cpu / wall
    std::uint64_t voluntary = 0, preempted = 0, migrations = 0;
    std::vector<ThreadReport> threads;
    std::vector<LockReport> locks;
    std::vector<CounterResult> counters;
    std::optional<Quantiles> latencyMillis;
    std::uint64_t events = 0, lostEvents = 0;
    Nanos recordingCost = 0;
    Source source = Source::Measured;
    std::vector<std::string> findings; ///< sentences: the deadlock's cycle, the first lost update
    nlohmann::json extra;
};

struct Verdict {
    std::string claim, text, metric;
    std::optional<double> measured;
    double low = 0, high = 0;
    std::optional<bool> holds; ///< nullopt = not visible here
    std::string why; ///< why not visible, or the scenario's sentence for the outcome
    std::string headline; ///< the number as formatted for large type; "–" if there is none
    std::string caption;
};

struct MachineFacts {
    int cores = 0; ///< that the run may use (affinity)
    std::string kernel; ///< "Linux 6.18.44"
    std::string cpu; ///< model name
    std::map<std::string, std::string> interpreters; ///< name to version
};
MachineFacts machineFacts();

struct RunReport {
    std::string scenario; ///< id; "" for `record`
    MachineFacts machine;
    Source source = Source::Measured;
    std::vector<VariantReport> variants;
    std::optional<Verdict> verdict;
};

/// Everything that can be computed from one variant's timeline and facts. O(slices). May be called while the run is
/// live, with the facts so far.
VariantReport analyzeVariant(
    const Timeline& timeline, const RunFacts& facts, const std::string& id, const std::string& name, Engine engine);

/// Scores a scenario against its report.
Verdict judge(const Scenario& scenario, const RunReport& report);
/// Which prediction the measured value agrees with; nullopt = none.
std::optional<std::size_t> matchingPrediction(const Scenario& scenario, double measured);

nlohmann::json toJson(const VariantReport& report);
nlohmann::json toJson(const RunReport& report); ///< "schema": "timeslice.report/1"
/// Reads a report back (from a recording). Errors (Usage): what is missing or of the wrong type.
Result<RunReport> reportFromJson(const nlohmann::json& json);

} // namespace timeslice
