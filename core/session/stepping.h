// Stepping: the threads of a stepped workload, really there and held at their gates, and who may take a step is said
// here.
//
//   go({0, 1}), runAll() ─▶ thread of its own ─▶ SteppedThreads ─▶ worker process: a real thread behind each gate,
//   poll(), updateFd()   ◀─ what they did, as they told it ◀─┘     or a script's threads, each before a bytecode
//
// Going back is going there anew: the threads begin again and take the same steps. While they wait at their gates they
// use no core, and no limit of time runs. Whatever becomes of the worker, nobody here waits for it for ever: that it
// was killed, or one of its threads, is an update like any other. Nothing of it stays behind (core/session/guard.h).
#pragma once

#include "core/base/result.h"
#include "core/dispatch/step_program.h"
#include "core/dispatch/step_seat.h"
#include "core/scenario/scenario.h"
#include "core/session/stepped_threads.h"
#include "core/workload/workload_spec.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace timeslice {

/// A step that a thread took.
struct StepTaken {
    std::uint8_t thread = 0;
    StepKind kind = StepKind::Load;
    StepAnswer after; ///< what the thread said then
};

/// The threads are there now: all that they did from their beginning.
struct SteppingAt {
    std::vector<StepTaken> history;
};

/// What a script calls the steps, each thread's from the first on. Comes before the first SteppingAt.
struct SteppingTexts {
    std::vector<StepText> steps;
};

/// Of runAll().
struct SteppingOutcomes {
    std::size_t run = 0; ///< orders so far
    std::size_t planned = 0;
    /// By the variable's value at the end: the orders that really ended so. Only once all are run.
    std::map<std::int64_t, std::vector<Schedule>> ends;
    bool complete() const noexcept { return run == planned; }
};

/// Nothing follows.
struct SteppingEnded {
    std::string why; ///< a sentence
};

using SteppingUpdate = std::variant<SteppingTexts, SteppingAt, SteppingOutcomes, SteppingEnded>;

/// What `workload` steps. Errors (Usage): nothing, or it is no workload.
Result<SteppedSpec> steppedOf(const nlohmann::json& workload, const Limits& limits);
/// The same of a variant: its workload, or what is said of its script's threads.
Result<SteppedSpec> steppedOf(const VariantSpec& variant, const Limits& limits);

class Stepping {
public:
    /// Returns at once; what goes wrong on the way is an update. Errors: of steppedOf(), or no descriptors or thread
    /// are left for it.
    static Result<std::unique_ptr<Stepping>> start(const nlohmann::json& workload, const Limits& limits);
    /// The same for a variant, which may be a script; `options` say by which interpreter.
    static Result<std::unique_ptr<Stepping>> start(
        const VariantSpec& variant, const Limits& limits, const RunOptions& options);
    /// Returns when nothing of it is left, or after some seconds: what the system does not let us end by then is left
    /// to its guard.
    ~Stepping();
    Stepping(const Stepping&) = delete;
    Stepping& operator=(const Stepping&) = delete;

    // All of these for one thread, any.

    const SteppedSpec& spec() const noexcept;
    /// To where the threads are after exactly these steps; SteppingAt follows. Of several that wait, the last counts.
    /// Errors (Usage): a thread is to step that is at its end, or that waits for the lock.
    Result<void> go(Schedule schedule);
    /// Runs every order, then goes back to where the threads were. SteppingOutcomes follow, until it is complete or
    /// another go() ends it.
    void runAll();
    /// What came since the last call.
    std::vector<SteppingUpdate> poll();
    /// A descriptor that is readable when poll() has something.
    int updateFd() const noexcept;

private:
    struct Impl;
    explicit Stepping(std::shared_ptr<Impl> impl);
    static Result<std::unique_ptr<Stepping>> begin(SteppedSpec spec, std::unique_ptr<SteppedThreads> threads);
    std::shared_ptr<Impl> m_impl;
};

} // namespace timeslice
