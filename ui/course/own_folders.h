// Where the viewer's own scenarios are.
#pragma once

#include <filesystem>
#include <vector>

namespace timeslice {

class WindowSettings;

/// ownScenarioFolder(), the one of the settings and the one that was named on the command line (or empty), as far as
/// there are any; each once. What is in a later one takes the place of what is in those before; copies to edit go into
/// the last.
std::vector<std::filesystem::path> ownScenarioFolders(
    const WindowSettings& settings, const std::filesystem::path& named);

} // namespace timeslice
