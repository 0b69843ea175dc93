// What a scenario asks of interpreters that the usual Python may not give.
#pragma once

#include "core/python/interpreter.h"
#include "core/scenario/scenario.h"

#include <QStringList>
#include <vector>

namespace timeslice {

/// Whether any variant needs another interpreter than any CPython.
bool needsInterpreters(const Scenario& scenario);
/// Sentences about the variants that will be left out where only these are here.
QStringList cannotRun(const Scenario& scenario, const std::vector<Interpreter>& interpreters);

} // namespace timeslice
