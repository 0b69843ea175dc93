#include "core/scenario/catalogue.h"

#include "core/base/did_you_mean.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace timeslice {

namespace {

std::size_t chapterIndex(const std::string& chapter)
{
    const auto& all = chapters();
    return static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == chapter; }) - all.begin());
}

/// The scenarios' files in a directory, in the order of their names: that of a directory is the file system's.
std::vector<std::filesystem::path> filesIn(const std::filesystem::path& directory, std::error_code& error)
{
    std::vector<std::filesystem::path> files;
    std::filesystem::directory_iterator entries(directory, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        // What begins with a dot is an editor's: copies, locks, what it has not written to its end.
        if (entries->path().extension() == ".json" && !entries->path().filename().string().starts_with('.')) {
            files.push_back(entries->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Adds what is in the files, each id once.
void addFiles(
    Catalogue& catalogue, const std::vector<std::filesystem::path>& files, bool own, const ScenarioCheck& check)
{
    std::map<std::string, std::size_t> added; // ids and where they are
    for (const auto& file : files) {
        auto scenario = readScenarioFile(file, own ? Expressions::Checked : Expressions::Trusted, check);
        if (!scenario) {
            catalogue.damaged.push_back(std::move(scenario.error()));
            continue;
        }
        auto& all = catalogue.scenarios;
        if (const auto twin = added.find(scenario->id); twin != added.end()) {
            const std::string other = std::filesystem::path(all[twin->second].sourcePath).filename().string();
            catalogue.damaged.push_back({file, {{0, 0, "the id '" + scenario->id + "' is taken by " + other}}});
            continue;
        }
        scenario->own = own;
        const auto before =
            std::find_if(all.begin(), all.end(), [&](const Scenario& other) { return other.id == scenario->id; });
        added[scenario->id] = static_cast<std::size_t>(before - all.begin());
        if (before == all.end()) {
            all.push_back(std::move(*scenario));
        } else {
            scenario->replaces = before->sourcePath;
            *before = std::move(*scenario);
        }
    }
    std::stable_sort(catalogue.scenarios.begin(), catalogue.scenarios.end(), [](const Scenario& a, const Scenario& b) {
        return std::pair(chapterIndex(a.chapter), a.order) < std::pair(chapterIndex(b.chapter), b.order);
    });
}

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

} // namespace

Result<Catalogue> readCatalogue(const std::filesystem::path& directory)
{
    std::error_code error;
    const std::vector<std::filesystem::path> files = filesIn(directory, error);
    if (error) {
        return fail("cannot read the scenarios in " + directory.string() + ": " + error.message());
    }
    Catalogue catalogue;
    addFiles(catalogue, files, false, {});
    return catalogue;
}

void addOwnScenarios(Catalogue& catalogue, const std::filesystem::path& directory, const ScenarioCheck& check)
{
    std::error_code error;
    const std::vector<std::filesystem::path> files = filesIn(directory, error);
    if (error && error != std::errc::no_such_file_or_directory) {
        catalogue.damaged.push_back({directory, {{0, 0, error.message()}}});
    }
    addFiles(catalogue, files, true, check);
}

std::filesystem::path ownScenarioFolder()
{
    std::filesystem::path data = environment("XDG_DATA_HOME");
    if (!data.is_absolute()) {
        const std::filesystem::path home = environment("HOME");
        if (!home.is_absolute()) {
            return {};
        }
        data = home / ".local/share";
    }
    return data / "timeslice/scenarios";
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
    for (const DamagedScenario& damaged : catalogue.damaged) {
        if (damaged.isCalled(id)) {
            return fail("there are mistakes in the file of the scenario '" + id + "', " + damaged.file.string() + ":\n"
                    + damaged.error().message,
                ErrorKind::Usage);
        }
    }
    const std::vector<std::string> near = nearestNames(id, ids);
    return fail("there is no scenario '" + id + "'"
            + (near.empty() ? "; `timeslice list` shows those there are"
                            : "; did you mean " + joinNames(near, " or ") + "?"),
        ErrorKind::Usage);
}

} // namespace timeslice
