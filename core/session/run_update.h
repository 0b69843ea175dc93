// What a run tells as it goes on.
#pragma once

#include "core/analysis/report.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/trace/batch.h"
#include "core/trace/builder_options.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace timeslice {

inline constexpr Nanos kDeadlockFoundWithin = 100 * kMillisecond;

struct VariantStarted {
    std::size_t variant = 0; ///< index into the resolved scenario's variants
    BuilderOptions builder; ///< with RunFacts::gilNote, as far as it is known before anything ran
    std::string interpreter = {}; ///< RunFacts::interpreter
    Engine engine = Engine::Native;
    std::size_t step = 0; ///< of the scenario's series: which value of its knob
    int repetition = 0; ///< from 0
    int attempt = 1; ///< 2, 3: the one before was disturbed by others
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
/// Of a lesson or a workload: threads of it wait for each other in a circle. Comes within kDeadlockFoundWithin of the
/// moment at which the circle closed, as long as the window and the machine keep up.
struct VariantDeadlocked {
    std::size_t variant = 0;
    std::string cycle; ///< "Left holds A and waits for B; Right holds B and waits for A"; empty: not any more
    bool stands = false; ///< until ScenarioRun::endDeadlock()
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
using RunUpdate =
    std::variant<VariantStarted, VariantBatches, VariantOutput, VariantDeadlocked, VariantEnded, RunEnded>;

} // namespace timeslice
