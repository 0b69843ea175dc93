#include "ui/course/own_folders.h"

#include "core/scenario/catalogue.h"
#include "ui/course/settings.h"

#include <algorithm>

namespace timeslice {

std::vector<std::filesystem::path> ownScenarioFolders(
    const WindowSettings& settings, const std::filesystem::path& named)
{
    std::vector<std::filesystem::path> folders;
    for (const std::filesystem::path& folder : {ownScenarioFolder(), settings.scenarioFolder(), named}) {
        std::error_code ignored;
        const std::filesystem::path whole = std::filesystem::weakly_canonical(folder, ignored);
        if (!folder.empty()) {
            std::erase(folders, whole);
            folders.push_back(whole);
        }
    }
    return folders;
}

} // namespace timeslice
