#include "app/cli/info.h"

#include "app/cli/exit_status.h"
#include "app/cli/load_model.h"
#include "app/cli/summary.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace timeslice {

namespace {

int printInfo(const std::string& path)
{
    const Result<std::unique_ptr<RunModel>> loaded = loadModel(path);
    if (!loaded) {
        return complain(loaded.error());
    }
    const RunModel& model = **loaded;
    const RunReport& report = model.report();
    const auto line = [](const char* name, const std::string& value) {
        if (!value.empty()) {
            std::printf("%-10s %s\n", name, value.c_str());
        }
    };
    line("recording", path);
    if (model.scenario()) {
        line("scenario", model.scenario()->title + " (" + model.scenario()->id + ")");
        for (const Knob& knob : model.scenario()->knobs) {
            line("", knob.label + ": " + knobValue(*model.scenario(), knob.id));
        }
    }
    line("created", model.recording().created);
    line("machine",
        std::to_string(report.machine.cores) + (report.machine.cores == 1 ? " core, " : " cores, ") + report.machine.cpu
            + ", " + report.machine.kernel);
    for (const auto& [name, version] : report.machine.interpreters) {
        line("", name + " " + version);
    }
    std::printf("\n");
    std::size_t width = 0;
    for (const VariantModel& variant : model.variants()) {
        width = std::max(width, textWidth(oneLine(variant.recording->title)));
    }
    for (const VariantModel& variant : model.variants()) {
        if (variant.phase != VariantModel::Phase::Ended) {
            std::printf("  %s not run\n", padded(oneLine(variant.recording->title), width).c_str());
            continue;
        }
        printVariant(stdout, variant.report, width);
        if (variant.report.exit.kind == Exit::Kind::NotRun) {
            continue;
        }
        printGil(stdout, variant.report, variant.facts.gilNote);
        const Timeline& timeline = variant.recording->timeline;
        std::printf("  %s %s, %s, %s, %s, %s, %s\n", padded("", width).c_str(),
            counted(timeline.cores.size(), "core").c_str(), counted(timeline.threads.size(), "thread").c_str(),
            counted(timeline.locks.size(), "lock").c_str(), counted(timeline.counters.size(), "counter").c_str(),
            counted(timeline.sliceCount(), "slice").c_str(), counted(timeline.events, "event").c_str());
    }
    printVerdict(stdout, report.verdict);
    printQuality(stdout, report);
    return kDone;
}

} // namespace

void addInfoCommand(CLI::App& app, std::function<void(int)> done)
{
    auto file = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("info", "Say what a recording holds");
    command->add_option("FILE", *file, "A recording (FILE.timeslice)")->required()->type_name("");
    command->callback([file, done] { done(printInfo(*file)); });
}

} // namespace timeslice
