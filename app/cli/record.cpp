#include "app/cli/record.h"

#include "app/cli/exit_status.h"
#include "app/cli/program_run.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace timeslice {

namespace {

struct RecordArguments : ProgramOptions {
    bool noGil = false;
};

int record(const RecordArguments& options, const std::vector<std::string>& command)
{
    if (command.empty()) {
        return complain(
            {"no command to record; usage: timeslice record [outputs] -- COMMAND [ARGS...]", ErrorKind::Usage});
    }
    if (const Result<void> checked = checkOutputs(options.outputs); !checked) {
        return complain(checked.error());
    }
    return runProgram(CommandSpec{command, {}, !options.noGil}, command, options);
}

} // namespace

void addRecordCommand(CLI::App& app, std::vector<std::string> afterDashes, std::function<void(int)> done)
{
    auto options = std::make_shared<RecordArguments>();
    CLI::App* command =
        app.add_subcommand("record", "Record any program: its core and thread tracks, and Python's GIL");
    command->add_flag("--no-gil", options->noGil,
        "Do not look for the GIL of a Python that the command is or starts: preload nothing");
    addProgramOptions(*command, *options);
    command->footer(
        "The exit status is the command's own, 128 + signal when it was killed; 127 when it is not found.\n"
        "Signals that are sent to timeslice reach the command. What it leaves running in the background has a\n"
        "second to end, then it is ended.");
    command->prefix_command();
    command->callback([options, command, afterDashes = std::move(afterDashes), done] {
        // Without "--", everything from the first word that is no option of ours.
        std::vector<std::string> words = command->remaining();
        if (!words.empty() && words.front().starts_with('-') && !afterDashes.empty()) {
            throw CLI::ExtrasError("record", {words.front()});
        }
        words.insert(words.end(), afterDashes.begin(), afterDashes.end());
        done(record(*options, words));
    });
}

} // namespace timeslice
