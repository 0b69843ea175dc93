// What can be run, and how.
#pragma once

#include "core/python/interpreter.h"
#include "core/scenario/scenario.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct RunOptions {
    static constexpr int kMostAttempts = 3;
    bool forceInferred = false; ///< do not use kernel context-switch records even where they are allowed
    bool record = true; ///< false: run the workload alone, for the observer-effect benchmark
    bool memory = false; ///< record what memory each process has, also where the scenario does not ask for it
    std::vector<std::string> variants; ///< ids to run; empty = all
    /// What becomes of a lesson that stands in a deadlock: it is ended, or (unless it is one run of
    /// a series) it stands, however long, until ScenarioRun::endDeadlock(); its time limit stands still meanwhile.
    enum class AtDeadlock : unsigned char { End, Stand };
    AtDeadlock atDeadlock = AtDeadlock::End;
    bool repeatDisturbed = true; ///< make a run that others disturbed again, up to kMostAttempts in all
    std::filesystem::path interpreter; ///< for "cpython" variants that it fits; empty = the best found
    std::vector<std::filesystem::path> addedInterpreters; ///< to look at besides those found
};

/// A command for `timeslice record`.
struct CommandSpec {
    std::vector<std::string> argv;
    Limits limits; ///< time and memory 0 = unlimited
    bool gil = true; ///< record the GILs of the Pythons that it is or starts
};

/// A workload of the user's for `timeslice record --workload`. A deadlock is shown but not acted upon.
struct WorkloadCommand {
    std::string text; ///< in the grammar that the worker is told of
    std::string grammar; ///< "rt-app"
    int realtimePriority = 0; ///< the highest that it asks for (realtime_permission.h); 0: none
    Limits limits; ///< time and memory 0 = unlimited
};

/// A script of the user's, its GIL traced: `timeslice python`, "Open script...". It runs as a shell would run it:
/// standard input is ours unless another is given, and a deadlock is shown but not acted upon. What cannot be had for
/// the recording (the probe, memory for events) is said in RunFacts::gilNote and left out; it is no error.
struct PythonCommand {
    Interpreter interpreter;
    std::vector<std::string> arguments; ///< SCRIPT [ARGS...] or -m NAME [ARGS...]
    std::filesystem::path directory; ///< to run in; empty = ours
    bool captureOutput = false; ///< what it prints comes as VariantOutput, line by line as on a terminal, instead of
                                ///< going where ours goes
    Limits limits; ///< 0 = unlimited
    int input = -1; ///< becomes its standard input; stays the caller's, to be kept open until the run is over. -1: ours
};

} // namespace timeslice
