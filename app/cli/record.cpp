#include "app/cli/record.h"

#include "app/cli/exit_status.h"
#include "app/cli/follow_run.h"
#include "app/cli/outputs.h"
#include "app/cli/program_status.h"
#include "app/cli/summary.h"
#include "core/record/context_switches.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

struct RecordArguments {
    OutputOptions outputs;
    bool inferred = false;
    bool quiet = false;
};

int record(const RecordArguments& arguments, const std::vector<std::string>& command)
{
    if (command.empty()) {
        return complain(
            {"no command to record; usage: timeslice record [outputs] -- COMMAND [ARGS...]", ErrorKind::Usage});
    }
    if (const Result<void> checked = checkOutputs(arguments.outputs); !checked) {
        return complain(checked.error());
    }
    const HeldSignals signals;
    CommandSpec spec;
    spec.argv = command;
    spec.limits = Limits{0, 64, 0, 0};
    RunOptions options;
    options.forceInferred = arguments.inferred;
    Result<std::unique_ptr<ScenarioRun>> started = ScenarioRun::start(std::move(spec), options);
    if (!started) {
        return complain(started.error());
    }
    const std::string title = titleOf(command);
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
    const RunReport report = model.report();
    if (!arguments.quiet) {
        // Standard output is the command's.
        printVariant(stderr, variant.report, textWidth(title));
        printQuality(stderr, report);
        if (report.source == Source::Inferred && !arguments.inferred) {
            if (const Result<void> allowed = probeContextSwitches(); !allowed) {
                warn("inferred because " + allowed.error().message);
            }
        }
    }
    const int written = writeOutputs(arguments.outputs, model, true);
    const int status = programStatus(variant.facts.exit);
    return status != 0 ? status : written;
}

} // namespace

void addRecordCommand(CLI::App& app, std::vector<std::string> afterDashes, std::function<void(int)> done)
{
    auto arguments = std::make_shared<RecordArguments>();
    CLI::App* command = app.add_subcommand("record", "Record any program: its core and thread tracks");
    command->add_flag(
        "--inferred", arguments->inferred, "Sample /proc instead of taking the kernel's context-switch records");
    command->add_flag("-q,--quiet", arguments->quiet, "Print nothing but errors");
    addOutputOptions(*command, arguments->outputs);
    command->footer("The exit status is the command's own, 128 + signal when it was killed; 127 when it is not found.\n"
                    "What the command leaves running in the background is ended with it.");
    command->prefix_command();
    command->callback([arguments, command, afterDashes = std::move(afterDashes), done] {
        // Without "--", everything from the first word that is no option of ours.
        std::vector<std::string> words = command->remaining();
        words.insert(words.end(), afterDashes.begin(), afterDashes.end());
        done(record(*arguments, words));
    });
}

} // namespace timeslice
