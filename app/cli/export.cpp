#include "app/cli/export.h"

#include "app/cli/exit_status.h"
#include "app/cli/load_model.h"
#include "app/cli/outputs.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace timeslice {

namespace {

struct ExportArguments {
    std::string file;
    OutputOptions outputs;
    bool quiet = false;
};

int exportRecording(const ExportArguments& arguments)
{
    if (!arguments.outputs.any()) {
        return complain(
            {"nothing to export; say what with --png, --svg, --csv, --trace, --save or --report", ErrorKind::Usage});
    }
    if (const Result<void> checked = checkOutputs(arguments.outputs); !checked) {
        return complain(checked.error());
    }
    const Result<std::unique_ptr<RunModel>> model = loadModel(arguments.file);
    if (!model) {
        return complain(model.error());
    }
    return writeOutputs(arguments.outputs, **model, arguments.quiet);
}

} // namespace

void addExportCommand(CLI::App& app, std::function<void(int)> done)
{
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* command = app.add_subcommand("export", "Make pictures and tables from a recording");
    command->add_option("FILE", arguments->file, "A recording (FILE.timeslice)")->required()->type_name("");
    command->add_flag("-q,--quiet", arguments->quiet, "Print nothing but errors");
    addOutputOptions(*command, arguments->outputs);
    command->callback([arguments, done] { done(exportRecording(*arguments)); });
}

} // namespace timeslice
