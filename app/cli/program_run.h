// What `timeslice python` and `timeslice record` have in common: what is the user's own, run and recorded.
#pragma once

#include "app/cli/outputs.h"
#include "core/session/scenario_run.h"

#include <string>
#include <variant>
#include <vector>

namespace timeslice {

struct ProgramOptions {
    OutputOptions outputs;
    bool inferred = false;
    bool memory = false;
    bool quiet = false;
};

void addProgramOptions(CLI::App& app, ProgramOptions& options);

/// Runs it to its end, passing signals on to it, says on standard error what was measured (standard output is the
/// program's) and writes the outputs, which must have been checked. `words`: what the user calls it, for the title.
/// Returns the exit status: the program's own as a shell gives it (128 + signal, 126 or 127 when it could not be run),
/// or, if that is 0, that of the outputs.
int runProgram(std::variant<CommandSpec, PythonCommand> program, const std::vector<std::string>& words,
    const ProgramOptions& options);


/// The same for a workload: a signal that asks to end stops it, and that is no failure. Where this machine does not allow
/// what it asks for, the status is kCannotRunHere.
int runWorkloadOfUser(WorkloadCommand workload, const std::string& title, const ProgramOptions& options);

} // namespace timeslice
