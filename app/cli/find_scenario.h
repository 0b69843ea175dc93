// Scenarios as the command line names them.
#pragma once

#include "core/scenario/catalogue.h"

namespace timeslice {

/// The installed scenarios. Errors: the resources are not there.
Result<Catalogue> installedScenarios();

/// By id, or by the path of a scenario's file (something with a '/' or that ends in ".json"). Errors (Usage).
Result<Scenario> findScenarioOrFile(const std::string& idOrPath);

} // namespace timeslice
