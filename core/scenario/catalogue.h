// Catalogue: every scenario that there is: those that are shipped, and the viewer's own.
#pragma once

#include "core/scenario/scenario.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct Catalogue {
    std::vector<Scenario> scenarios; ///< by chapter, then order
    std::vector<DamagedScenario> damaged; ///< files that cannot be used; the rest is still offered
};

/// Reads every *.json in `directory`, where the scenarios are that are shipped: their expressions
/// are trusted. Errors: the directory cannot be read.
Result<Catalogue> readCatalogue(const std::filesystem::path& directory);
/// Adds the viewer's own of `directory`. One whose id is there already takes that one's place, and says so
/// (Scenario::replaces). A directory that is not there has none; one that cannot be read is among the damaged files.
/// `check`: as readScenarioFile() takes it.
void addOwnScenarios(Catalogue& catalogue, const std::filesystem::path& directory, const ScenarioCheck& check = {});

/// $XDG_DATA_HOME/timeslice/scenarios, where the viewer's own scenarios are if nothing else is said; by the XDG Base
/// Directory Specification ~/.local/share where the variable is not set or no absolute path. Empty: there is no home.
std::filesystem::path ownScenarioFolder();

/// Where the program's resources are: $TIMESLICE_RESOURCES, or ../share/timeslice beside the executable's folder.
Result<std::filesystem::path> findResources();

/// Errors (Usage): there is none of this id; the message names the nearest, or is all that is wrong with the file that
/// would be it.
Result<Scenario> findScenario(const Catalogue& catalogue, const std::string& id);

/// The scenario that opens first.
inline constexpr const char* kDefaultScenario = "gil-two-threads";

} // namespace timeslice
