// Scenarios as the command line names them.
#pragma once

#include "core/scenario/catalogue.h"

namespace CLI {
class App;
}

namespace timeslice {

/// --scenarios DIR: a folder of the viewer's own, besides those that ownScenarioFolders() gives.
void addScenariosOption(CLI::App& command, std::string& folder);

/// Every scenario there is. `folder`: of --scenarios, or empty. Errors: the resources are not there, or (Usage) the
/// folder that was named is not.
Result<Catalogue> allScenarios(const std::string& folder);

/// Whether it is the path of a scenario's file: something with a '/' or that ends in ".json". Else it is an id.
bool namesFile(const std::string& idOrPath);

/// By id, or by the path of a scenario's file. Says on standard error where one takes the place of another, or would if
/// nothing were wrong with it. Errors (Usage): there is none, or all that is wrong with its file.
Result<Scenario> findScenarioOrFile(const std::string& idOrPath, const std::string& folder);

/// For --scenarios. Errors (Usage): it is no folder that can be read.
Result<void> checkScenarioFolder(const std::string& folder);

} // namespace timeslice
