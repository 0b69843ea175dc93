#include "app/cli/command_line.h"

#include "app/cli/check.h"
#include "app/cli/doctor.h"
#include "app/cli/exit_status.h"
#include "app/cli/export.h"
#include "app/cli/find_scenario.h"
#include "app/cli/info.h"
#include "app/cli/list.h"
#include "app/cli/python.h"
#include "app/cli/record.h"
#include "app/cli/run.h"
#include "app/cli/standard_output.h"
#include "core/base/did_you_mean.h"
#include "core/base/standard_descriptors.h"
#include "ui/window/application.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

bool haveDisplay()
{
    const auto set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    return set("DISPLAY") || set("WAYLAND_DISPLAY") || set("QT_QPA_PLATFORM");
}

/// Takes what stands behind "--" in `timeslice record ... -- COMMAND...` off the arguments, since CLI11 would look for
/// options of ours in it.
std::vector<std::string> takeCommand(int& argc, char** argv)
{
    std::vector<std::string> command;
    if (argc > 1 && std::string_view(argv[1]) == "record") {
        char** const end = argv + argc;
        char** const dashes =
            std::find_if(argv + 2, end, [](const char* word) { return std::string_view(word) == "--"; });
        if (dashes != end) {
            command.assign(dashes + 1, end);
            argc = static_cast<int>(dashes - argv);
        }
    }
    return command;
}

struct WindowOptions {
    std::vector<std::string> files; ///< one; more, to say something better than "not expected"
    WindowRequest request;
};

void addWindowOptions(CLI::App& app, WindowOptions& options)
{
    app.add_option("FILE", options.files, "A recording to open (FILE.timeslice)")->type_name("");
    app.add_option("--scenario", options.request.scenario,
           "The scenario to open, or a scenario's .json file, whose folder is then read as with --scenarios")
        ->type_name("ID|FILE.json");
    addScenariosOption(app, options.request.scenarios);
    app.add_option("--theme", options.request.theme, "Colours of the window")
        ->check(CLI::IsMember({"light", "dark"}))
        ->type_name("light|dark");
    app.add_flag("--inferred", options.request.forceInferred,
        "Do without the kernel's context-switch records even where they are allowed");
}

std::vector<std::string> commandNames(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands(nullptr)) {
        names.push_back(command->get_name());
    }
    return names;
}

/// A file is opened by its id, from its folder.
Result<void> nameScenario(WindowRequest& request)
{
    if (!request.scenario || !namesFile(*request.scenario)) {
        return {};
    }
    const Result<Scenario> scenario = readScenario(*request.scenario);
    if (!scenario) {
        return tl::unexpected(scenario.error());
    }
    if (request.scenarios.empty()) {
        request.scenarios = std::filesystem::absolute(*request.scenario).parent_path().string();
    }
    request.scenario = scenario->id;
    return {};
}

int openWindow(const CLI::App& app, int& argc, char** argv, WindowOptions& options)
{
    if (const Result<void> named = nameScenario(options.request); !named) {
        return complain(named.error());
    }
    if (!options.files.empty()) {
        const std::string& file = options.files.front();
        std::error_code error;
        if (!std::filesystem::exists(file, error)) {
            return complain({"there is neither a command nor a file '" + file + "'"
                    + didYouMean(file, commandNames(app)) + " (timeslice --help lists the commands)",
                ErrorKind::Usage});
        }
        if (options.files.size() > 1) {
            return complain({"the window opens one recording at a time", ErrorKind::Usage});
        }
        options.request.recording = file;
    }
    if (!haveDisplay()) {
        return complain({"there is no display to open the window on (DISPLAY and WAYLAND_DISPLAY are not set).\n"
                         "Without one, `timeslice run ID --png FILE` runs a scenario and draws it into a file;\n"
                         "`timeslice list` shows the scenarios, `timeslice --help` everything else.",
            ErrorKind::Unsupported});
    }
    if (!options.request.scenarios.empty()) {
        if (const Result<void> checked = checkScenarioFolder(options.request.scenarios); !checked) {
            return complain(checked.error());
        }
    }
    return runWindow(argc, argv, options.request);
}

int parseAndRun(int argc, char** argv)
{
    CLI::App app("Timeslice shows what threads, processes and locks really do: it runs real workloads, records them\n"
                 "and draws them. Without a command it opens its window.",
        "timeslice");
    app.set_version_flag("--version", "timeslice " TIMESLICE_VERSION);
    app.footer("Exit status: 0 done; 1 the workload failed or was killed (the outputs are written all the same);\n"
               "2 wrong usage; 3 cannot run here; 128 + signal when a run was stopped by one (130: Ctrl-C).\n"
               "python and record pass the program's own status on.");
    app.require_subcommand(0, 1);
    app.get_formatter()->column_width(36);
    WindowOptions window;
    addWindowOptions(app, window);
    std::optional<int> status;
    const auto setStatus = [&status](int value) { status = value; };
    addListCommand(app, setStatus);
    addRunCommand(app, setStatus);
    addCheckCommand(app, setStatus);
    std::vector<std::string> script;
    addPythonCommand(app, script, setStatus);
    addRecordCommand(app, takeCommand(argc, argv), setStatus);
    addExportCommand(app, setStatus);
    addInfoCommand(app, setStatus);
    addDoctorCommand(app, setStatus);

    std::vector<std::string> words(argv + std::min(1, argc), argv + argc);
    if (!words.empty() && words.front() == "help") { // `help`, `help COMMAND`: as --help
        words.erase(words.begin());
        const std::vector<std::string> known = commandNames(app);
        if (!words.empty() && std::find(known.begin(), known.end(), words.front()) == known.end()) {
            return complain({"there is no command '" + words.front() + "'" + didYouMean(words.front(), known)
                    + " (timeslice --help lists the commands)",
                ErrorKind::Usage});
        }
        words.emplace_back("--help");
    }
    if (Result<std::vector<std::string>> taken = takeScript(app, words)) {
        script = std::move(*taken);
    } else {
        return complain(taken.error());
    }
    std::reverse(words.begin(), words.end()); // CLI11 takes them from the back

    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        // Help and version are "errors" of status 0; every other is the user's.
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return status ? *status : openWindow(app, argc, argv, window);
}

} // namespace

int runCommandLine(int argc, char** argv)
{
    openStandardDescriptors();
    watchStandardOutput();
    const int status = parseAndRun(argc, argv);
    if (const Result<void> written = flushStandardOutput(); !written) {
        const int failure = complain(written.error());
        return status == kDone ? failure : status;
    }
    return status;
}

} // namespace timeslice
