// Catalogue: every scenario that is installed.
#pragma once

#include "core/scenario/scenario.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct Catalogue {
    std::vector<Scenario> scenarios; ///< by chapter, then order
    std::vector<Error> damaged; ///< one for each file that could not be read; the rest is still offered
};

/// Reads every *.json in `directory`. Errors: the directory cannot be read.
Result<Catalogue> readCatalogue(const std::filesystem::path& directory);

/// Where the program's resources are: $TIMESLICE_RESOURCES, or ../share/timeslice beside the executable's folder.
Result<std::filesystem::path> findResources();

/// Errors (Usage): no such scenario; the message names the nearest ids.
Result<Scenario> findScenario(const Catalogue& catalogue, const std::string& id);

/// The scenario that opens first.
inline constexpr const char* kDefaultScenario = "gil-two-threads";

} // namespace timeslice
