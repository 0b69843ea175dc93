#include "app/cli/run.h"

#include "app/cli/exit_status.h"
#include "app/cli/find_scenario.h"
#include "app/cli/follow_run.h"
#include "app/cli/outputs.h"
#include "app/cli/setting.h"
#include "app/cli/summary.h"
#include "core/analysis/metric.h"
#include "core/base/did_you_mean.h"
#include "core/python/interpreter.h"
#include "core/record/context_switches.h"
#include "core/workload/workload_spec.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace timeslice {

namespace {

struct RunArguments {
    std::string scenario;
    std::string folder; ///< of --scenarios
    std::vector<std::string> settings;
    std::vector<std::string> variants;
    std::string interpreter;
    OutputOptions outputs;
    bool inferred = false;
    bool memory = false;
    bool once = false;
    bool quiet = false;
};

/// Leaves only the variants that were asked for.
Result<void> chooseVariants(Scenario& scenario, const std::vector<std::string>& wanted)
{
    std::vector<std::string> ids;
    for (const VariantSpec& variant : scenario.variants) {
        ids.push_back(variant.id);
    }
    for (const std::string& id : wanted) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            return fail("scenario " + scenario.id + " has no variant '" + id + "'" + didYouMean(id, ids) + "; it has "
                    + joinNames(ids),
                ErrorKind::Usage);
        }
    }
    if (!wanted.empty()) {
        std::erase_if(scenario.variants, [&](const VariantSpec& variant) {
            return std::find(wanted.begin(), wanted.end(), variant.id) == wanted.end();
        });
    }
    return {};
}

Result<Scenario> prepare(const RunArguments& arguments)
{
    Result<Scenario> scenario = findScenarioOrFile(arguments.scenario, arguments.folder);
    if (!scenario) {
        return scenario;
    }
    for (const std::string& setting : arguments.settings) {
        if (Result<void> set = applySetting(*scenario, setting); !set) {
            return tl::unexpected(set.error());
        }
    }
    scenario = resolve(*scenario, static_cast<int>(allowedCpus().size()));
    if (scenario) {
        if (Result<void> chosen = chooseVariants(*scenario, arguments.variants); !chosen) {
            return tl::unexpected(chosen.error());
        }
    }
    return scenario;
}

/// The interpreter that was asked for, checked before the run, so that it is not ignored in silence.
Result<std::filesystem::path> namedInterpreter(const std::string& named, const Scenario& scenario)
{
    if (named.empty()) {
        return std::filesystem::path();
    }
    const Result<Interpreter> interpreter = askInterpreter(named);
    if (!interpreter) {
        return tl::unexpected(interpreter.error());
    }
    const bool fits = std::any_of(scenario.variants.begin(), scenario.variants.end(), [&](const VariantSpec& variant) {
        return isPython(variant.engine) && chooseInterpreter({*interpreter}, variant.python.interpreter).has_value();
    });
    if (!fits) {
        return fail(
            "--interpreter " + named + ": scenario " + scenario.id + " has no variant for " + describe(*interpreter),
            ErrorKind::Usage);
    }
    return interpreter->path;
}

/// A deadlock or a crash is no failure where it is the lesson, and what is not installed has not failed.
bool endedAsItShould(const Scenario& scenario, const VariantModel& variant, std::size_t index)
{
    if (variant.phase != VariantModel::Phase::Ended) {
        return false;
    }
    const Exit& exit = variant.facts.exit;
    return exit.kind == Exit::Kind::NotRun || endedAsExpected(exit, scenario.variants[index].expects);
}

/// Of a series a line for each run; else what there is to say of the variant.
void printRun(
    std::FILE* out, const Scenario& scenario, const VariantModel& variant, const RunPlace& place, std::size_t width)
{
    if (place.attempt > 1) {
        std::fprintf(out, "  disturbed, once more: %d of %d\n", place.attempt, RunOptions::kMostAttempts);
    }
    if (scenario.series) {
        const SeriesSpec& series = *scenario.series;
        const std::string value = series.knob.empty() ? "" : series.knob + "=" + series.values[place.step] + " ";
        std::fprintf(out, "  %s#%d", value.c_str(), place.repetition + 1);
        printVariant(out, variant.report, width);
        return;
    }
    printVariant(out, variant.report, width);
    printGil(out, variant.report, variant.facts.gilNote);
}

/// "stopped by SIGINT (Ctrl-C) after 5 of 24 runs; what is said is of these".
std::string stoppedText(int signal, const RunModel& model)
{
    const std::optional<SeriesReport>& series = model.report().series;
    const auto made = series ? wholeRuns(*series)
                             : static_cast<std::size_t>(std::count_if(
                                 model.variants().begin(), model.variants().end(), [](const VariantModel& variant) {
                                     return variant.phase == VariantModel::Phase::Ended && isWhole(variant.facts.exit);
                                 }));
    const char* name = sigabbrev_np(signal);
    const std::string by = "stopped by SIG" + std::string(name != nullptr ? name : std::to_string(signal))
        + (signal == SIGINT ? " (Ctrl-C)" : "");
    if (made == 0) {
        return by + " before any run had ended";
    }
    return by + " after " + std::to_string(made) + " of "
        + (series ? counted(series->planned, "run") : counted(model.variants().size(), "variant"))
        + "; what is said is of " + (made == 1 ? "it" : "these");
}

int run(const RunArguments& arguments)
{
    Result<Scenario> scenario = prepare(arguments);
    if (!scenario) {
        return complain(scenario.error());
    }
    if (const Result<void> checked = checkOutputs(arguments.outputs); !checked) {
        return complain(checked.error());
    }
    Result<std::filesystem::path> interpreter = namedInterpreter(arguments.interpreter, *scenario);
    if (!interpreter) {
        return complain(interpreter.error());
    }
    HeldSignals held(HeldSignals::For::Run);
    RunOptions options;
    options.forceInferred = arguments.inferred;
    options.memory = arguments.memory;
    options.interpreter = std::move(*interpreter);
    options.repeatDisturbed = !arguments.once;
    Result<std::unique_ptr<ScenarioRun>> started = ScenarioRun::start(*scenario, options);
    if (!started) {
        return complain(started.error());
    }
    outlastReader(arguments.outputs);
    std::FILE* out = arguments.outputs.toStandardOutput() ? stderr : stdout;
    std::size_t width = 0;
    for (const VariantSpec& variant : scenario->variants) {
        width = std::max(width, textWidth(oneLine(variant.title)));
    }
    if (!arguments.quiet) {
        std::fprintf(out, "%s (%s)\n%s\n", scenario->title.c_str(), scenario->id.c_str(), scenario->question.c_str());
        std::fflush(out);
    }
    RunModel model(*scenario);
    LiveSave live(arguments.outputs.path(OutputFormat::Recording), model);
    if (!arguments.quiet) {
        model.whenRunEnds([&](const VariantModel& variant, const RunPlace& place) {
            printRun(out, *scenario, variant, place, width);
        });
    }
    const std::optional<int> stoppedBy = followRun(**started, model, held, live);
    started->reset();

    int status = kDone;
    for (std::size_t i = 0; i < model.variants().size(); ++i) {
        if (!endedAsItShould(*scenario, model.variants()[i], i)) {
            status = kFailed;
        }
    }
    if (std::all_of(model.variants().begin(), model.variants().end(),
            [](const VariantModel& variant) { return variant.facts.exit.kind == Exit::Kind::NotRun; })) {
        status = kCannotRunHere;
    }
    if (model.error()) {
        status = complain(*model.error());
    }
    const RunReport& report = model.report();
    if (stoppedBy) {
        status = kSignalled + *stoppedBy;
        warn(stoppedText(*stoppedBy, model));
    }
    if (!arguments.quiet) {
        printVerdict(out, report.verdict);
        printQuality(out, report);
        if (report.source == Source::Inferred && !arguments.inferred) {
            if (const Result<void> allowed = probeContextSwitches(); !allowed) {
                std::fprintf(out, "Inferred because %s\n", allowed.error().message.c_str());
            }
        }
    }
    const int written = writeOutputs(arguments.outputs, model, arguments.quiet, &live);
    return status != kDone ? status : written;
}

} // namespace

int runFileOnce(const std::string& file)
{
    RunArguments arguments;
    // What has no '/' in it, and does not end as such files do, would be an id.
    arguments.scenario = std::filesystem::absolute(file).string();
    arguments.once = true;
    return run(arguments);
}

void addRunCommand(CLI::App& app, std::function<void(int)> done)
{
    auto arguments = std::make_shared<RunArguments>();
    CLI::App* command = app.add_subcommand("run", "Run a scenario and say what was measured");
    command->add_option("ID", arguments->scenario, "A scenario of `timeslice list`, or a scenario's .json file")
        ->required()
        ->type_name("");
    addScenariosOption(*command, arguments->folder);
    command
        ->add_option("--set", arguments->settings,
            "Set a knob of the scenario; may be repeated. A table of jobs may stand in a file: KNOB=@FILE")
        ->type_name("KNOB=VALUE")
        ->take_all()
        ->expected(1)
        ->allow_extra_args(false);
    command->add_option("--variant", arguments->variants, "Run only this variant; may be repeated")
        ->type_name("NAME")
        ->take_all()
        ->expected(1)
        ->allow_extra_args(false);
    command
        ->add_option("--interpreter", arguments->interpreter,
            "The Python for the variants that it fits (default: the python3 of $PATH, or the newest)")
        ->type_name("PATH");
    command->add_flag("--memory", arguments->memory, "Record how much memory each process has, every 20 ms");
    command->add_flag("--inferred", arguments->inferred,
        "Do without the kernel's context-switch records even where they are allowed");
    command->add_flag(
        "--once", arguments->once, "Do not make a run again that other programs or the host of this machine disturbed");
    command->add_flag("-q,--quiet", arguments->quiet, "Print nothing but errors");
    addOutputOptions(*command, arguments->outputs);
    command->callback([arguments, done] { done(run(*arguments)); });
}

} // namespace timeslice
