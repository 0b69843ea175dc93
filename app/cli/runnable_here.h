// Whether this machine can show what a scenario is about.
#pragma once

#include "core/python/interpreter.h"
#include "core/scenario/scenario.h"

#include <string>
#include <vector>

namespace timeslice {

/// Cores that a run may use.
int coresHere();

/// The interpreters of this machine, looked for at the first call (which may take a moment). One thread.
const std::vector<Interpreter>& interpretersHere();

/// "" if the variant of a (resolved) scenario can run here; else what is missing.
std::string whyNotRunnableHere(const Scenario& scenario, const VariantSpec& variant);
/// "" if the (resolved) scenario can run here and show its effect; else what is missing. Variants that the verdict does
/// not need may be missing, as long as one is left.
std::string whyNotRunnableHere(const Scenario& scenario);

} // namespace timeslice
