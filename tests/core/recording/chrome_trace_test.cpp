// Which process and thread of a Chrome trace each row is, and that every time in it is one that Perfetto takes.
#include "core/recording/export_chrome_trace.h"
#include "core/trace/timeline_builder.h"
#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace timeslice::chrome_trace_test {
namespace {

using Json = nlohmann::json;
using Place = std::pair<std::int64_t, std::int64_t>; ///< pid and tid

constexpr std::int64_t kLastOfLinux = 4'194'304; // PID_MAX_LIMIT

Json traceOf(const Recording& recording)
{
    std::ostringstream out;
    EXPECT_TRUE(exportChromeTrace(recording, out).has_value());
    return Json::parse(out.str());
}

Place placeOf(const Json& event)
{
    return {event.at("pid").get<std::int64_t>(), event.at("tid").get<std::int64_t>()};
}

/// What a trace says of its rows. Each is named once, and nothing happens on a row without a name.
struct Rows {
    std::map<std::int64_t, std::string> processes;
    std::map<Place, std::string> threads;
    std::map<std::int64_t, int> processOrder;

    explicit Rows(const Json& trace)
    {
        for (const Json& event : trace.at("traceEvents")) {
            const std::string name = event.at("name");
            const Json& args = event.contains("args") ? event.at("args") : Json::object();
            if (name == "process_name") {
                EXPECT_TRUE(processes.emplace(placeOf(event).first, args.at("name")).second) << event;
            } else if (name == "thread_name") {
                EXPECT_TRUE(threads.emplace(placeOf(event), args.at("name")).second) << event;
            } else if (name == "process_sort_index") {
                processOrder[placeOf(event).first] = args.at("sort_index");
            }
        }
        for (const Json& event : trace.at("traceEvents")) {
            EXPECT_TRUE(processes.contains(placeOf(event).first)) << event;
            EXPECT_TRUE(event.at("ph") == "C" || event.at("ph") == "M" || threads.contains(placeOf(event))) << event;
        }
        std::set<std::int64_t> tids;
        for (const auto& [place, name] : threads) {
            EXPECT_TRUE(tids.insert(place.second).second) << name << " shares its tid";
        }
    }

    Place placeOfThread(const std::string& name) const
    {
        for (const auto& [place, named] : threads) {
            if (named == name) {
                return place;
            }
        }
        ADD_FAILURE() << "no thread is called " << name;
        return {};
    }
};

/// Times are 0 or more, and each arrow ends no earlier than it starts.
void expectTimesThatPerfettoTakes(const Json& trace)
{
    std::map<std::int64_t, double> arrows;
    for (const Json& event : trace.at("traceEvents")) {
        const std::string phase = event.at("ph");
        if (phase == "M") {
            continue;
        }
        const double ts = event.at("ts");
        EXPECT_GE(ts, 0) << event;
        if (phase == "X" || phase == "T") {
            EXPECT_GT(event.at("dur").get<double>(), 0) << event;
        } else if (phase == "s") {
            EXPECT_TRUE(arrows.emplace(event.at("id").get<std::int64_t>(), ts).second) << event;
        } else if (phase == "f") {
            const auto start = arrows.extract(event.at("id").get<std::int64_t>());
            ASSERT_FALSE(start.empty()) << event;
            EXPECT_LE(start.mapped(), ts) << event;
        }
    }
    EXPECT_TRUE(arrows.empty());
}

std::unique_ptr<VariantRecording> variantOf(
    const std::string& title, Batch batch, Nanos end, BuilderOptions options = {{0, 1}, 100, false})
{
    auto variant = std::make_unique<VariantRecording>();
    variant->title = title;
    TimelineBuilder builder(variant->timeline, options);
    builder.append(batch);
    builder.finish(end);
    return variant;
}

Batch twoProcesses()
{
    Batch batch;
    batch.objects = {{1, ObjectKind::Gil, 100, "GIL"}, {2, ObjectKind::Gil, 200, "GIL"},
        {3, ObjectKind::Mutex, 0, "shared"}, {4, ObjectKind::Counter, 200, "x"}};
    batch.names = {{100, 100, "Main", false}, {101, 100, "Worker", false}, {200, 200, "Main", false}};
    batch.events = {{1000, 100, 100, EventKind::SwitchIn, 0, 0, 0}, {1100, 101, 100, EventKind::SwitchIn, 1, 0, 0},
        {1200, 100, 100, EventKind::LockAcquire, kNoCpu, 1, 0}, {1300, 101, 100, EventKind::SwitchOut, 1, 0, 0},
        {1400, 200, 200, EventKind::SwitchIn, 1, 0, 0}, {1500, 200, 200, EventKind::LockAcquire, kNoCpu, 2, 0},
        {1600, 200, 200, EventKind::LockAcquire, kNoCpu, 3, 0},
        {1700, 200, 200, EventKind::CounterStore, kNoCpu, 4, 42},
        {1800, 200, 200, EventKind::LockRelease, kNoCpu, 2, 0}};
    return batch;
}

TEST(ChromeTrace, HasTheKernelsNumbersAndEachProcessWithItsThreadsAndLocks)
{
    Recording recording;
    recording.variants.push_back(variantOf("Two of them", twoProcesses(), 2000));
    const Json trace = traceOf(recording);
    const Rows rows(trace);
    EXPECT_EQ(rows.processes.at(100), "Two of them: Process 1");
    EXPECT_EQ(rows.processes.at(200), "Two of them: Process 2");
    EXPECT_EQ(rows.threads.at(Place(100, 100)), "P1 Main");
    EXPECT_EQ(rows.threads.at(Place(100, 101)), "Worker");
    EXPECT_EQ(rows.threads.at(Place(200, 200)), "Process 2");
    EXPECT_EQ(rows.placeOfThread("GIL: GIL of Process 1").first, 100);
    EXPECT_EQ(rows.placeOfThread("GIL: GIL of Process 2").first, 200);

    std::multiset<std::string> ours;
    for (const auto& [pid, name] : rows.processes) {
        if (pid > kLastOfLinux) {
            ours.insert(name);
        }
    }
    EXPECT_EQ(ours, (std::multiset<std::string>{"Two of them: cores", "Two of them: shared between processes"}));
    const std::int64_t cores = rows.placeOfThread("core 0").first;
    const std::int64_t shared = rows.placeOfThread("lock: shared").first;
    EXPECT_EQ(rows.processes.at(cores), "Two of them: cores");
    EXPECT_EQ(rows.processes.at(shared), "Two of them: shared between processes");
    EXPECT_LT(rows.processOrder.at(cores), rows.processOrder.at(100));
    EXPECT_LT(rows.processOrder.at(100), rows.processOrder.at(200));
    EXPECT_LT(rows.processOrder.at(200), rows.processOrder.at(shared));
    for (const auto& [place, name] : rows.threads) {
        EXPECT_TRUE(place.second > kLastOfLinux || name.find("core") == std::string::npos) << name;
    }
    for (const Json& event : trace.at("traceEvents")) {
        if (event.at("name") == "x") {
            EXPECT_EQ(event.at("pid"), 200) << "a counter is its process's";
        }
    }
}

TEST(ChromeTrace, CallsARunsOnlyProcessAsTheRun)
{
    Batch batch;
    batch.events = {{1000, 100, 100, EventKind::SwitchIn, 0, 0, 0}, {1200, 101, 100, EventKind::SwitchIn, 1, 0, 0}};
    Recording recording;
    recording.variants.push_back(variantOf("Threads", batch, 2000));
    const Rows rows(traceOf(recording));
    EXPECT_EQ(rows.processes.at(100), "Threads");
    EXPECT_EQ(rows.processes.size(), 2U) << "it, and the cores";
}

TEST(ChromeTrace, KeepsTwoVariantsWithTheSamePidApart)
{
    Recording recording;
    recording.variants.push_back(variantOf("First", twoProcesses(), 2000));
    recording.variants.push_back(variantOf("Second", twoProcesses(), 2000));
    const Rows rows(traceOf(recording));
    EXPECT_EQ(rows.processes.at(100), "First: Process 1");
    EXPECT_EQ(rows.threads.size(), 2U * (2 + 3 + 3)) << "cores, threads and locks of each";
    const Place again = rows.placeOfThread("P1 Main (100)");
    EXPECT_EQ(rows.processes.at(again.first), "Second: Process 1 (100)");
    EXPECT_EQ(again.first, again.second) << "a main thread has the number of its process";
    EXPECT_EQ(rows.placeOfThread("Worker (101)").first, again.first);
}

TEST(ChromeTrace, KeepsApartWhatTheKernelGaveOneIdAfterAnother)
{
    Batch batch;
    batch.names = {{100, 100, "Main", false}};
    batch.events = {{1000, 100, 100, EventKind::SwitchIn, 0, 0, 0},
        // 101 is a thread, then another one
        {1100, 101, 100, EventKind::ThreadBorn, 0, 0, 100}, {1110, 101, 100, EventKind::SwitchIn, 1, 0, 0},
        {1200, 101, 100, EventKind::ThreadExit, 1, 0, 0}, {1300, 101, 100, EventKind::ThreadBorn, 0, 0, 100},
        {1310, 101, 100, EventKind::SwitchIn, 1, 0, 0}, {1350, 101, 100, EventKind::ThreadExit, 1, 0, 0},
        // 200 is a process with a second thread, then another process, and its thread of another id
        {1400, 200, 200, EventKind::ThreadBorn, 0, 0, 100}, {1410, 200, 200, EventKind::SwitchIn, 1, 0, 0},
        {1420, 201, 200, EventKind::ThreadBorn, 0, 0, 200}, {1430, 201, 200, EventKind::ThreadExit, 0, 0, 0},
        {1450, 200, 200, EventKind::ThreadExit, 1, 0, 0}, {1500, 200, 200, EventKind::ThreadBorn, 0, 0, 100},
        {1510, 200, 200, EventKind::SwitchIn, 1, 0, 0}, {1520, 202, 200, EventKind::ThreadBorn, 0, 0, 200},
        {1530, 202, 200, EventKind::ThreadExit, 0, 0, 0}};
    Recording recording;
    recording.variants.push_back(variantOf("Again", batch, 2000));
    const Json trace = traceOf(recording);
    const Rows rows(trace);
    expectTimesThatPerfettoTakes(trace);
    std::map<std::int64_t, std::set<std::int64_t>> threadsOf;
    for (const auto& [place, name] : rows.threads) {
        threadsOf[place.first].insert(place.second);
    }
    ASSERT_EQ(rows.processes.size(), 4U) << "cores, 100, 200 and 200 again";
    EXPECT_EQ(threadsOf.at(100).size(), 3U);
    EXPECT_TRUE(threadsOf.at(100).contains(101));
    EXPECT_EQ(threadsOf.at(200), (std::set<std::int64_t>{200, 201}));
    for (const auto& [pid, tids] : threadsOf) {
        if (rows.processes.at(pid).ends_with("(200)")) {
            EXPECT_EQ(tids, (std::set<std::int64_t>{pid, 202}));
        }
    }
}

TEST(ChromeTrace, ClipsUsageThatBeganBeforeTheRecording)
{
    Batch batch = twoProcesses();
    batch.usage = {{500, 900, 0, 0.25F, 0, 0.75F}, {900, 1400, 0, 0.5F, 0, 0.5F}, {1400, 1900, 0, 0.75F, 0, 0.25F}};
    Recording recording;
    recording.variants.push_back(variantOf("Usage", batch, 2000));
    const Json trace = traceOf(recording);
    expectTimesThatPerfettoTakes(trace);
    std::vector<std::pair<double, double>> samples;
    for (const Json& event : trace.at("traceEvents")) {
        if (event.at("name") == "core 0 usage in %") {
            samples.emplace_back(event.at("ts"), event.at("args").at("busy"));
        }
    }
    EXPECT_EQ(samples, (std::vector<std::pair<double, double>>{{0, 50}, {0.4, 75}}))
        << "what lies before is left out, what reaches in begins with the recording, the others stay where they are";
}

TEST(ChromeTrace, HasTheMemoryOfEachProcessUntilItIsGone)
{
    Batch batch;
    batch.events = {{1000, 100, 100, EventKind::ThreadBorn, 0, 0, 0}, {1010, 100, 100, EventKind::SwitchIn, 0, 0, 0},
        {1200, 200, 200, EventKind::ThreadBorn, 0, 0, 100}, {1700, 200, 200, EventKind::ThreadExit, 0, 0, 0}};
    batch.memory = {{1100, 100, 4096, 3000, 2048}, {1300, 100, 8192, 6000, 4096}, {1300, 200, 8192, 2000, 1024}};
    Recording recording;
    recording.variants.push_back(variantOf("Memory", batch, 2000));
    const Json trace = traceOf(recording);
    expectTimesThatPerfettoTakes(trace);
    const Rows rows(trace);
    std::map<std::int64_t, std::vector<std::pair<double, Json>>> samples; // by process
    for (const Json& event : trace.at("traceEvents")) {
        if (event.at("name") == "memory in bytes") {
            EXPECT_EQ(event.at("ph"), "C");
            samples[event.at("pid")].emplace_back(event.at("ts"), event.at("args"));
        }
    }
    const auto values = [](std::uint64_t rss, std::uint64_t pss, std::uint64_t own) {
        return Json{{"rss", rss}, {"pss", pss}, {"private", own}};
    };
    ASSERT_EQ(samples.size(), 2U);
    EXPECT_EQ(samples[100],
        (std::vector<std::pair<double, Json>>{{0.1, values(4096, 3000, 2048)}, {0.3, values(8192, 6000, 4096)}}))
        << "it was not seen to exit";
    EXPECT_EQ(
        samples[200], (std::vector<std::pair<double, Json>>{{0.3, values(8192, 2000, 1024)}, {0.7, values(0, 0, 0)}}));
}

TEST(ChromeTrace, PutsOtherProgramsBetweenTheRunsThreadsOnACore)
{
    Batch batch;
    batch.events = {{1000, 100, 100, EventKind::SwitchIn, 0, 0, 0}, {1300, 100, 100, EventKind::SwitchOut, 0, 0, 0},
        {1600, 100, 100, EventKind::SwitchIn, 0, 0, 0}, {1700, 100, 100, EventKind::SwitchOut, 0, 0, 0}};
    batch.programs = {{500, "hog", OtherProgram::Kind::Program}};
    batch.others = {{1299, 1602, 0, 0}, {1800, 1900, 0, 0}}; // the records of one switch differ by some nanoseconds
    Recording recording;
    recording.variants.push_back(variantOf("Others", batch, 2000));
    std::vector<std::pair<double, double>> slices;
    const Json trace = traceOf(recording);
    for (const Json& event : trace.at("traceEvents")) {
        if (event.at("name") == "hog") {
            EXPECT_EQ(event.at("args").at("pid"), 500);
            slices.emplace_back(event.at("ts"), event.at("dur"));
        }
    }
    EXPECT_EQ(slices, (std::vector<std::pair<double, double>>{{0.3, 0.3}, {0.8, 0.1}}));
}

TEST(ChromeTrace, OfALongRunHasOnlyTimesThatPerfettoTakes)
{
    testing::SimulationOptions options;
    Batch batch = testing::birthsOf(options);
    batch.events = testing::simulate(options);
    const Nanos first = batch.events.front().time;
    for (CpuId cpu = 0; cpu < 2; ++cpu) {
        batch.usage.push_back({first - 3'000'000, first + 1'000'000, cpu, 0.5F, 0, 0.5F});
    }
    const Nanos end = batch.events.back().time + 5;
    Recording recording;
    recording.variants.push_back(variantOf("One", batch, end, testing::builderOptionsOf(options)));
    recording.variants.push_back(variantOf("Two", batch, end, testing::builderOptionsOf(options)));
    const Json trace = traceOf(recording);
    expectTimesThatPerfettoTakes(trace);
    const Rows rows(trace);
    EXPECT_GT(rows.threads.size(), 4U);
}

} // namespace
} // namespace timeslice::chrome_trace_test
