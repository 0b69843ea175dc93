#include "app/cli/find_scenario.h"

#include "app/cli/exit_status.h"

#include <algorithm>

namespace timeslice {

Result<Catalogue> installedScenarios()
{
    return findResources().and_then(
        [](const std::filesystem::path& resources) { return readCatalogue(resources / "scenarios"); });
}

Result<Scenario> findScenarioOrFile(const std::string& idOrPath)
{
    const std::string ending = ".json";
    const bool isFile = idOrPath.find('/') != std::string::npos
        || (idOrPath.size() > ending.size()
            && idOrPath.compare(idOrPath.size() - ending.size(), ending.size(), ending) == 0);
    if (isFile) {
        return readScenario(idOrPath);
    }
    Result<Catalogue> catalogue = installedScenarios();
    if (!catalogue) {
        return tl::unexpected(catalogue.error());
    }
    Result<Scenario> scenario = findScenario(*catalogue, idOrPath);
    if (!scenario) { // it may be one of those that cannot be read
        for (const Error& damaged : catalogue->damaged) {
            warn(damaged.message);
        }
    }
    return scenario;
}

} // namespace timeslice
