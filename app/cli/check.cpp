#include "app/cli/check.h"

#include "app/cli/exit_status.h"
#include "app/cli/find_scenario.h"
#include "app/cli/run.h"
#include "app/cli/runnable_here.h"
#include "app/cli/summary.h"
#include "core/base/did_you_mean.h"
#include "core/scenario/lesson_links.h"
#include "core/session/check_scenario.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace timeslice {

namespace {

/// With the file as it was named, so that an editor or a shell finds it from here.
void printMistakes(const std::string& file, const DamagedScenario& damaged)
{
    for (const ScenarioMistake& mistake : damaged.mistakes) {
        if (mistake.line == 0) {
            std::printf("%s: %s\n", file.c_str(), mistake.what.c_str());
        } else {
            std::printf("%s:%zu:%zu: %s\n", file.c_str(), mistake.line, mistake.column, mistake.what.c_str());
        }
    }
}

/// "", or with which Pythons its scripts could not be tried.
std::string notTried(const Scenario& scenario)
{
    std::vector<std::string> missing;
    for (const VariantSpec& variant : scenario.variants) {
        const std::string& need = variant.python.interpreter;
        if (isPython(variant.engine) && !chooseInterpreter(interpretersHere(), need)
            && std::find(missing.begin(), missing.end(), need) == missing.end()) {
            missing.push_back(need);
        }
    }
    return missing.empty() ? "" : "; not tried with " + joinNames(missing) + ", not installed here";
}

void printRight(const std::string& file, const Scenario& scenario)
{
    std::printf("%s: nothing wrong was found: %s, %s%s\n", file.c_str(),
        counted(scenario.variants.size(), "variant").c_str(), counted(scenario.knobs.size(), "knob").c_str(),
        notTried(scenario).c_str());
}

/// The lessons that a file may point to: all that there are, those beside it, and those that are checked with it.
class Neighbours {
public:
    explicit Neighbours(const std::vector<std::string>& files)
    {
        if (const Result<Catalogue> all = allScenarios("")) {
            addAll(*all);
        }
        for (const std::string& file : files) {
            std::error_code error;
            const std::filesystem::path folder = std::filesystem::absolute(file, error).parent_path();
            if (m_folders.insert(folder).second) {
                Catalogue beside;
                addOwnScenarios(beside, folder);
                addAll(beside);
            }
        }
    }
    const std::vector<std::string>& ids() const noexcept { return m_ids; }

private:
    void addAll(const Catalogue& catalogue)
    {
        for (const Scenario& scenario : catalogue.scenarios) {
            m_ids.push_back(scenario.id);
        }
        for (const DamagedScenario& damaged : catalogue.damaged) { // it is there, whatever is wrong with it
            m_ids.push_back(damaged.id.empty() ? damaged.file.stem().string() : damaged.id);
        }
    }

    std::vector<std::string> m_ids;
    std::set<std::filesystem::path> m_folders;
};

struct CheckArguments {
    std::vector<std::string> files;
    bool run = false;
};

int check(const CheckArguments& arguments)
{
    const ScenarioCheck alone = scenarioCheck(std::make_shared<ScriptCompiler>(interpretersHere));
    const Neighbours neighbours(arguments.files);
    int status = kDone;
    for (const std::string& file : arguments.files) {
        const ScenarioCheck everything = [&](const Scenario& scenario, int cores) {
            std::vector<JsonComplaint> complaints = misnamed(scenario, file);
            for (auto& more : {brokenLinks(scenario, neighbours.ids()), alone(scenario, cores)}) {
                complaints.insert(complaints.end(), more.begin(), more.end());
            }
            return complaints;
        };
        const auto scenario = readScenarioFile(file, Expressions::Checked, everything);
        if (!scenario) {
            printMistakes(file, scenario.error());
            status = kUsage;
            continue;
        }
        printRight(file, *scenario);
        if (arguments.run) {
            std::fflush(stdout);
            const int ended = runFileOnce(file);
            status = status == kDone ? ended : status;
        }
    }
    return status;
}

} // namespace

void addCheckCommand(CLI::App& app, std::function<void(int)> done)
{
    auto arguments = std::make_shared<CheckArguments>();
    CLI::App* command = app.add_subcommand("check", "Say all that is wrong with a scenario's file");
    command->add_option("FILE", arguments->files, "A scenario's .json file; there may be several")
        ->required()
        ->type_name("");
    command->add_flag("--run", arguments->run, "Run each in which nothing is wrong, once");
    command->callback([arguments, done] { done(check(*arguments)); });
}

} // namespace timeslice
