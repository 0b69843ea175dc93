// SteppedThreads: threads of another process, each of which takes a step when it is told to and then says what it has
// in hand: those of a worker at their gates (core/dispatch/step_page.h), or a script's before their bytecodes, told
// through a socket (resources/python/timeslice/_steps.py).
//
//   {"threads": [4711, 4712], "steps": [{"instruction": "LOAD_GLOBAL x", "line": 17, "source": "x = x + 1"}, ...]}
//        ◀─── once: who they are, as the kernel knows them (0: not known), and what each takes, all the same
//   step 0, rewind 1                                     ───▶ one at a time, a line each
//        ◀─── {"thread": 0, "register": 41, "value": 41}      when it is done
//
// Nothing that a script says is believed: what cannot be is a trouble, and a sentence.
#pragma once

#include "core/base/result.h"
#include "core/dispatch/step_seat.h"
#include "core/scenario/scenario.h"
#include "core/session/programs.h"
#include "core/session/run_options.h"
#include "core/session/worker_process.h"
#include "core/workload/workload_spec.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace timeslice {

/// What a script says of one of its threads' steps.
struct StepText {
    std::string instruction; ///< "LOAD_GLOBAL x"
    int line = 0; ///< of the script, from 1 on; 0: not known
    std::string source; ///< what stands there
    friend bool operator==(const StepText&, const StepText&) = default;
};

/// For one thread.
class SteppedThreads {
public:
    virtual ~SteppedThreads() = default;

    /// Starts their process, once; gives up when `stopFd` becomes readable. Errors: there is no interpreter for it, or
    /// the system's.
    virtual Result<WorkerProcess> start(int stopFd) = 0;
    /// The order before must have been answered.
    virtual void give(std::size_t thread, StepOrder order) = 0;
    /// Whether it has carried out its order; returns as soon as it has, after `most`, or when something is wrong.
    virtual bool waitUntilAnswered(std::size_t thread, Nanos most) = 0;
    virtual StepAnswer answer(std::size_t thread) const = 0;
    virtual Tid tid(std::size_t thread) const = 0; ///< 0: not known yet, or never
    /// What each thread's steps are; empty: no more is known than the workload says.
    virtual const std::vector<StepText>& texts() const = 0;
    /// Why they cannot be stepped any more; a sentence, or "".
    virtual const std::string& trouble() const = 0;
};

/// `workload` is what `spec` was read from, as text.
std::unique_ptr<SteppedThreads> steppedWorker(const SteppedSpec& spec, std::string workload, const Limits& limits);
/// The variant is a script whose threads are stepped as `spec` says.
std::unique_ptr<SteppedThreads> steppedScript(
    const SteppedSpec& spec, const VariantSpec& variant, const Limits& limits, const RunOptions& options);

} // namespace timeslice
