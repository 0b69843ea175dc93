// ScenarioRun: runs the variants of a scenario (or one command), one after another, each in processes of its own.
//
// A thread of its own spawns, watches and ends the workload; the consumer polls for updates. Whatever the workload
// does (deadlock, crash, runaway), the run ends within its limits, what was recorded is delivered, and no process is
// left behind: each variant is a session of its own under a subreaper-like guard and is killed as a whole.
#pragma once

#include "core/base/result.h"
#include "core/scenario/scenario.h"
#include "core/session/run_options.h"
#include "core/session/run_update.h"

#include <memory>
#include <vector>

namespace timeslice {

class ScenarioRun {
public:
    /// `scenario` must be resolved. Errors: unknown variant id, worker not found.
    static Result<std::unique_ptr<ScenarioRun>> start(Scenario scenario, RunOptions options);
    static Result<std::unique_ptr<ScenarioRun>> start(CommandSpec command, RunOptions options);
    static Result<std::unique_ptr<ScenarioRun>> start(WorkloadCommand workload, RunOptions options);
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
    /// Ends the deadlock in which a lesson stands (RunOptions::atDeadlock), and with it that variant; the run goes on.
    /// Nothing where none stands. Returns at once; any thread.
    void endDeadlock();
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
