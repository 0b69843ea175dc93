#include "app/cli/find_scenario.h"

#include "app/cli/exit_status.h"
#include "core/session/check_scenario.h"
#include "ui/course/own_folders.h"
#include "ui/course/settings.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string_view>

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

bool namesFile(const std::string& idOrPath)
{
    const std::string_view ending = ".json";
    return idOrPath.find('/') != std::string::npos || (idOrPath.size() > ending.size() && idOrPath.ends_with(ending));
}

Result<Scenario> findScenarioOrFile(const std::string& idOrPath, const std::string& folder)
{
    if (namesFile(idOrPath)) {
        return readScenario(idOrPath);
    }
    Result<Catalogue> catalogue = allScenarios(folder);
    if (!catalogue) {
        return tl::unexpected(catalogue.error());
    }
    Result<Scenario> scenario = findScenario(*catalogue, idOrPath);
    if (!scenario) {
        return scenario;
    }
    if (!scenario->replaces.empty()) {
        warn("'" + scenario->id + "' is " + scenario->sourcePath + ", in place of " + scenario->replaces);
    }
    for (const DamagedScenario& damaged : catalogue->damaged) {
        if (damaged.isCalled(idOrPath)) { // it would be in this one's place
            warn("there are mistakes in " + damaged.file.string() + " (`timeslice check` tells them); '" + scenario->id
                + "' is " + scenario->sourcePath);
        }
    }
    return scenario;
}

} // namespace timeslice
