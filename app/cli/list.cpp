#include "app/cli/list.h"

#include "app/cli/exit_status.h"
#include "app/cli/find_scenario.h"
#include "app/cli/runnable_here.h"
#include "app/cli/summary.h"
#include "core/analysis/report_words.h"
#include "core/base/did_you_mean.h"
#include "core/base/duration_text.h"
#include "core/base/json_out.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

namespace timeslice {

namespace {

constexpr const char* kTypeNames[] = {"integer", "duration", "choice", "toggle", "jobs"};

std::string engineName(const VariantSpec& variant)
{
    return variant.engine == Engine::OtherPython ? "python:" + variant.python.interpreter
                                                 : std::string(report_words::word(variant.engine));
}

nlohmann::json knobJson(const Knob& knob)
{
    nlohmann::json json{{"id", knob.id}, {"label", knob.label},
        {"type", kTypeNames[static_cast<std::size_t>(knob.type)]}, {"initial", knob.initial}};
    if (knob.type == Knob::Type::Integer || knob.type == Knob::Type::Duration) {
        // Durations in seconds, like every time in the report.
        const double scale = knob.type == Knob::Type::Duration ? 1e-9 : 1;
        json["minimum"] = knob.minimum * scale;
        json["maximum"] = knob.maximum * scale;
        json["step"] = knob.step * scale;
    }
    if (!knob.unit.empty()) {
        json["unit"] = knob.unit;
    }
    if (!knob.choices.empty()) {
        json["choices"] = knob.choices;
    }
    return json;
}

nlohmann::json scenarioJson(const Scenario& scenario)
{
    nlohmann::json json{{"id", scenario.id}, {"chapter", scenario.chapter}, {"title", scenario.title},
        {"question", scenario.question}, {"claims", scenario.claims}, {"engine", report_words::word(scenario.engine)},
        {"sources", scenario.sources}, {"own", scenario.own}, {"file", scenario.sourcePath},
        {"replaces", scenario.replaces.empty() ? nlohmann::json() : nlohmann::json(scenario.replaces)},
        {"variants", nlohmann::json::array()}, {"knobs", nlohmann::json::array()}};
    for (const VariantSpec& variant : scenario.variants) {
        const std::string whyNot = whyNotRunnableHere(scenario, variant);
        json["variants"].push_back(
            {{"id", variant.id}, {"title", variant.title}, {"note", variant.note}, {"engine", engineName(variant)},
                {"runnable", whyNot.empty()}, {"why_not", whyNot.empty() ? nlohmann::json() : nlohmann::json(whyNot)}});
    }
    for (const Knob& knob : scenario.knobs) {
        json["knobs"].push_back(knobJson(knob));
    }
    const std::string why = whyNotRunnableHere(scenario);
    json["runnable"] = why.empty();
    json["why_not"] = why.empty() ? nlohmann::json() : nlohmann::json(why);
    return json;
}

std::string knobText(const Knob& knob)
{
    std::string text = knob.id + "=" + knob.initial;
    switch (knob.type) {
    case Knob::Type::Integer: {
        char range[64];
        std::snprintf(range, sizeof range, " (%g to %g)", knob.minimum, knob.maximum);
        return text + range;
    }
    case Knob::Type::Duration: // its choices are suggestions
        return text + " (" + toDurationText(static_cast<Nanos>(knob.minimum)) + " to "
            + toDurationText(static_cast<Nanos>(knob.maximum)) + ")";
    case Knob::Type::Choice:
        return knob.choices.empty() ? text : text + " (" + joinNames(knob.choices, ", ") + ")";
    case Knob::Type::Jobs:
        return text + " (" + joinNames(knob.choices, ", ") + ", or 'NAME ARRIVAL LENGTH [prio N]; ...', or @FILE)";
    case Knob::Type::Toggle:
        return text + " (true, false)";
    }
    return text;
}

void printScenario(const Scenario& scenario, std::size_t idWidth)
{
    const std::string margin(idWidth + 4, ' ');
    std::printf("  %s  %s\n", padded(scenario.id, idWidth).c_str(), scenario.title.c_str());
    std::vector<std::string> ids;
    for (const VariantSpec& variant : scenario.variants) {
        ids.push_back(variant.id);
    }
    std::printf("%svariants  %s\n", margin.c_str(), joinNames(ids, ", ").c_str());
    for (std::size_t i = 0; i < scenario.knobs.size(); ++i) {
        std::printf("%s%-8s  %s\n", margin.c_str(), i == 0 ? "knobs" : "", knobText(scenario.knobs[i]).c_str());
    }
    if (scenario.own) {
        std::printf("%syours     %s%s\n", margin.c_str(), scenario.sourcePath.c_str(),
            scenario.replaces.empty() ? "" : (", in place of " + scenario.replaces).c_str());
    }
    if (!scenario.claims.empty()) {
        std::printf("%sclaims    %s\n", margin.c_str(), joinNames(scenario.claims, ", ").c_str());
    }
    if (const std::string why = whyNotRunnableHere(scenario); !why.empty()) {
        std::printf("%snot here  %s\n", margin.c_str(), why.c_str());
        return;
    }
    for (const VariantSpec& variant : scenario.variants) {
        if (const std::string why = whyNotRunnableHere(scenario, variant); !why.empty()) {
            std::printf("%snot here  %s: %s\n", margin.c_str(), variant.id.c_str(), why.c_str());
        }
    }
}

/// In its initial setting, so that titles and notes read as they will in a run.
Result<std::vector<Scenario>> readAll(const std::string& folder, int& status)
{
    Result<Catalogue> catalogue = allScenarios(folder);
    if (!catalogue) {
        return tl::unexpected(catalogue.error());
    }
    for (const DamagedScenario& damaged : catalogue->damaged) {
        status = complain(damaged.error());
    }
    std::vector<Scenario> scenarios;
    for (const Scenario& scenario : catalogue->scenarios) {
        if (Result<Scenario> resolved = resolve(scenario, coresHere())) {
            scenarios.push_back(std::move(*resolved));
        } else {
            status = complain(resolved.error());
        }
    }
    return scenarios;
}

int list(const std::string& folder, bool json)
{
    int status = kDone;
    const Result<std::vector<Scenario>> scenarios = readAll(folder, status);
    if (!scenarios) {
        return complain(scenarios.error());
    }
    if (json) {
        nlohmann::json all = nlohmann::json::array();
        for (const Scenario& scenario : *scenarios) {
            all.push_back(scenarioJson(scenario));
        }
        std::printf("%s\n", jsonText(all, JsonLayout::Indented).c_str());
        return status;
    }
    std::size_t width = 0;
    for (const Scenario& scenario : *scenarios) {
        width = std::max(width, textWidth(scenario.id));
    }
    const char* gap = "";
    for (const auto& [id, title] : chapters()) {
        bool first = true;
        for (const Scenario& scenario : *scenarios) {
            if (scenario.chapter != id) {
                continue;
            }
            if (first) {
                std::printf("%s%s\n", gap, title.c_str());
                gap = "\n";
                first = false;
            }
            printScenario(scenario, width);
        }
    }
    return status;
}

} // namespace

void addListCommand(CLI::App& app, std::function<void(int)> done)
{
    struct ListArguments {
        bool json = false;
        bool onlyDefault = false;
        std::string folder;
    };
    auto arguments = std::make_shared<ListArguments>();
    CLI::App* command =
        app.add_subcommand("list", "Every scenario: variants, knobs, claims, and whether it can run here");
    command->add_flag("--json", arguments->json, "As JSON");
    command->add_flag("--default", arguments->onlyDefault, "Only the id of the scenario that opens first");
    addScenariosOption(*command, arguments->folder);
    command->callback([arguments, done] {
        if (arguments->onlyDefault) {
            std::printf("%s\n", kDefaultScenario);
            done(kDone);
        } else {
            done(list(arguments->folder, arguments->json));
        }
    });
}

} // namespace timeslice
