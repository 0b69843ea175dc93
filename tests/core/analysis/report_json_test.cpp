#include "core/analysis/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timeslice::report_json_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A report in which every field has a value of its own.
RunReport fullReport()
{
    RunReport report;
    report.scenario = "three-ways";
    report.machine = {2, "Linux 6.1", "A processor", {{"CPython", "3.11.2"}}};
    report.source = Source::Inferred;
    report.stopped = true;
    VariantReport variant;
    variant.id = "gil";
    variant.name = "Threads";
    variant.engine = Engine::Model;
    variant.exit = {Exit::Kind::Deadlocked, 9, "deadlock"};
    variant.wall = 1'000'000'001;
    variant.cpu = 1'500'000'000;
    variant.stolen = 7;
    variant.foreignCpu = 8;
    variant.stolenShare = 0.125;
    variant.foreignShare = 0.25;
    variant.parallelism = 1.5;
    variant.deadlockedThreads = 2;
    variant.voluntary = 3;
    variant.preempted = 4;
    variant.migrations = 5;
    variant.cores.push_back({1, 20, 21, 22, 23, 24});
    variant.threads.push_back({101, 100, "Thread 1", false, 1, 2, 3, 4, 5, 6, 7});
    variant.threads.push_back({100, 100, "main", true, 0, 0, 0, 0, 0, 0, 0});
    variant.processes.push_back({100, 0, "main", true, 0, MemoryPeak{4096, 2048, 1024}});
    variant.processes.push_back({101, 100, "Thread 1", false, 11, std::nullopt});
    variant.memory = MemoryPeak{8192, 4096, 3072};
    LockReport lock;
    lock.id = 7;
    lock.name = "GIL";
    lock.kind = "gil";
    lock.pid = 100;
    lock.holds = 10;
    lock.hold = 11;
    lock.wait = 12;
    lock.longestWait = 13;
    lock.dropRequests = 14;
    lock.handoffsTimeout = 15;
    lock.handoffsVoluntary = 16;
    lock.handoffsExit = 17;
    lock.holdMillis = {1.5, 2.5, 3.5, 18};
    lock.timeoutHoldMillis = {5.5, 6.5, 7.5, 15};
    lock.maxConcurrentHolders = 1;
    lock.heldShare = 0.75;
    lock.waits = 8;
    lock.waitsInVain = 1;
    lock.falseAlarms = 19;
    lock.waitMillis = {0.5, 4.5, 8.5, 8};
    lock.holdTimes.add(3);
    lock.holdTimes.add(3 * kMillisecond);
    lock.waitTimes.add(500 * kMicrosecond);
    variant.locks.push_back(lock);
    variant.locking = LockingReport{40, 20, 2, 9};
    variant.threads[0].falseAlarms = 21;
    variant.counters.push_back({"x", 200, 150, LossesFound{48, 2, 30, 29}});
    variant.counterTracks.push_back({"y", 100, 12, -3});
    variant.marks.push_back({"here", 3, -1'000'000, 2'000'000'001, 7});
    variant.latencyMillis = Quantiles{0.5, 1.5, 2.5, 40};
    variant.events = 1000;
    variant.lostEvents = 1;
    variant.recordingCost = 99;
    variant.source = Source::Inferred;
    variant.findings = {"Thread 1 read 41."};
    variant.extra = {{"note", "x"}};
    report.variants.push_back(variant);
    Verdict verdict;
    verdict.claim = "same-time";
    verdict.text = "It is so.";
    verdict.metric = "gil/parallelism";
    verdict.measured = 1.5;
    verdict.low = 0.5;
    verdict.high = 2;
    verdict.holds = true;
    verdict.why = "Because.";
    verdict.whyInBrief = "So.";
    verdict.headline = "1.50";
    verdict.caption = "cores";
    report.verdict = verdict;
    return report;
}

std::string complaint(const json& document)
{
    const auto report = reportFromJson(document);
    EXPECT_FALSE(report.has_value());
    return report ? "" : report.error().message;
}

TEST(ReportJson, HasTheKeysThatAScenariosMetricMayNameAndNoOther)
{
    std::vector<std::string> written;
    const json variant = toJson(fullReport().variants.front()); // items() refers to it
    for (const auto& [key, value] : variant.items()) {
        written.push_back(key);
    }
    EXPECT_THAT(variantReportKeys(), testing::UnorderedElementsAreArray(written));
}

TEST(ReportJson, ComesBackAsItWas)
{
    const json written = toJson(fullReport());
    // Through text, as a recording keeps it.
    const auto read = reportFromJson(json::parse(written.dump()));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(toJson(*read), written);
    EXPECT_EQ(read->variants[0].wall, 1'000'000'001) << "to the nanosecond";
    EXPECT_EQ(read->variants[0].exit.kind, Exit::Kind::Deadlocked);
    EXPECT_TRUE(read->variants[0].threads[1].auxiliary);
    EXPECT_EQ(read->verdict->holds, true);
}

TEST(ReportJson, OfBeforeWaitsWereCountedSaysNothingOfThem)
{
    json written = toJson(fullReport());
    json& variant = written["variants"][0];
    json& lock = variant["locks"][0];
    for (const char* key :
        {"waits", "waits_in_vain", "contention", "wait_ms", "hold_histogram", "wait_histogram", "false_alarms"}) {
        EXPECT_EQ(lock.erase(key), 1U) << key;
    }
    variant.erase("locking");
    const auto read = reportFromJson(written);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    const LockReport& old = read->variants[0].locks[0];
    EXPECT_FALSE(old.waits.has_value() || old.falseAlarms.has_value()) << "unknown, and not none";
    EXPECT_TRUE(old.waitTimes.empty());
    EXPECT_FALSE(read->variants[0].locking.has_value());
    EXPECT_EQ(toJson(*read), written);
}

TEST(ReportJson, RefusesHistogramsWithBinsThatThereAreNot)
{
    for (const auto& [key, value] :
        std::vector<std::pair<std::string, json>>{{"per_decade", 20}, {"first", -61}, {"first", 90},
            {"counts", json::array({-1})}, {"counts", json::array({1e300})}, {"counts", std::vector<int>(200, 1)}}) {
        json written = toJson(fullReport());
        written["variants"][0]["locks"][0]["hold_histogram"][key] = value;
        EXPECT_THAT(complaint(written), HasSubstr("variants/0/locks/0/hold_histogram")) << key << " " << value;
    }
}

TEST(ReportJson, ComesBackWithWhatOnlyPythonRunsHave)
{
    RunReport report = fullReport();
    report.variants[0].engine = Engine::CPython;
    report.variants[0].interpreter = "CPython 3.11.2, /usr/bin/python3";
    VariantReport missing;
    missing.id = "pypy";
    missing.engine = Engine::OtherPython;
    missing.exit = {Exit::Kind::NotRun, 0, "PyPy is not installed (Debian's package: pypy3)"};
    missing.gilNote = "PyPy has a GIL, but it cannot be observed";
    report.variants.push_back(missing);
    report.holdComparison = HoldComparison{"real", "model", {5, 6, 7, 8}, {4, 5, 6, 9}, 1.25, 0.5};
    report.verdict->holds.reset();
    report.verdict->silence = Silence::NotVisible;
    const json written = toJson(report);
    EXPECT_EQ(written["variants"][0]["engine"], "cpython");
    EXPECT_EQ(written["variants"][1]["exit"]["kind"], "not-run");
    EXPECT_EQ(written["variants"][1]["engine"], "python");
    EXPECT_EQ(written["hold_comparison"]["ks_distance"], 0.5);
    const auto read = reportFromJson(json::parse(written.dump()));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(toJson(*read), written);
    EXPECT_EQ(read->variants[0].interpreter, "CPython 3.11.2, /usr/bin/python3");
    EXPECT_EQ(read->variants[1].exit.kind, Exit::Kind::NotRun);
    EXPECT_EQ(read->holdComparison->second, "model");
    EXPECT_EQ(read->verdict->silence, Silence::NotVisible);
}

TEST(ReportFromJson, ReadsAReportFromBeforeThereWereTimedOutHoldsAndSilences)
{
    RunReport old = fullReport();
    old.verdict->holds.reset();
    json document = toJson(old);
    document["variants"][0]["locks"][0].erase("timeout_hold_ms");
    document["verdict"].erase("silence");
    const auto seen = reportFromJson(document);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->verdict->silence, Silence::NotVisible) << "there is a number, but no answer";
    document["verdict"]["measured"] = nullptr;
    EXPECT_EQ(reportFromJson(document)->verdict->silence, Silence::NoAnswer);
    document["verdict"]["holds"] = true;
    EXPECT_EQ(reportFromJson(document)->verdict->silence, Silence::None);
}

TEST(ReportJson, HasTheNamesAndUnitsThatItsSchemaPromises)
{
    const json report = toJson(fullReport());
    EXPECT_EQ(report["schema"], "timeslice.report/1");
    const json& variant = report["variants"][0];
    for (const char* key : {"name", "engine", "exit", "wall_s", "cpu_s", "parallelism", "steal_s", "context_switches",
             "threads", "locks", "counters", "latency_ms", "events", "lost_events", "recording_cost_s"}) {
        EXPECT_TRUE(variant.contains(key)) << key;
    }
    EXPECT_DOUBLE_EQ(variant["cpu_s"].get<double>(), 1.5);
    EXPECT_EQ(variant["locks"][0]["handoffs"], (json{{"timeout", 15}, {"voluntary", 16}, {"exit", 17}}));
    EXPECT_EQ(variant["counters"][0]["lost"], 50);
    EXPECT_DOUBLE_EQ(variant["counters"][0]["lost_share"].get<double>(), 0.25);
    EXPECT_EQ(variant["counters"][0]["found"], 48);
    EXPECT_EQ(variant["counters"][0]["unexplained"], 2);
    EXPECT_EQ(variant["counters"][0]["losses"], 30);
    EXPECT_EQ(variant["counters"][0]["losses_step_by_step"], 29);
    EXPECT_EQ(report["verdict"]["band"], json::array({0.5, 2.0}));
}

TEST(ReportJson, SaysNullWhereNothingWasVisible)
{
    RunReport report = fullReport();
    report.verdict->holds.reset();
    report.verdict->measured.reset();
    const json written = toJson(report);
    EXPECT_TRUE(written["verdict"]["holds"].is_null());
    EXPECT_TRUE(written["verdict"]["measured"].is_null());
    EXPECT_FALSE(reportFromJson(written)->verdict->holds.has_value());
}

TEST(ReportFromJson, SaysWhatIsMissingOrWrongAndWhere)
{
    json document = toJson(fullReport());
    document["variants"][0]["threads"][0].erase("tid");
    EXPECT_THAT(complaint(document), HasSubstr("variants/0/threads/0/tid: missing"));
    document = toJson(fullReport());
    document["variants"][0]["wall_s"] = "long";
    EXPECT_THAT(complaint(document), HasSubstr("variants/0/wall_s: expected a number, found string"));
    document = toJson(fullReport());
    document["variants"][0]["exit"]["kind"] = "vanished";
    EXPECT_THAT(complaint(document), HasSubstr("variants/0/exit/kind: unknown word 'vanished'"));
    document = toJson(fullReport());
    document["machine"]["cores"] = 1e10;
    EXPECT_THAT(complaint(document), HasSubstr("machine/cores"));
    EXPECT_THAT(complaint(json::array()), HasSubstr("expected an object"));
    EXPECT_THAT(complaint(json(json::value_t::discarded)), HasSubstr("expected an object"));
}

TEST(ReportFromJson, RefusesANewerSchema)
{
    json document = toJson(fullReport());
    document["schema"] = "timeslice.report/2";
    EXPECT_THAT(complaint(document), HasSubstr("this version of Timeslice reads 'timeslice.report/1'"));
}

TEST(ReportFromJson, RefusesNumbersThatDoNotFit)
{
    json document = toJson(fullReport());
    document["variants"][0]["wall_s"] = 1e300;
    EXPECT_THAT(complaint(document), HasSubstr("variants/0/wall_s: out of range"));
    document = toJson(fullReport());
    document["variants"][0]["events"] = -1;
    EXPECT_THAT(complaint(document), HasSubstr("variants/0/events: out of range"));
    document = toJson(fullReport());
    document["variants"][0]["threads"][0]["tid"] = std::int64_t{1} << 40;
    EXPECT_THAT(complaint(document), HasSubstr("tid: out of range"));
}

/// Whatever one part of a report is replaced by, reading it ends in a report or a message.
TEST(ReportFromJson, SurvivesAnyWrongType)
{
    const json original = toJson(fullReport());
    const std::vector<json> wrongs = {nullptr, true, -1, 1e308, "text", json::array({1, "x"}), json::object()};
    const json flat = original.flatten();
    for (const auto& [pointer, value] : flat.items()) {
        for (const json& wrong : wrongs) {
            json document = original;
            document[json::json_pointer(pointer)] = wrong;
            const auto report = reportFromJson(document);
            EXPECT_TRUE(report.has_value() || !report.error().message.empty());
        }
    }
}

TEST(MachineFacts, NameThisMachine)
{
    const MachineFacts facts = machineFacts();
    EXPECT_GE(facts.cores, 1);
    EXPECT_THAT(facts.kernel, testing::StartsWith("Linux "));
}

} // namespace
} // namespace timeslice::report_json_test
