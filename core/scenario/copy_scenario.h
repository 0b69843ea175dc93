// A copy of a scenario's files, for its reader to change.
#pragma once

#include "core/scenario/catalogue.h"

#include <filesystem>
#include <string>
#include <vector>

namespace timeslice {

struct ScenarioCopy {
    std::string id;
    std::filesystem::path file;
    std::vector<std::filesystem::path> scripts; ///< and the modules beside them that they import
};

/// Writes a copy of `original`'s file into `folder`, which is made if need be, and of the scripts that it runs and of
/// what these import from beside them. The text stays as its author laid it out; only id and title ("NAME-copy", "...
/// (my copy)"), names of scripts that are taken, and the place of the schema (`schema`, an absolute path; empty: as it
/// is) are others. No file that is there is written to, and no id of `taken` is given again: the names are counted on.
/// Errors: Usage where the original's file cannot be read (any more); Failed where the copy cannot be written, and then
/// nothing of it stays behind.
Result<ScenarioCopy> copyScenario(const Scenario& original, const std::filesystem::path& folder, const Catalogue& taken,
    const std::filesystem::path& schema);

} // namespace timeslice
