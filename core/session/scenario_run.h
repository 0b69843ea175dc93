// ScenarioRun: runs the variants of a scenario (or one command), one after another, each in processes of its own.
//
// A thread of its own spawns, watches and ends the workload; the consumer polls for updates. Whatever the workload
// does (deadlock, crash, runaway), the run ends within its limits, what was recorded is delivered, and no process is
// left behind: each variant is a session of its own under a subreaper-like guard and is killed as a whole.
#pragma once

#include "core/analysis/report.h"
#include "core/base/result.h"
#include "core/python/interpreter.h"
#include "core/scenario/scenario.h"
#include "core/trace/batch.h"
#include "core/trace/timeline_builder.h"

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace timeslice {

struct RunOptions {
    bool forceInferred = false; ///< do not use kernel context-switch records even where they are allowed
    bool record = true; ///< false: run the workload alone, for the observer-effect benchmark
    std::vector<std::string> variants; ///< ids to run; empty = all
    std::filesystem::path interpreter; ///< for "cpython" variants that it fits; empty = the best found
    std::vector<std::filesystem::path> addedInterpreters; ///< to look at besides those found
};

/// A command for `timeslice record`.
struct CommandSpec {
    std::vector<std::string> argv;
    Limits limits; ///< time and memory 0 = unlimited
    bool gil = true; ///< record the GILs of the Pythons that it is or starts
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

struct VariantStarted {
    std::size_t variant = 0; ///< index into the resolved scenario's variants
    BuilderOptions builder; ///< with RunFacts::gilNote, as far as it is known before anything ran
    std::string interpreter = {}; ///< RunFacts::interpreter
    Engine engine = Engine::Native;
};
/// What the workload wrote to its standard output and error, in the order it came; any bytes. Only where captured: of
/// scenarios, and of PythonCommand::captureOutput. Comes before the VariantEnded of its variant, all of it; who does
/// not poll for long gets the last megabyte of what it missed.
struct VariantOutput {
    std::size_t variant = 0;
    std::string text;
};
struct VariantBatches {
    std::size_t variant = 0;
    std::vector<Batch> batches;
};
/// Without a VariantStarted before it if the variant was not run for want of an interpreter (Exit::Kind::NotRun).
struct VariantEnded {
    std::size_t variant = 0;
    RunFacts facts;
    Nanos end = 0;
};
/// The run as a whole is over: no update follows.
struct RunEnded {
    std::optional<Error> error; ///< a variant could not be started; later ones were not tried
    bool stopped = false; ///< stop() was called
};
using RunUpdate = std::variant<VariantStarted, VariantBatches, VariantOutput, VariantEnded, RunEnded>;

class ScenarioRun {
public:
    /// `scenario` must be resolved. Errors: unknown variant id, worker not found.
    static Result<std::unique_ptr<ScenarioRun>> start(Scenario scenario, RunOptions options);
    static Result<std::unique_ptr<ScenarioRun>> start(CommandSpec command, RunOptions options);
    /// Errors (Usage): no script, no such folder.
    static Result<std::unique_ptr<ScenarioRun>> start(PythonCommand command, RunOptions options);
    /// Stops the run if it is not over; returns when nothing of it is left, or after some seconds: what the system does
    /// not let us end by then is left to its guard.
    ~ScenarioRun();
    ScenarioRun(const ScenarioRun&) = delete;
    ScenarioRun& operator=(const ScenarioRun&) = delete;

    /// What came since the last call. Any one thread; never blocks on the workload.
    std::vector<RunUpdate> poll();
    /// A descriptor (eventfd) that is readable when poll() has something: for poll(2) or QSocketNotifier.
    int updateFd() const;
    /// Asks the run to end, whatever it is at (also the search for interpreters and the calibration): the workload gets
    /// SIGTERM, SIGKILL after a grace of 300 ms, and RunEnded follows 2 s later at most. Returns at once.
    void stop();
    /// Sends a signal to the first process of the variant that runs, as kill(2): 0 only looks whether there is one.
    /// Any thread. False: nothing runs yet, or any more, or it cannot be sent.
    bool signalProgram(int signal);

private:
    struct Impl;
    explicit ScenarioRun(std::shared_ptr<Impl> impl);
    static Result<std::unique_ptr<ScenarioRun>> begin(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> m_impl;
};

} // namespace timeslice
