#include "core/scenario/catalogue.h"

#include "core/base/did_you_mean.h"

#include <algorithm>
#include <cstdlib>

namespace timeslice {

namespace {

std::size_t chapterIndex(const std::string& chapter)
{
    const auto& all = chapters();
    return static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == chapter; }) - all.begin());
}

} // namespace

Result<Catalogue> readCatalogue(const std::filesystem::path& directory)
{
    std::error_code error;
    std::vector<std::filesystem::path> files;
    std::filesystem::directory_iterator entries(directory, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        if (entries->path().extension() == ".json") {
            files.push_back(entries->path());
        }
    }
    if (error) {
        return fail("cannot read the scenarios in " + directory.string() + ": " + error.message());
    }
    std::sort(files.begin(), files.end()); // the order of a directory is the file system's

    Catalogue catalogue;
    for (const auto& file : files) {
        auto scenario = readScenario(file);
        if (!scenario) {
            catalogue.damaged.push_back(scenario.error());
            continue;
        }
        const auto twin = std::find_if(catalogue.scenarios.begin(), catalogue.scenarios.end(),
            [&](const Scenario& other) { return other.id == scenario->id; });
        if (twin != catalogue.scenarios.end()) {
            catalogue.damaged.push_back(Error{file.filename().string() + ": the id '" + scenario->id + "' is taken by "
                    + std::filesystem::path(twin->sourcePath).filename().string(),
                ErrorKind::Usage});
            continue;
        }
        catalogue.scenarios.push_back(std::move(*scenario));
    }
    std::stable_sort(catalogue.scenarios.begin(), catalogue.scenarios.end(), [](const Scenario& a, const Scenario& b) {
        return std::pair(chapterIndex(a.chapter), a.order) < std::pair(chapterIndex(b.chapter), b.order);
    });
    return catalogue;
}

Result<std::filesystem::path> findResources()
{
    const auto holdsScenarios = [](const std::filesystem::path& directory) {
        std::error_code error;
        return std::filesystem::is_directory(directory / "scenarios", error);
    };
    if (const char* set = std::getenv("TIMESLICE_RESOURCES"); set && *set) {
        if (!holdsScenarios(set)) {
            return fail(std::string("TIMESLICE_RESOURCES is ") + set
                + ", but there is no folder 'scenarios' in it; correct or unset it");
        }
        return std::filesystem::path(set);
    }
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return fail("cannot tell where this program is: /proc/self/exe: " + error.message());
    }
    const auto directory = (program.parent_path() / "../share/timeslice").lexically_normal();
    if (!holdsScenarios(directory)) {
        return fail("no scenarios in " + directory.string()
            + "; install the program as a whole, or set TIMESLICE_RESOURCES to its folder of resources");
    }
    return directory;
}

Result<Scenario> findScenario(const Catalogue& catalogue, const std::string& id)
{
    std::vector<std::string> ids;
    for (const Scenario& scenario : catalogue.scenarios) {
        if (scenario.id == id) {
            return scenario;
        }
        ids.push_back(scenario.id);
    }
    const std::vector<std::string> near = nearestNames(id, ids);
    return fail("there is no scenario '" + id + "'"
            + (near.empty() ? "; `timeslice list` shows those there are"
                            : "; did you mean " + joinNames(near, " or ") + "?"),
        ErrorKind::Usage);
}

} // namespace timeslice
