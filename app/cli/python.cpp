#include "app/cli/python.h"

#include "app/cli/exit_status.h"
#include "app/cli/program_run.h"
#include "app/cli/summary.h"
#include "core/base/did_you_mean.h"
#include "core/python/interpreter.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace timeslice {

namespace {

struct PythonArguments : ProgramOptions {
    std::string interpreter;
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
    PythonCommand command;
    command.interpreter = *interpreter;
    command.arguments = script;
    return runProgram(std::move(command), script, arguments);
}

/// `words[at]` is no option of ours: it is taken for the interpreter's.
tl::unexpected<Error> unknownOption(const CLI::App& command, const std::vector<std::string>& words, std::size_t at)
{
    std::vector<std::string> known;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            known.push_back("--" + name);
        }
    }
    std::string right = "timeslice";
    for (std::size_t i = 0; i < words.size(); ++i) {
        right += (i == at ? " -- " : " ") + words[i];
    }
    const std::string name = words[at].substr(0, words[at].find('='));
    return fail("timeslice python has no option " + name
            + (name.starts_with("--") ? didYouMean(name, known) : std::string())
            + " (timeslice python --help lists them).\nThe interpreter's own options stand behind --: "
            + oneLine(right),
        ErrorKind::Usage);
}

/// What CLI11 takes for the option that `word` gives: "--png=a.png", "-qh".
const CLI::Option* optionOf(const CLI::App& command, const std::string& word)
{
    return command.get_option_no_throw(word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2));
}

} // namespace

Result<std::vector<std::string>> takeScript(const CLI::App& app, std::vector<std::string>& words)
{
    if (words.empty() || words.front() != "python") {
        return std::vector<std::string>();
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
        const CLI::Option* option = optionOf(*command, word);
        if (option == nullptr) {
            return unknownOption(*command, words, i);
        }
        if (option->get_items_expected_min() > 0 && word.find('=') == std::string::npos) {
            ++i; // its value
        }
    }
    if (i >= words.size()) {
        return std::vector<std::string>();
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
    addProgramOptions(*command, *arguments);
    command->footer("timeslice python [OPTIONS] SCRIPT [ARGS...]; or -m NAME, -c CODE or - in the place of SCRIPT.\n"
                    "Everything from there on is the script's; what stands behind -- is the interpreter's, its own\n"
                    "options too: timeslice python -- -X dev SCRIPT. Input, output, working directory and signals are\n"
                    "as without Timeslice (a signal that is sent to timeslice reaches the script), and so is the exit\n"
                    "status: the script's own, 128 + signal when it was killed; 1 when the script cannot be opened.\n"
                    "Processes that the script leaves running in the background have a second to end.");
    command->callback([arguments, &script, done] { done(runPython(*arguments, script)); });
}

} // namespace timeslice
