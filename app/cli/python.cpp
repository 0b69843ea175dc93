#include "app/cli/python.h"

#include "app/cli/exit_status.h"
#include "app/cli/follow_run.h"
#include "app/cli/outputs.h"
#include "app/cli/program_status.h"
#include "app/cli/summary.h"
#include "core/python/interpreter.h"
#include "core/record/context_switches.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace timeslice {

namespace {

struct PythonArguments {
    std::string interpreter;
    OutputOptions outputs;
    bool inferred = false;
    bool quiet = false;
};

/// The interpreter that was named, or the one that `python3` is for the user, or the best that there is.
Result<Interpreter> interpreterFor(const std::string& named)
{
    if (!named.empty()) {
        return askInterpreter(named);
    }
    if (Result<Interpreter> usual = askInterpreter("python3")) {
        return usual;
    }
    const std::vector<Interpreter> found = findInterpreters();
    if (std::optional<Interpreter> best = chooseInterpreter(found, "cpython")) {
        return *best;
    }
    return fail(whyNoInterpreter(found, "cpython") + "; name another with --interpreter PATH", ErrorKind::Unsupported);
}

/// Python ends with 2 when it cannot open the script, which is this program's word for a wrong command line. It is the
/// script that failed: 1, as for a module that is not there or a syntax error.
int scriptStatus(const Exit& exit, const std::string& script)
{
    const int status = programStatus(exit);
    const bool cannotBeOpened = !script.starts_with('-') && ::access(script.c_str(), R_OK) != 0;
    return exit.kind == Exit::Kind::Exited && status == 2 && cannotBeOpened ? kFailed : status;
}

int runPython(const PythonArguments& arguments, const std::vector<std::string>& script)
{
    if (script.empty()) {
        return complain({"no script to run; usage: timeslice python [outputs] [--interpreter PATH] SCRIPT [ARGS...]\n"
                         "(or -m NAME, -c CODE or - in the place of SCRIPT)",
            ErrorKind::Usage});
    }
    if (const Result<void> checked = checkOutputs(arguments.outputs); !checked) {
        return complain(checked.error());
    }
    const Result<Interpreter> interpreter = interpreterFor(arguments.interpreter);
    if (!interpreter) {
        return complain(interpreter.error());
    }
    if (const std::string old = ageNote(*interpreter); !old.empty() && !arguments.quiet) {
        warn(old);
    }
    const HeldSignals signals;
    PythonCommand command;
    command.interpreter = *interpreter;
    command.arguments = script;
    command.limits = Limits{0, 64, 0, 0};
    RunOptions options;
    options.forceInferred = arguments.inferred;
    Result<std::unique_ptr<ScenarioRun>> started = ScenarioRun::start(std::move(command), options);
    if (!started) {
        return complain(started.error());
    }
    const std::string title = titleOf(script);
    RunModel model(title);
    followRun(**started, model, signals, true, [](const VariantModel&) {});
    started->reset();

    if (model.error()) {
        complain(*model.error());
    }
    const VariantModel& variant = model.variants().front();
    if (variant.phase != VariantModel::Phase::Ended) { // not even tried
        return kCannotRunHere;
    }
    if (variant.facts.exit.kind == Exit::Kind::FailedToStart) {
        return programStatus(variant.facts.exit);
    }
    if (!arguments.quiet) {
        // Standard output is the script's.
        const RunReport report = model.report();
        std::fprintf(stderr, "\n%s\n", variant.facts.interpreter.c_str());
        printVariant(stderr, variant.report, textWidth(title));
        printGil(stderr, variant.report, variant.facts.gilNote);
        printQuality(stderr, report);
        if (report.source == Source::Inferred && !arguments.inferred) {
            if (const Result<void> allowed = probeContextSwitches(); !allowed) {
                warn("inferred because " + allowed.error().message);
            }
        }
    }
    const int written = writeOutputs(arguments.outputs, model, true);
    const int status = scriptStatus(variant.facts.exit, script.front());
    return status != 0 ? status : written;
}

} // namespace

std::vector<std::string> takeScript(const CLI::App& app, std::vector<std::string>& words)
{
    if (words.empty() || words.front() != "python") {
        return {};
    }
    const CLI::App* command = app.get_subcommand("python");
    std::size_t i = 1;
    bool dashes = false;
    for (; i < words.size(); ++i) {
        const std::string& word = words[i];
        dashes = word == "--";
        const bool begins =
            !word.starts_with('-') || word == "-" || dashes || word.starts_with("-m") || word.starts_with("-c");
        if (begins) {
            break;
        }
        const CLI::Option* option = command->get_option_no_throw(word);
        if (option != nullptr && option->get_items_expected_min() > 0) {
            ++i; // its value
        }
    }
    if (i >= words.size()) {
        return {};
    }
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
    std::vector<std::string> script(begin + (dashes ? 1 : 0), words.end());
    words.erase(begin, words.end());
    return script;
}

void addPythonCommand(CLI::App& app, const std::vector<std::string>& script, std::function<void(int)> done)
{
    auto arguments = std::make_shared<PythonArguments>();
    CLI::App* command = app.add_subcommand("python", "Run any Python script: who held the GIL, and who waited for it");
    command
        ->add_option("--interpreter", arguments->interpreter,
            "The Python to run it with (default: the python3 of $PATH; timeslice doctor lists them)")
        ->type_name("PATH");
    command->add_flag(
        "--inferred", arguments->inferred, "Sample /proc instead of taking the kernel's context-switch records");
    command->add_flag("-q,--quiet", arguments->quiet, "Print nothing but errors");
    addOutputOptions(*command, arguments->outputs);
    command->footer("timeslice python [OPTIONS] SCRIPT [ARGS...]; or -m NAME, -c CODE or - in the place of SCRIPT.\n"
                    "Everything from there on is the script's; what stands behind -- is the interpreter's, its own\n"
                    "options too: timeslice python -- -X dev SCRIPT. Input, output, working directory and signals are\n"
                    "as without Timeslice, and so is the exit status: the script's own, 128 + signal when it was\n"
                    "killed; 1 when the script cannot be opened. Processes that the script leaves running in the\n"
                    "background have a second to end.");
    command->callback([arguments, &script, done] { done(runPython(*arguments, script)); });
}

} // namespace timeslice
