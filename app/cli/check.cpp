#include "app/cli/check.h"

#include "app/cli/exit_status.h"
#include "app/cli/run.h"
#include "app/cli/runnable_here.h"
#include "app/cli/summary.h"
#include "core/base/did_you_mean.h"
#include "core/scenario/scenario.h"
#include "core/session/check_scenario.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
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

struct CheckArguments {
    std::vector<std::string> files;
    bool run = false;
};

int check(const CheckArguments& arguments)
{
    const ScenarioCheck everything = scenarioCheck(std::make_shared<ScriptCompiler>(interpretersHere));
    int status = kDone;
    for (const std::string& file : arguments.files) {
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
