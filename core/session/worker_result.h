// What the worker says of its own run, and how an end reads for a person.
#pragma once

#include "core/analysis/report.h"
#include "core/base/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

/// The worker's JSON (timeslice-worker --result-fd), checked.
struct WorkerResult {
    std::vector<CounterResult> counters;
    std::map<Tid, Nanos> threadCpu;
    std::optional<Nanos> wall; ///< of the work proper
    std::optional<Nanos> cpu;
    nlohmann::json extra;
    std::vector<double> latencyMillis; ///< delays that a script measured and did not record as events
    std::vector<std::string> findings; ///< sentences
    std::vector<std::string> errors;
    std::vector<std::string> unused; ///< sentences: what it said and cannot be used
};

/// Reads the file from its start; nothing in it is trusted to be there, or of its type. An empty file (the worker did
/// not come that far) gives an empty result.
WorkerResult readWorkerResult(int fd);

/// The same of what a scenario's script appended, a line at a time (core/python/result_lines.h). Of lines, and of
/// values in them, that cannot be used, WorkerResult::unused says which and why; all others count.
WorkerResult readScriptResult(int fd);

/// The file's text from its start, as much as a result may have; `unused` gets a sentence if there is more.
std::string readResultFile(int fd, std::vector<std::string>& unused);
/// Appends what a JSON object says under "counters"; nothing in it is trusted.
void takeCounters(const nlohmann::json& object, WorkerResult& result);

/// "killed by signal 11 (segmentation fault)"; status as from wait(2). `output`: what the program wrote, of which the
/// last line explains a failure.
Exit exitFromStatus(int status, const std::string& output);

/// The last line that is not blank; "" if there is none.
std::string lastLine(const std::string& output);

} // namespace timeslice
