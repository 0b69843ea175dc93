#include "core/recording/export_chrome_trace.h"
#include "core/recording/export_csv.h"
#include "core/trace/labels.h"
#include "core/trace/timeline_builder.h"
#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace timeslice::export_test {
namespace {

constexpr Tid kA = 11;
constexpr Tid kB = 12;
constexpr ObjectId kLock = 5;
constexpr ObjectId kCounter = 6;
constexpr ObjectId kMark = 7;

Event at(Nanos time, Tid tid, EventKind kind, CpuId cpu = kNoCpu, ObjectId object = 0, std::uint64_t value = 0)
{
    return {time, tid, 10, kind, cpu, object, value};
}

/// A holds the lock, B waits for it and takes it over after a timeout.
Recording handOff()
{
    Recording recording;
    recording.created = "2025-01-02T03:04:05+01:00";
    auto variant = std::make_unique<VariantRecording>();
    variant->id = "gil";
    variant->title = "Under the \"GIL\"";
    TimelineBuilder builder(variant->timeline, {{0, 1}, 10, false});
    Batch batch;
    batch.objects = {{kLock, ObjectKind::Gil, 10, "gil"}, {kCounter, ObjectKind::Counter, 10, "x"},
        {kMark, ObjectKind::Mark, 10, "here"}};
    batch.names = {{kA, 10, "A, \"first\"", false}, {kB, 10, "B\nsecond \xFF", false}};
    batch.events = {at(1'000'000, kA, EventKind::SwitchIn, 0), at(1'000'500, kA, EventKind::LockAcquire, kNoCpu, kLock),
        at(1'001'000, kA, EventKind::WorkBegin), at(1'001'234, kB, EventKind::SwitchIn, 1),
        at(1'002'000, kB, EventKind::LockRequest, kNoCpu, kLock), at(1'002'500, kB, EventKind::SwitchOut, 1),
        at(1'003'000, kB, EventKind::LockDropRequest, kNoCpu, kLock), at(1'004'000, kB, EventKind::SwitchIn, 1),
        at(1'004'500, kB, EventKind::LockFalseAlarm, kNoCpu, kLock),
        at(1'005'000, kA, EventKind::LockRelease, kNoCpu, kLock, 1),
        at(1'006'001, kB, EventKind::LockAcquire, kNoCpu, kLock),
        at(1'007'000, kA, EventKind::CounterLoad, kNoCpu, kCounter, 41),
        at(1'007'100, kA, EventKind::CounterStore, kNoCpu, kCounter, 42),
        at(1'008'000, kA, EventKind::SwitchOut, 0, 0, 1), at(1'009'000, kB, EventKind::Mark, kNoCpu, kMark, 3),
        at(1'009'500, kB, EventKind::Latency, kNoCpu, 0, 77)};
    batch.usage = {{1'000'000, 1'005'000, 0, 0.5F, 0, 0.5F}};
    builder.append(batch);
    builder.finish(1'010'000);
    recording.variants.push_back(std::move(variant));
    return recording;
}

std::string csvOf(const Recording& recording)
{
    std::ostringstream out;
    EXPECT_TRUE(exportCsv(recording, out).has_value());
    return out.str();
}

nlohmann::json traceOf(const Recording& recording)
{
    std::ostringstream out;
    EXPECT_TRUE(exportChromeTrace(recording, out).has_value());
    return nlohmann::json::parse(out.str());
}

TEST(CsvExport, HasALineForEachSliceWithTimesFromTheStartOfTheRecording)
{
    EXPECT_EQ(csvOf(handOff()),
        "variant,track,name,begin_ns,duration_ns,state,subject,cause\r\n"
        "gil,core,core 0,0,8000,running,\"A, \"\"first\"\"\",switched in\r\n"
        "gil,core,core 0,8000,2000,not this run,,preempted\r\n"
        "gil,core,core 1,1234,1266,running,\"B\nsecond \xFF\",switched in\r\n"
        "gil,core,core 1,2500,1500,not this run,,blocked\r\n"
        "gil,core,core 1,4000,6000,running,\"B\nsecond \xFF\",switched in\r\n"
        "gil,thread,\"A, \"\"first\"\"\",0,8000,running,core 0,switched in\r\n"
        "gil,thread,\"A, \"\"first\"\"\",8000,2000,runnable,,preempted\r\n"
        "gil,thread,\"B\nsecond \xFF\",1234,1266,running,core 1,switched in\r\n"
        "gil,thread,\"B\nsecond \xFF\",2500,1500,waiting for lock,gil,requested a lock\r\n"
        "gil,thread,\"B\nsecond \xFF\",4000,6000,running,core 1,switched in\r\n"
        "gil,lock,gil,500,4500,held,\"A, \"\"first\"\"\",acquired\r\n"
        "gil,lock,gil,5000,1001,free,,released after timeout\r\n"
        "gil,lock,gil,6001,3999,held,\"B\nsecond \xFF\",acquired\r\n"
        "gil,thread,\"B\nsecond \xFF\",4500,0,false alarm,gil,woken in vain\r\n"
        "gil,mark,\"B\nsecond \xFF\",9000,0,mark,here,\r\n");
}

TEST(CsvExport, HasTheMemoryOfEachProcessAndHowItEnded)
{
    Recording recording;
    auto variant = std::make_unique<VariantRecording>();
    variant->id = "fork";
    TimelineBuilder builder(variant->timeline, {{0}, 10, false});
    Batch batch;
    batch.names = {{10, 10, "main", false}, {20, 20, "child", false}};
    batch.events = {at(1'000'000, 10, EventKind::SwitchIn, 0),
        {1'001'000, 20, 20, EventKind::ThreadBorn, kNoCpu, 0, 10}, {1'002'000, 20, 20, EventKind::ThreadExit},
        at(1'003'000, 10, EventKind::ProcessReaped, kNoCpu, 0, Reaping{20, 9}.bits())};
    batch.memory = {{1'001'500, 20, 4096, 2048, 1024}};
    builder.append(batch);
    builder.finish(1'010'000);
    recording.variants.push_back(std::move(variant));
    const std::string csv = csvOf(recording);
    EXPECT_TRUE(csv.ends_with("fork,memory,child,1500,0,rss,4096,bytes\r\n"
                              "fork,memory,child,1500,0,pss,2048,bytes\r\n"
                              "fork,memory,child,1500,0,private,1024,bytes\r\n"
                              "fork,process,child,3000,0,reaped,,killed by SIGKILL\r\n"))
        << csv;
}

TEST(CsvExport, CoversEveryNanosecondOfEveryTrack)
{
    testing::SimulationOptions options;
    Recording recording;
    auto variant = std::make_unique<VariantRecording>();
    TimelineBuilder builder(variant->timeline, testing::builderOptionsOf(options));
    Batch batch = testing::birthsOf(options);
    batch.events = testing::simulate(options);
    builder.append(batch);
    builder.finish(batch.events.back().time + 5);
    Nanos expected = 0;
    const auto add = [&expected](const auto& rows) {
        for (const auto& row : rows) {
            expected += row.track.end() - row.track.begin();
        }
    };
    add(variant->timeline.cores);
    add(variant->timeline.threads);
    add(variant->timeline.locks);
    recording.variants.push_back(std::move(variant));
    std::istringstream lines(csvOf(recording));
    std::string line;
    std::getline(lines, line);
    Nanos covered = 0;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string field;
        for (int i = 0; i < 5; ++i) {
            std::getline(fields, field, ',');
        }
        covered += std::stoll(field);
    }
    EXPECT_EQ(covered, expected);
}

TEST(ChromeTraceExport, TellsTheHandOffOfALock)
{
    const nlohmann::json trace = traceOf(handOff());
    EXPECT_EQ(
        trace.at("otherData").at("variants").at(0).at("work"), (nlohmann::json{{"begin_ns", 1000}, {"end_ns", 10000}}));
    std::map<int, std::string> rows;
    std::map<char, std::vector<nlohmann::json>> byPhase;
    for (const nlohmann::json& event : trace.at("traceEvents")) {
        const std::string phase = event.at("ph");
        ASSERT_EQ(phase.size(), 1U);
        byPhase[phase[0]].push_back(event);
        if (event.at("name") == "thread_name") {
            rows[event.at("tid")] = event.at("args").at("name");
        } else if (phase != "M") {
            ASSERT_GE(event.at("ts").get<double>(), 0);
        }
    }
    const auto row = [&rows](const nlohmann::json& event) { return rows[event.at("tid")]; };
    std::set<std::string> names;
    for (const auto& entry : rows) {
        names.insert(entry.second);
    }
    EXPECT_EQ(names, (std::set<std::string>{"core 0", "core 1", "A, \"first\"", "B\nsecond \xEF\xBF\xBD", "GIL: gil"}));

    ASSERT_EQ(byPhase['s'].size(), 1U);
    ASSERT_EQ(byPhase['f'].size(), 1U);
    const nlohmann::json& from = byPhase['s'][0];
    const nlohmann::json& to = byPhase['f'][0];
    EXPECT_EQ(from.at("id"), to.at("id"));
    EXPECT_EQ(from.at("ts"), 4.999) << "within the hold that ends at 5 us";
    EXPECT_EQ(to.at("ts"), 6.001);
    EXPECT_EQ(row(from), "A, \"first\"");
    EXPECT_EQ(row(to), "B\nsecond \xEF\xBF\xBD");
    EXPECT_EQ(from.at("args").at("cause"), "released after timeout");

    // The states that Perfetto's scheduling views read.
    std::vector<std::string> states;
    for (const nlohmann::json& event : byPhase['T']) {
        EXPECT_EQ(event.at("cat"), "thread_state");
        states.push_back(event.at("name"));
        if (states.back() == "Running") {
            EXPECT_TRUE(event.at("args").at("cpu").is_number_integer());
        }
    }
    EXPECT_EQ(states, (std::vector<std::string>{"Running", "R+", "Running", "S", "Running"}));

    int holds = 0;
    bool waited = false;
    for (const nlohmann::json& event : byPhase['X']) {
        holds += row(event) == "GIL: gil" ? 1 : 0;
        if (event.at("name") == "waiting for lock: gil") {
            waited = true;
            EXPECT_EQ(event.at("ts"), 2.5);
            EXPECT_EQ(event.at("dur"), 1.5);
            EXPECT_EQ(event.at("args").at("ended"), "switched in");
        }
    }
    EXPECT_EQ(holds, 2);
    EXPECT_TRUE(waited);
    std::map<std::string, int> counters;
    for (const nlohmann::json& event : byPhase['C']) {
        ++counters[event.at("name")];
        if (event.at("name") == "x") {
            EXPECT_EQ(event.at("args").at("value"), 42);
        }
    }
    EXPECT_EQ(counters, (std::map<std::string, int>{{"x", 1}, {"core 0 usage in %", 1}}));
    std::set<std::string> moments;
    for (const nlohmann::json& event : byPhase['i']) {
        moments.insert(event.at("name"));
    }
    EXPECT_EQ(moments, (std::set<std::string>{"drop request", "false alarm", "here", "latency"}));
}

TEST(ChromeTraceExport, OfNothingIsStillATrace)
{
    EXPECT_TRUE(traceOf({}).at("traceEvents").empty());
}

TEST(Export, ReplacesAFileWholeAndReportsAFailedStream)
{
    std::string folder = (std::filesystem::temp_directory_path() / "timeslice-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path path = std::filesystem::path(folder) / "out";
    std::ofstream(path) << std::string(100'000, 'x');
    EXPECT_TRUE(exportCsv(handOff(), path).has_value());
    std::ifstream file(path, std::ios::binary);
    EXPECT_EQ(std::string((std::istreambuf_iterator<char>(file)), {}), csvOf(handOff()));
    EXPECT_TRUE(exportChromeTrace(handOff(), path).has_value());
    std::filesystem::remove_all(folder);

    const Result<void> full = exportCsv(handOff(), std::filesystem::path("/dev/full"));
    ASSERT_FALSE(full.has_value());
    EXPECT_NE(full.error().message.find("No space left on device"), std::string::npos) << full.error().message;
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/full")) << "a device is written to, not replaced";
    std::ostringstream bad;
    bad.setstate(std::ios::badbit);
    EXPECT_FALSE(exportCsv(handOff(), bad).has_value());
    EXPECT_FALSE(exportChromeTrace(handOff(), bad).has_value());
}

TEST(Export, SaysWhyThereIsNoGilToSee)
{
    Recording recording = handOff();
    recording.variants[0]->timeline.gilNote = "Jython has none, by design";
    const std::string csv = csvOf(recording);
    EXPECT_NE(csv.find("gil,lock,GIL,0,10000,not observable,,\"Jython has none, by design\"\r\n"), std::string::npos)
        << csv;
    const nlohmann::json trace = traceOf(recording);
    EXPECT_EQ(trace.at("otherData").at("variants").at(0).at("gil"), "Jython has none, by design");
    int labels = 0;
    for (const nlohmann::json& event : trace.at("traceEvents")) {
        if (event.at("name") == "process_labels") {
            ++labels;
            EXPECT_EQ(event.at("args").at("labels"), "Jython has none, by design");
        }
    }
    EXPECT_EQ(labels, 1);
}

TEST(Export, TellsThatAThreadsLastReleaseOfTheGilWasItsEnd)
{
    Recording recording;
    recording.variants.push_back(std::make_unique<VariantRecording>());
    Timeline& timeline = recording.variants[0]->timeline;
    TimelineBuilder builder(timeline, {{0, 1}, 10, false});
    Batch batch;
    batch.objects = {{5, ObjectKind::Gil, 10, "GIL"}};
    batch.events = {{0, 11, 10, EventKind::SwitchIn, 0, 0, 0}, {1000, 11, 10, EventKind::LockAcquire, kNoCpu, 5, 0},
        {2000, 11, 10, EventKind::LockRelease, kNoCpu, 5, 0}, {2100, 11, 10, EventKind::ThreadExit, 0, 0, 0},
        {2200, 12, 10, EventKind::LockAcquire, kNoCpu, 5, 0}};
    builder.append(batch);
    builder.finish(3000);
    EXPECT_NE(csvOf(recording).find("lock,GIL,2000,200,free,,released at exit"), std::string::npos);
    int arrows = 0;
    const nlohmann::json trace = traceOf(recording);
    for (const nlohmann::json& event : trace.at("traceEvents")) {
        if (event.at("ph") == "s") {
            ++arrows;
            EXPECT_EQ(event.at("args").at("cause"), "released at exit");
        }
    }
    EXPECT_EQ(arrows, 1);
}

Timeline rowsOf(const std::vector<std::pair<Pid, std::string>>& threads)
{
    Timeline timeline;
    for (const auto& [pid, name] : threads) {
        ThreadInfo& thread = timeline.threads.emplace_back();
        thread.tid = 1000 + static_cast<Tid>(timeline.threads.size());
        thread.pid = pid;
        thread.name = name;
    }
    return timeline;
}

void addLocks(Timeline& timeline, const std::vector<std::pair<Pid, std::string>>& locks)
{
    for (const auto& [pid, name] : locks) {
        LockInfo& lock = timeline.locks.emplace_back();
        lock.id = static_cast<ObjectId>(timeline.locks.size());
        lock.pid = pid;
        lock.name = name;
    }
}

using Names = std::vector<std::string>;

TEST(RowLabels, LeaveTheNamesOfOneProcessAsTheyAreAndAddTheIdToThoseThatAreShared)
{
    Timeline timeline = rowsOf({{10, "Worker"}, {10, "Worker"}, {10, "Main"}, {10, ""}});
    addLocks(timeline, {{10, "A"}, {10, "A"}, {0, "B"}, {10, ""}});
    const RowLabels labels(timeline);
    EXPECT_EQ(labels.threads, (Names{"Worker (1001)", "Worker (1002)", "Main", "thread 1004"}));
    EXPECT_EQ(labels.locks, (Names{"A (1)", "A (2)", "B", "lock 4"}));
}

TEST(RowLabels, NumberTheProcessesWhereTheirRowsShareNames)
{
    Timeline timeline = rowsOf({{10, "MainThread"}, {10, "Thread 1"}, {20, "MainThread"}, {30, "MainThread"},
        {30, "Thread 1"}, {30, "Thread 1"}, {40, "ticker"}});
    addLocks(timeline, {{10, "GIL"}, {20, "GIL"}, {30, "GIL"}, {30, "GIL"}, {40, "GIL"}, {0, "shared"}});
    const RowLabels labels(timeline);
    EXPECT_EQ(labels.threads,
        (Names{"P1 MainThread", "P1 Thread 1", "Process 2", "P3 MainThread", "P3 Thread 1 (1005)", "P3 Thread 1 (1006)",
            "ticker"}));
    EXPECT_EQ(labels.locks,
        (Names{"GIL of Process 1", "GIL of Process 2", "GIL of Process 3 (3)", "GIL of Process 3 (4)", "GIL of ticker",
            "shared"}));
}

TEST(RowLabels, GiveCoordinatingProcessesTheLastNumbers)
{
    Timeline timeline = rowsOf({{10, "worker"}, {20, "main"}, {20, "Thread 1"}, {30, "main"}});
    timeline.threads[0].auxiliary = true;
    addLocks(timeline, {{20, "GIL"}, {30, "GIL"}});
    const RowLabels labels(timeline);
    EXPECT_EQ(labels.threads, (Names{"worker", "P1 main", "Thread 1", "Process 2"}));
    EXPECT_EQ(labels.locks, (Names{"GIL of Process 1", "GIL of Process 2"}));
}

} // namespace
} // namespace timeslice::export_test
