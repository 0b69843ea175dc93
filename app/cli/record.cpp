#include "app/cli/record.h"

#include "app/cli/exit_status.h"
#include "app/cli/program_run.h"
#include "core/base/clean_name.h"
#include "core/base/read_file.h"
#include "core/rtapp/rtapp_workload.h"
#include "core/session/realtime_permission.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace timeslice {

namespace {

/// As for a command, but for this: threads that wait for nobody at a real-time priority can hold up the whole machine.
constexpr Limits kWorkloadLimits{0, kMostRtappThreads, 0, 10 * kSecond};

struct RecordArguments : ProgramOptions {
    std::string workload; ///< a file in rt-app's grammar
    bool noGil = false;
};

Result<RtappWorkload> readWorkloadFile(const std::string& file, std::string& text)
{
    constexpr std::size_t kLargest = std::size_t{16} << 20;
    const bool standardInput = file == "-";
    const std::string name = standardInput ? "standard input" : cleanName(file);
    std::error_code error;
    if (!standardInput
        && (std::filesystem::is_character_file(file, error) || std::filesystem::is_block_file(file, error))) {
        return fail("cannot read the workload " + name + ": it is a device", ErrorKind::Usage); // which may have no end
    }
    if (!readFile(standardInput ? "/dev/stdin" : file.c_str(), text)) {
        return failErrno("cannot read the workload " + name, errno, ErrorKind::Usage);
    }
    if (text.size() > kLargest) {
        return fail(name + " is longer than 16 MiB", ErrorKind::Usage);
    }
    return readRtappWorkload(text, name, {kMostRtappThreads, allowedCpus()});
}

int recordWorkload(const RecordArguments& options)
{
    if (const Result<void> checked = checkOutputs(options.outputs); !checked) {
        return complain(checked.error());
    }
    std::string text;
    const Result<RtappWorkload> workload = readWorkloadFile(options.workload, text);
    if (!workload) {
        return complain(workload.error());
    }
    if (!options.quiet) {
        for (const std::string& note : workload->notes) {
            warn(note);
        }
        if (workload->endless) {
            warn("it has no duration and a task that goes on without end: Ctrl-C ends it");
        }
    }
    const std::string title = std::filesystem::path(options.workload).filename().string();
    return runWorkloadOfUser(
        {std::move(text), "rt-app", realtimePriority(workload->spec), kWorkloadLimits}, title, options);
}

int record(const RecordArguments& options, const std::vector<std::string>& command)
{
    if (!options.workload.empty()) {
        return command.empty() ? recordWorkload(options)
                               : complain({"--workload takes the place of a command; here are both", ErrorKind::Usage});
    }
    if (command.empty()) {
        return complain({"no command to record; usage: timeslice record [outputs] -- COMMAND [ARGS...], or\n"
                         "timeslice record --workload FILE.json [outputs]",
            ErrorKind::Usage});
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
    CLI::Option* workload = command
                                ->add_option("--workload", options->workload,
                                    "Instead of a command: a workload in rt-app's grammar (- is standard input)")
                                ->type_name("FILE");
    command
        ->add_flag("--no-gil", options->noGil,
            "Do not look for the GIL of a Python that the command is or starts: preload nothing")
        ->excludes(workload);
    addProgramOptions(*command, *options);
    command->footer(
        "The exit status is the command's own, 128 + signal when it was killed; 127 when it is not found.\n"
        "Signals that are sent to timeslice reach the command. What it leaves running in the background has a\n"
        "second to end, then it is ended. A workload ends by itself, after its duration, or with Ctrl-C, all of\n"
        "which is status 0; a mistake in its file is 2, and what this machine refuses it 3.");
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
