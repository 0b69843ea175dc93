// Runs made for a test: scenarios from a few lines of JSON, followed to their end.
#pragma once

#include "core/model/run_model.h"
#include "core/session/process_tree.h"
#include "core/session/scenario_run.h"
#include "tests/core/session/testing.h"

#include <csignal>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace timeslice {

inline VariantSpec variantOf(const std::string& id, const char* workload)
{
    VariantSpec variant;
    variant.id = id;
    variant.title = "Variant " + id;
    variant.workload = nlohmann::json::parse(workload);
    return variant;
}

inline Scenario scenarioOf(std::vector<VariantSpec> variants, Limits limits = {})
{
    Scenario scenario;
    scenario.id = "test";
    scenario.title = "A test";
    scenario.variants = std::move(variants);
    scenario.limits = limits;
    scenario.verdict.metric = {Metric::Kind::Number, {scenario.variants.front().id, "/parallelism"}};
    scenario.verdict.low = 0;
    scenario.verdict.high = 1000;
    scenario.verdict.format = "{:.2f}";
    return scenario;
}

inline Scenario scenarioOf(const char* workload, Limits limits = {})
{
    return scenarioOf(std::vector<VariantSpec>{variantOf("only", workload)}, limits);
}

/// A finished run with everything that it said.
struct FollowedRun {
    std::unique_ptr<RunModel> model;
    std::vector<Event> events;

    const VariantModel& variant(std::size_t index = 0) const { return model->variants().at(index); }
    const Timeline& timeline(std::size_t index = 0) const { return variant(index).recording->timeline; }
    const Exit& exit(std::size_t index = 0) const { return variant(index).facts.exit; }
};

/// Called after each update, so that nothing is passed over however much has come at once, and now and then in between.
using DuringRun = std::function<void(ScenarioRun&, const FollowedRun&)>;

inline FollowedRun follow(ScenarioRun& run, std::unique_ptr<RunModel> model, const DuringRun& during = {})
{
    FollowedRun followed{std::move(model), {}};
    const Nanos deadline = monotonicNow() + kPatience;
    while (!followed.model->finished()) {
        if (monotonicNow() > deadline) {
            ADD_FAILURE() << "the run does not end";
            break;
        }
        pollfd ready{run.updateFd(), POLLIN, 0};
        ::poll(&ready, 1, 100);
        std::vector<RunUpdate> updates = run.poll();
        for (const RunUpdate& update : updates) {
            if (const auto* batches = std::get_if<VariantBatches>(&update)) {
                for (const Batch& batch : batches->batches) {
                    followed.events.insert(followed.events.end(), batch.events.begin(), batch.events.end());
                }
            }
        }
        const auto apply = [&](std::vector<RunUpdate> some) {
            followed.model->apply(std::move(some));
            if (during) {
                during(run, followed);
            }
        };
        if (updates.empty()) {
            apply({});
        }
        for (RunUpdate& update : updates) {
            std::vector<RunUpdate> one;
            one.push_back(std::move(update));
            apply(std::move(one));
        }
    }
    return followed;
}

inline FollowedRun runToEnd(const Scenario& scenario, const RunOptions& options = {}, const DuringRun& during = {})
{
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(scenario, options);
    if (!run) {
        throw std::runtime_error(run.error().message);
    }
    return follow(**run, std::make_unique<RunModel>(scenario), during);
}

inline FollowedRun recordCommand(std::vector<std::string> argv, const RunOptions& options = {},
    Limits limits = {0, 64, 0, 0}, const DuringRun& during = {})
{
    Result<std::unique_ptr<ScenarioRun>> run = ScenarioRun::start(CommandSpec{std::move(argv), limits}, options);
    if (!run) {
        throw std::runtime_error(run.error().message);
    }
    return follow(**run, std::make_unique<RunModel>(std::string("a command")), during);
}

/// The worker that runs now below this process; 0 if there is none.
inline Pid runningWorker()
{
    for (const Pid pid : descendants(getpid())) {
        if (commandLine(pid).find("--result-fd") != std::string::npos
            && commandLine(pid).find("timeslice-guard") == std::string::npos) {
            return pid;
        }
    }
    return 0;
}

/// Whether it could be sent.
inline bool signalWorker(int signal)
{
    const Pid worker = runningWorker();
    return worker != 0 && ::kill(worker, signal) == 0;
}

/// Whether the work proper of the variant has begun, as far as is known.
inline bool workHasBegun(const FollowedRun& run, std::size_t variant = 0)
{
    return run.timeline(variant).workBegin.has_value();
}

} // namespace timeslice
