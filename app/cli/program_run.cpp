#include "app/cli/program_run.h"

#include "app/cli/exit_status.h"
#include "app/cli/follow_run.h"
#include "app/cli/summary.h"
#include "core/record/context_switches.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

namespace timeslice {

namespace {

/// Programs of the user's have no time or memory limit of ours.
constexpr Limits kNoLimits{0, 64, 0, 0};

/// The command in one line.
std::string titleOf(const std::vector<std::string>& command)
{
    std::string title;
    for (const std::string& word : command) {
        title += (title.empty() ? "" : " ") + word;
    }
    return oneLine(title);
}

int statusOf(const Exit& exit)
{
    return exit.kind == Exit::Kind::Signalled ? 128 + exit.code : exit.code;
}

void printSummary(const RunModel& model, const ProgramOptions& options)
{
    const VariantModel& variant = model.variants().front();
    const RunReport& report = model.report();
    if (!variant.facts.interpreter.empty()) {
        std::fprintf(stderr, "\n%s\n", variant.facts.interpreter.c_str());
    }
    printVariant(stderr, variant.report, textWidth(variant.report.name));
    printGil(stderr, variant.report, variant.facts.gilNote);
    printQuality(stderr, report);
    if (report.source == Source::Inferred && !options.inferred) {
        if (const Result<void> allowed = probeContextSwitches(); !allowed) {
            warn("inferred because " + allowed.error().message);
        }
    }
}

RunOptions runOptions(const ProgramOptions& options)
{
    RunOptions run;
    run.forceInferred = options.inferred;
    run.memory = options.memory;
    return run;
}

/// From the start to the last output. Returns the exit status.
int runToEnd(Result<std::unique_ptr<ScenarioRun>> started, HeldSignals& held, const std::string& title,
    const ProgramOptions& options)
{
    if (!started) {
        return complain(started.error());
    }
    outlastReader(options.outputs);
    RunModel model(title);
    LiveSave live(options.outputs.path(OutputFormat::Recording), model);
    followRun(**started, model, held, live);
    started->reset();

    if (model.error()) {
        complain(*model.error());
    }
    const VariantModel& variant = model.variants().front();
    if (variant.phase != VariantModel::Phase::Ended) { // not even tried
        return kCannotRunHere;
    }
    const Exit& exit = variant.facts.exit;
    if (exit.kind == Exit::Kind::FailedToStart) {
        return statusOf(exit);
    }
    if (exit.kind == Exit::Kind::NotRun) {
        return complain({title + " " + exit.text, ErrorKind::Unsupported});
    }
    if (!options.quiet) {
        printSummary(model, options);
    }
    const int written = writeOutputs(options.outputs, model, true, &live);
    const bool ended = held.taker() == HeldSignals::For::Run && exit.kind == Exit::Kind::StoppedByUser;
    const int status = ended ? kDone : statusOf(exit);
    return status != 0 ? status : written;
}

} // namespace

void addProgramOptions(CLI::App& app, ProgramOptions& options)
{
    app.add_flag("--inferred", options.inferred, "Sample /proc instead of taking the kernel's context-switch records");
    app.add_flag("--memory", options.memory, "Record how much memory each process has, every 20 ms");
    app.add_flag("-q,--quiet", options.quiet, "Print nothing but errors");
    addOutputOptions(app, options.outputs);
}

int runProgram(std::variant<CommandSpec, PythonCommand> program, const std::vector<std::string>& words,
    const ProgramOptions& options)
{
    HeldSignals held(HeldSignals::For::Program);
    return runToEnd(std::visit(
                        [&options](auto& command) {
                            command.limits = kNoLimits;
                            return ScenarioRun::start(std::move(command), runOptions(options));
                        },
                        program),
        held, titleOf(words), options);
}

int runWorkloadOfUser(WorkloadCommand workload, const std::string& title, const ProgramOptions& options)
{
    HeldSignals held(HeldSignals::For::Run);
    return runToEnd(ScenarioRun::start(std::move(workload), runOptions(options)), held, oneLine(title), options);
}

} // namespace timeslice
