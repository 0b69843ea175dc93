#include "core/model/run_model.h"

#include "core/scenario/catalogue.h"
#include "tests/core/session/invariants.h"
#include "tests/places/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::run_model_test {
namespace {

using testing::HasSubstr;

constexpr Tid kThread = 11;
constexpr Pid kProcess = 10;

Event event(Nanos time, EventKind kind, std::uint64_t value = 0, ObjectId object = 0)
{
    Event made;
    made.time = time;
    made.tid = kThread;
    made.pid = kProcess;
    made.kind = kind;
    made.cpu = 0;
    made.object = object;
    made.value = value;
    return made;
}

Batch batchOf(std::vector<Event> events)
{
    Batch batch;
    batch.events = std::move(events);
    batch.drainedAt = batch.events.empty() ? 0 : batch.events.back().time;
    return batch;
}

std::vector<RunUpdate> updates(RunUpdate update)
{
    std::vector<RunUpdate> all;
    all.push_back(std::move(update));
    return all;
}

TEST(RunModel, IsKnownInOutlineBeforeTheRunStarts)
{
    const RunModel model(scenarioOf({variantOf("one", "{}"), variantOf("two", "{}")}));
    ASSERT_EQ(model.variants().size(), 2U);
    EXPECT_EQ(model.variants()[0].phase, VariantModel::Phase::Waiting);
    EXPECT_EQ(model.recording().variants[1]->title, "Variant two");
    EXPECT_FALSE(model.finished());
    EXPECT_TRUE(model.report().variants.empty());
}

TEST(RunModel, GrowsWithEachBatchAndIsFinalWhenItsVariantEnds)
{
    RunModel model(scenarioOf("{}"));
    model.apply(updates(VariantStarted{0, BuilderOptions{{0, 1}, kProcess, true}}));
    EXPECT_EQ(model.variants()[0].phase, VariantModel::Phase::Running);
    VariantBatches batches;
    batches.batches.push_back(batchOf({event(100, EventKind::WorkBegin), event(100, EventKind::SwitchIn)}));
    model.apply(updates(std::move(batches)));
    EXPECT_EQ(model.recording().variants[0]->timeline.events, 2U);
    model.refreshLive();
    EXPECT_EQ(model.variants()[0].report.threads.size(), 1U);

    VariantEnded ended;
    ended.end = 600;
    ended.facts.exit.text = "finished";
    ended.facts.wall = 500;
    ended.facts.cpu = 400;
    model.apply(updates(std::move(ended)));
    EXPECT_EQ(model.variants()[0].phase, VariantModel::Phase::Ended);
    EXPECT_TRUE(model.recording().variants[0]->timeline.finished);
    EXPECT_EQ(model.recording().variants[0]->failure, "");
    EXPECT_DOUBLE_EQ(model.variants()[0].report.parallelism, 0.8);
    EXPECT_FALSE(model.finished());

    model.apply(updates(RunEnded{}));
    EXPECT_TRUE(model.finished());
    const nlohmann::json report = nlohmann::json::parse(model.recording().reportJson);
    EXPECT_EQ(report.at("schema"), "timeslice.report/1");
    EXPECT_EQ(report.at("scenario"), "test");
}

TEST(RunModel, LeavesTheAnalysesToOthersWhereItWasToldSoAndIsFinishedWithTheLastOfThem)
{
    std::vector<Analysis> started;
    RunModel model(scenarioOf({variantOf("one", "{}"), variantOf("two", "{}")}));
    model.analyseElsewhere([&](Analysis analysis) { started.push_back(std::move(analysis)); });
    for (const std::size_t variant : {0U, 1U}) {
        model.apply(updates(VariantStarted{variant, BuilderOptions{{0, 1}, kProcess, true}}));
        VariantEnded ended;
        ended.variant = variant;
        ended.end = 600;
        ended.facts.wall = 500;
        ended.facts.cpu = 400;
        model.apply(updates(std::move(ended)));
        EXPECT_EQ(model.variants()[variant].phase, VariantModel::Phase::Analysing);
        EXPECT_TRUE(model.recording().variants[variant]->timeline.finished);
    }
    model.apply(updates(RunEnded{}));
    EXPECT_FALSE(model.finished());
    ASSERT_EQ(started.size(), 2U);

    for (const std::size_t variant : {0U, 1U}) {
        const AnalysisResult result = started[variant]();
        EXPECT_EQ(model.variants()[variant].phase, VariantModel::Phase::Analysing) << "nothing changes but by take()";
        model.take(result);
        EXPECT_EQ(model.variants()[variant].phase, VariantModel::Phase::Ended);
        EXPECT_DOUBLE_EQ(model.variants()[variant].report.parallelism, 0.8);
        EXPECT_EQ(model.report().variants.size(), variant + 1);
    }
    EXPECT_FALSE(model.finished()) << "it is not judged yet";
    ASSERT_EQ(started.size(), 3U);
    model.take(started[2]());
    EXPECT_TRUE(model.finished());
    EXPECT_TRUE(model.report().verdict.has_value());
    EXPECT_EQ(nlohmann::json::parse(model.recording().reportJson).at("variants").size(), 2U);
}

TEST(RunModel, AnAnalysisMayOutliveItsModel)
{
    std::vector<Analysis> started;
    {
        RunModel model(scenarioOf("{}"));
        model.analyseElsewhere([&](Analysis analysis) { started.push_back(std::move(analysis)); });
        model.apply(updates(VariantStarted{0, BuilderOptions{{0, 1}, kProcess, true}}));
        model.apply(updates(VariantEnded{}));
    }
    ASSERT_EQ(started.size(), 1U);
    EXPECT_TRUE(started[0]()) << "it reads only what it owns";
}

TEST(RunModel, AFinishedReportIsAStoredValue)
{
    RunModel model(scenarioOf("{}"));
    model.apply(updates(VariantEnded{}));
    model.apply(updates(RunEnded{}));
    EXPECT_EQ(&model.report(), &model.report());
    EXPECT_EQ(model.report().variants.size(), 1U);
}

TEST(RunModel, KeepsTheErrorThatEndedTheRunEarly)
{
    RunModel model(scenarioOf("{}"));
    model.apply(updates(RunEnded{Error{"no worker", ErrorKind::Unsupported}, false}));
    ASSERT_TRUE(model.error());
    EXPECT_EQ(model.error()->message, "no worker");
    EXPECT_TRUE(model.finished());
}

TEST(RunModel, FindsTheFirstLostUpdateOfARealRace)
{
    const FollowedRun run = runToEnd(scenarioOf(R"({"resources": {"x": {"type": "counter", "initial": 0}},
        "tasks": {"Thread": {"instance": 2, "do": [{"increment": {"counter": "x", "times": 20000, "how": "plain", "record": true}}]}}})"));
    EXPECT_TRUE(run.exit().ok()) << run.exit().text;
    ASSERT_EQ(run.variant().facts.counters.size(), 1U);
    // Whether an update is lost is up to the machine; but what the counter says and what the recording shows agree.
    EXPECT_EQ(run.timeline().counters.at(0).accesses.size(), 2U * 2U * 20000U);
    EXPECT_EQ(run.variant().loss.has_value(), run.variant().facts.counters[0].lost() > 0);
    if (run.variant().loss) {
        EXPECT_GE(run.variant().report.findings.size(), 2U);
    }
}

TEST(RunModel, ASavedRunComesBackAsItWas)
{
    const Result<Scenario> read = readScenario(test::resourceFolder() / "scenarios" / "time-slicing.json");
    ASSERT_TRUE(read) << read.error().message;
    const Result<Scenario> scenario = resolve(*read, 2);
    ASSERT_TRUE(scenario) << scenario.error().message;
    const FollowedRun run = runToEnd(*scenario);
    ASSERT_FALSE(run.model->error());

    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("timeslice-test-" + std::to_string(getpid()) + ".timeslice");
    ASSERT_TRUE(saveRecording(run.model->recording(), path));
    Result<LoadedRecording> loaded = loadRecording(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->warning, "");
    const Result<std::unique_ptr<RunModel>> back = RunModel::fromRecording(std::move(loaded->recording));
    ASSERT_TRUE(back) << back.error().message;

    EXPECT_TRUE((*back)->finished());
    ASSERT_TRUE((*back)->scenario());
    EXPECT_EQ((*back)->scenario()->title, scenario->title);
    EXPECT_EQ(toJson((*back)->report()), toJson(run.model->report()));
    ASSERT_EQ((*back)->variants().size(), run.model->variants().size());
    for (std::size_t i = 0; i < run.model->variants().size(); ++i) {
        EXPECT_EQ((*back)->variants()[i].phase, VariantModel::Phase::Ended);
        EXPECT_EQ((*back)->variants()[i].recording->timeline.sliceCount(), run.timeline(i).sliceCount());
    }
}

VariantStarted startedWith(std::size_t variant, const std::string& interpreter, const std::string& gilNote)
{
    VariantStarted started{variant, BuilderOptions{{0}, kProcess, false, gilNote}};
    started.interpreter = interpreter;
    started.engine = gilNote.empty() ? Engine::CPython : Engine::OtherPython;
    return started;
}

VariantEnded endedWith(std::size_t variant, const std::string& interpreter, const std::string& gilNote)
{
    VariantEnded ended;
    ended.variant = variant;
    ended.end = 600;
    ended.facts.exit.text = "finished";
    ended.facts.interpreter = interpreter;
    ended.facts.gilNote = gilNote;
    return ended;
}

TEST(RunModel, SaysWithWhatAScriptRanAndWhyNoGilIsSeenWhileLiveInTheReportAndInItsRecording)
{
    const std::string pypy = "PyPy 7.3.11 (Python 3.9.16), /usr/bin/pypy3";
    const std::string note = "Not observable: because.";
    RunModel model(std::string("script.py"));
    model.apply(updates(startedWith(0, pypy, note)));
    EXPECT_EQ(model.variants()[0].facts.interpreter, pypy);
    EXPECT_EQ(model.recording().variants[0]->timeline.gilNote, note);
    EXPECT_EQ(model.variants()[0].engine, Engine::OtherPython);
    model.refreshLive();
    EXPECT_EQ(model.variants()[0].report.gilNote, note);
    model.apply(updates(endedWith(0, pypy, note)));
    model.apply(updates(RunEnded{}));
    EXPECT_EQ(model.report().variants[0].interpreter, pypy);
    EXPECT_EQ(model.report().variants[0].engine, Engine::OtherPython);

    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("timeslice-test-" + std::to_string(getpid()) + ".timeslice");
    ASSERT_TRUE(saveRecording(model.recording(), path));
    Result<LoadedRecording> loaded = loadRecording(path);
    std::filesystem::remove(path);
    ASSERT_TRUE(loaded) << loaded.error().message;
    const Result<std::unique_ptr<RunModel>> back = RunModel::fromRecording(std::move(loaded->recording));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ((*back)->variants()[0].facts.interpreter, pypy);
    EXPECT_EQ((*back)->variants()[0].facts.gilNote, note);
    EXPECT_EQ((*back)->recording().variants[0]->timeline.gilNote, note);
    EXPECT_EQ((*back)->variants()[0].engine, Engine::OtherPython);
    EXPECT_EQ(toJson((*back)->report()), toJson(model.report()));
}

TEST(RunModel, WhatIsKnownAtTheEndOfTheGilReplacesWhatWasExpected)
{
    RunModel model(std::string("script.py"));
    model.apply(updates(startedWith(0, "CPython 3.13.0, free-threaded, /opt/bin/python3", "No GIL: expected.")));
    model.apply(updates(endedWith(0, "CPython 3.13.0, free-threaded, /opt/bin/python3", "")));
    EXPECT_EQ(model.recording().variants[0]->timeline.gilNote, "");
    EXPECT_EQ(model.variants()[0].report.gilNote, "");
}

TEST(RunModel, ListsTheInterpretersThatTheRunUsed)
{
    RunModel model(scenarioOf({variantOf("one", "{}"), variantOf("two", "{}"), variantOf("three", "{}"),
        variantOf("four", "{}"), variantOf("five", "{}")}));
    model.apply(updates(startedWith(0, "CPython 3.11.2, /usr/bin/python3", "")));
    model.apply(updates(startedWith(1, "CPython 3.11.2, /home/me/venv/bin/python3", "")));
    model.apply(updates(startedWith(2, "CPython 3.13.0, free-threaded, /opt/bin/python3", "none")));
    model.apply(updates(startedWith(3, "PyPy 7.3.11 (Python 3.9.16), /usr/bin/pypy3", "none")));
    model.apply(updates(startedWith(4, "", "")));
    EXPECT_THAT(model.report().machine.interpreters,
        testing::ElementsAre(testing::Pair("CPython", "3.11.2; 3.13.0, free-threaded"),
            testing::Pair("PyPy", "7.3.11 (Python 3.9.16)")));
}

TEST(RunModel, AVariantThatWasNotRunEndsWithoutHavingStarted)
{
    RunModel model(scenarioOf({variantOf("one", "{}"), variantOf("two", "{}")}));
    VariantEnded skipped;
    skipped.facts.exit = {Exit::Kind::NotRun, 0, "PyPy is not installed (Debian's package: pypy3)"};
    model.apply(updates(std::move(skipped)));
    model.refreshLive();
    model.apply(updates(RunEnded{}));
    EXPECT_EQ(model.variants()[0].phase, VariantModel::Phase::Ended);
    EXPECT_EQ(model.variants()[0].report.exit.kind, Exit::Kind::NotRun);
    ASSERT_TRUE(model.report().verdict);
    EXPECT_EQ(model.report().verdict->holds, std::nullopt);
    EXPECT_THAT(model.report().verdict->why, HasSubstr("pypy3"));
}

TEST(RunModel, OpensTheRecordingsThatFuzzingStartsFrom)
{
    std::size_t variants = 0;
    for (const auto& file : std::filesystem::directory_iterator(test::testDataFolder() / "fuzz_recording")) {
        SCOPED_TRACE(file.path().filename().string());
        Result<LoadedRecording> loaded = loadRecording(file.path());
        ASSERT_TRUE(loaded) << loaded.error().message;
        const auto model = RunModel::fromRecording(std::move(loaded->recording));
        ASSERT_TRUE(model) << model.error().message;
        for (const VariantModel& variant : (*model)->variants()) {
            EXPECT_EQ(variant.phase, VariantModel::Phase::Ended);
            ++variants;
        }
    }
    EXPECT_GE(variants, 7U);
}

TEST(RunModel, ARecordingWhoseReportIsGarbledIsRefused)
{
    Recording recording;
    recording.reportJson = "{\"schema\": \"something else\"}";
    const auto model = RunModel::fromRecording(std::move(recording));
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().kind, ErrorKind::Usage);
    EXPECT_THAT(model.error().message, HasSubstr("report"));
}

TEST(RunModel, RefusesARecordingWhoseTextsAreNestedWithoutEnd)
{
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    for (std::string Recording::*text : {&Recording::reportJson, &Recording::scenarioJson}) {
        Recording recording;
        recording.*text = deep;
        const auto model = RunModel::fromRecording(std::move(recording));
        ASSERT_FALSE(model);
        EXPECT_EQ(model.error().kind, ErrorKind::Usage);
        EXPECT_THAT(model.error().message, HasSubstr("nested more than 64 levels deep"));
    }
}

TEST(RunModel, ANameOfACommandThatIsNoUtf8IsCleanedInEverythingThatIsWritten)
{
    RunModel model(std::string("caf\xe9 \x1b[31m"));
    model.apply(updates(VariantEnded{}));
    model.apply(updates(RunEnded{}));
    EXPECT_EQ(model.report().variants.at(0).name, "caf\uFFFD \uFFFD[31m");
    EXPECT_THAT(model.recording().reportJson, HasSubstr("caf\uFFFD"));
}

TEST(RunModel, ComparesTheHoldsOfTheFirstTwoVariantsThatRanWhereTheViewAsksForIt)
{
    constexpr ObjectId kGil = 3;
    Scenario scenario = scenarioOf({variantOf("missing", "{}"), variantOf("real", "{}"), variantOf("model", "{}")});
    scenario.view = View::Holds;
    RunModel model(scenario);
    VariantEnded missing;
    missing.facts.exit = {Exit::Kind::NotRun, 0, "it is not installed"};
    model.apply(updates(std::move(missing)));
    const auto run = [&](std::size_t variant, Nanos length, int attempt, double disturbance) {
        EXPECT_FALSE(model.report().holdComparison.has_value()) << "there are not two yet";
        VariantStarted started{variant, BuilderOptions{{0, 1}, kProcess, false}};
        started.attempt = attempt;
        model.apply(updates(std::move(started)));
        VariantBatches batches;
        batches.variant = variant;
        batches.batches.push_back(batchOf(
            {event(100, EventKind::LockAcquire, 0, kGil), event(100 + length, EventKind::LockRelease, 1, kGil)}));
        batches.batches[0].objects = {{kGil, ObjectKind::Gil, kProcess, "GIL"}};
        model.apply(updates(std::move(batches)));
        VariantEnded ended;
        ended.variant = variant;
        ended.end = 10 * kMillisecond;
        ended.facts.wall = 10 * kMillisecond;
        ended.facts.exit.text = "finished";
        ended.facts.disturbance.emplace().others = disturbance;
        model.apply(updates(std::move(ended)));
    };
    run(1, 6 * kMillisecond, 1, 0);
    run(2, 5 * kMillisecond, 1, 0.2);
    run(2, 9 * kMillisecond, 2, 0.5); // the worse attempt: not what is shown
    model.apply(updates(RunEnded{}));
    const auto comparison = model.report().holdComparison;
    ASSERT_TRUE(comparison.has_value());
    EXPECT_EQ(comparison->first, "real");
    EXPECT_EQ(comparison->second, "model");
    EXPECT_DOUBLE_EQ(comparison->ratio, 1.2);
    EXPECT_EQ(comparison->distance, 1);
}

TEST(RunModel, KeepsWithTheTimelineWhyThereWasNoGilToSee)
{
    RunModel model(scenarioOf("{}"));
    model.apply(updates(VariantStarted{0, BuilderOptions{{0}, kProcess, false}}));
    VariantEnded ended;
    ended.end = 100;
    ended.facts.gilNote = "no GIL was found";
    model.apply(updates(std::move(ended)));
    EXPECT_EQ(model.recording().variants[0]->timeline.gilNote, "no GIL was found");
    EXPECT_EQ(model.report().variants[0].gilNote, "no GIL was found");
}

} // namespace
} // namespace timeslice::run_model_test
