#include "app/cli/find_scenario.h"

#include "app/cli/exit_status.h"
#include "core/session/check_scenario.h"
#include "ui/course/own_folders.h"
#include "ui/course/settings.h"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace timeslice {

void addScenariosOption(CLI::App& command, std::string& folder)
{
    command.add_option("--scenarios", folder, "A folder with scenarios of your own, besides those that are shipped")
        ->type_name("DIR");
}

Result<void> checkScenarioFolder(const std::string& folder)
{
    std::error_code error;
    const std::filesystem::directory_iterator entries(folder, error);
    if (error) {
        return fail("--scenarios " + folder + ": " + error.message(), ErrorKind::Usage);
    }
    return {};
}

Result<Catalogue> allScenarios(const std::string& folder)
{
    if (!folder.empty()) {
        if (Result<void> checked = checkScenarioFolder(folder); !checked) {
            return tl::unexpected(checked.error());
        }
    }
    Result<Catalogue> catalogue = findResources().and_then(
        [](const std::filesystem::path& resources) { return readCatalogue(resources / "scenarios"); });
    if (catalogue) {
        for (const std::filesystem::path& own : ownScenarioFolders(WindowSettings(), folder)) {
            addOwnScenarios(*catalogue, own, scenarioCheck(nullptr));
        }
    }
    return catalogue;
}

Result<Scenario> findScenarioOrFile(const std::string& idOrPath, const std::string& folder)
{
    const std::string ending = ".json";
    const bool isFile = idOrPath.find('/') != std::string::npos
        || (idOrPath.size() > ending.size()
            && idOrPath.compare(idOrPath.size() - ending.size(), ending.size(), ending) == 0);
    if (isFile) {
        return readScenario(idOrPath);
    }
    Result<Catalogue> catalogue = allScenarios(folder);
    if (!catalogue) {
        return tl::unexpected(catalogue.error());
    }
    Result<Scenario> scenario = findScenario(*catalogue, idOrPath);
    if (!scenario) { // it may be one of those that cannot be read
        for (const DamagedScenario& damaged : catalogue->damaged) {
            warn(damaged.error().message);
        }
    } else if (!scenario->replaces.empty()) {
        warn("'" + scenario->id + "' is " + scenario->sourcePath + ", in place of " + scenario->replaces);
    }
    return scenario;
}

} // namespace timeslice
