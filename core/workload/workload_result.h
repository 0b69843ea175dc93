// WorkloadResult: what a worker reports of its run, and its form as JSON.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/workload/birth.h"
#include "core/workload/dispatch_outcome.h"
#include "core/workload/store_buffer.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

struct CounterOutcome {
    std::string name;
    std::int64_t expected = 0; ///< initial value plus every increment that was carried out
    std::int64_t actual = 0;
};

struct TaskOutcome {
    Tid tid = 0;
    Pid pid = 0;
    std::string name;
    Nanos cpuTime = 0; ///< CLOCK_THREAD_CPUTIME_ID at the task's end minus that at its start
    std::uint64_t iterations = 0; ///< of the compute kernel
};

/// How often which result came out of a store-buffer test.
struct LitmusOutcome {
    std::string name;
    StoreBufferTest::Counts counts{};
};

/// How often which value came out of a stepped workload: of each order that there is, one.
struct ScheduleOutcomes {
    std::map<std::int64_t, std::uint64_t> counts; ///< by the variable's value at the end
    std::int64_t right = 0; ///< if no update is lost
};

/// A process that did not live until the end of its task.
struct ProcessDeath {
    std::string name;
    Pid pid = 0;
    std::string how; ///< "killed by signal 11 (Segmentation fault)"
    bool intended = false; ///< the workload says "crash" there
};

/// ProcessDeath::how, of a status as from wait(2).
std::string describeDeath(int status);

struct WorkloadResult {
    enum class End : unsigned char {
        Done, ///< every task ended
        Stopped, ///< SIGTERM came first
        Failed, ///< `errors` says why
    };
    End end = End::Done;
    ErrorKind errorKind = ErrorKind::Failed; ///< of the first error
    std::vector<std::string> errors;
    std::vector<CounterOutcome> counters;
    std::vector<TaskOutcome> tasks;
    std::vector<ProcessDeath> deaths;
    std::vector<LitmusOutcome> litmusTests;
    std::optional<DispatchOutcome> dispatch;
    std::optional<ScheduleOutcomes> schedules;
    std::optional<BirthTimes> births; ///< of all tasks; none if no step measures one
    Nanos wall = 0; ///< from WorkBegin until the last task ended
    Nanos cpu = 0; ///< of all tasks together
    double iterationsPerUs = 0;
    std::vector<std::string> fileDirectories; ///< where temporary files were
    /// Threads that could not be made to end still use the run's memory: the process is to leave by _exit().
    bool abandonedThreads = false;
};

/// {"counters": [{"name", "expected", "actual"}], "threads": [{"tid", "pid", "name", "cpu_ns"}], "wall_ns", "cpu_ns",
/// "extra": {...}, "findings": [...], "errors": [...]}
nlohmann::json toJson(const WorkloadResult& result);

} // namespace timeslice
