// Follows a run to its end without a window.
#pragma once

#include "app/cli/held_signals.h"
#include "app/cli/live_save.h"
#include "core/model/run_model.h"
#include "core/session/scenario_run.h"

#include <optional>

namespace timeslice {

/// Feeds `model` until the run is over. A signal that is held for the run stops it. One that is held for the program
/// reaches the program, and what comes of it is the program's choice: as without us; only where there is none yet, or
/// none any more, it stops the run. `live` is written meanwhile. Returns the signal that stopped the run; nothing: none
/// did.
std::optional<int> followRun(ScenarioRun& run, RunModel& model, HeldSignals& held, LiveSave& live);

} // namespace timeslice
