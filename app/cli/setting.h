// "--set KNOB=VALUE".
#pragma once

#include "core/scenario/scenario.h"

namespace timeslice {

/// Sets a knob of the scenario. A table of jobs may stand in a file: KNOB=@FILE. Errors (Usage): it is not of that
/// form, what setKnob() refuses, a file that cannot be read, and what is wrong with the jobs.
Result<void> applySetting(Scenario& scenario, const std::string& setting);

} // namespace timeslice
