// Who woke whom, in each file that a run may be kept in.
#include "core/recording/export_chrome_trace.h"
#include "core/recording/export_csv.h"
#include "core/recording/live_recording.h"
#include "core/recording/recording.h"
#include "core/trace/labels.h"
#include "core/trace/timeline_builder.h"
#include "core/trace/waker.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace timeslice::wakeup_recording_test {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr Tid kA = 11;
constexpr Tid kB = 12;
constexpr Tid kC = 13;

Event at(Nanos time, Tid tid, EventKind kind, CpuId cpu = kNoCpu, std::uint64_t value = 0)
{
    return {time, tid, 10, kind, cpu, 0, value};
}

/// B sleeps and is woken by A, then by a timer, then by a stranger, and waits for the core each time.
Batch wakes()
{
    Batch batch;
    batch.names = {{kA, 10, "Waker", false}, {kB, 10, "Sleeper", false}};
    batch.events = {at(1000, kA, EventKind::SwitchIn, 0), at(1000, kB, EventKind::SwitchIn, 1)};
    Nanos t = 2000;
    for (const WokenBy by :
        {WokenBy{WokenBy::Kind::Thread, kA}, WokenBy{WokenBy::Kind::Interrupt, 0}, WokenBy{WokenBy::Kind::Thread, 7}}) {
        batch.events.push_back(at(t, kB, EventKind::SwitchOut, 1));
        batch.events.push_back(at(t + 100, kB, EventKind::Wakeup, 1, by.bits()));
        batch.events.push_back(at(t + 150, kB, EventKind::SwitchIn, 1));
        t += 1000;
    }
    batch.drainedAt = 6000;
    batch.wakeups = true;
    batch.lost.wakeups = 3;
    return batch;
}

/// Without the kernel's word: B sleeps until 3 ms and has a core at 5; the gate opens at 0, and C comes at 2 ms.
Batch deadlines()
{
    constexpr Nanos kMs = kMillisecond;
    Batch batch;
    batch.names = {{kA, 10, "Opener", true}, {kB, 10, "Sleeper", false}, {kC, 10, "Late", false}};
    batch.events = {at(100, kB, EventKind::SwitchIn, 1), at(200, kB, EventKind::SwitchOut, 1),
        at(200, kC, EventKind::SwitchIn, 1), at(210, kC, EventKind::StartDelay, kNoCpu, 2 * kMs),
        at(300, kC, EventKind::SwitchOut, 1), at(1000, kA, EventKind::SwitchIn, 0),
        at(1000, kA, EventKind::WorkBegin, kNoCpu, static_cast<std::uint64_t>(WorkStart::Gate)),
        at(1000, kB, EventKind::SwitchIn, 1), at(1100, kB, EventKind::WaitUntil, kNoCpu, 3 * kMs + 100),
        at(1200, kB, EventKind::SwitchOut, 1), at(5 * kMs, kB, EventKind::SwitchIn, 1)};
    batch.drainedAt = 6 * kMs;
    return batch;
}

Recording recordingOf(const Batch& batch)
{
    Recording recording;
    recording.created = "2026-01-02T03:04:05+01:00";
    auto variant = std::make_unique<VariantRecording>();
    variant->id = "wakes";
    TimelineBuilder builder(variant->timeline, {{0, 1}, 10, false});
    builder.append(batch);
    builder.finish(batch.drainedAt + 1000);
    recording.variants.push_back(std::move(variant));
    return recording;
}

/// "Waker 100+50", for each stretch in which B was ready after a wake-up.
std::vector<std::string> wakersOf(const Timeline& timeline)
{
    std::vector<std::string> lines;
    const RowLabels labels(timeline);
    const Track& track = timeline.threads.at(timeline.threadIndex(kB).value()).track;
    for (std::size_t i = 0; i < track.size(); ++i) {
        const Slice slice = track.slice(i);
        if (slice.value.state() == SliceState::Runnable) {
            lines.push_back(std::string(labels.wakerText(Waker::of(slice.value))) + ' '
                + std::to_string(slice.begin % 1000) + '+' + std::to_string(slice.length()));
        }
    }
    return lines;
}

const std::vector<std::string> kWakers{"Waker 100+50", "an interrupt 100+50", "not this run 100+50"};

class WakeupFiles : public ::testing::Test {
protected:
    void SetUp() override
    {
        m_folder = std::filesystem::temp_directory_path() / ("timeslice-wakeups-" + std::to_string(getpid()));
        std::filesystem::create_directory(m_folder);
    }
    void TearDown() override { std::filesystem::remove_all(m_folder); }
    std::filesystem::path path() const { return m_folder / "r.timeslice"; }

    std::filesystem::path m_folder;
};

TEST_F(WakeupFiles, ARecordingKeepsWhoWokeWhomAndHowFarThatIsKnown)
{
    const Recording recording = recordingOf(wakes());
    ASSERT_EQ(wakersOf(recording.variants[0]->timeline), kWakers);
    ASSERT_TRUE(saveRecording(recording, path()).has_value());
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    const Timeline& timeline = loaded->recording.variants[0]->timeline;
    EXPECT_EQ(wakersOf(timeline), kWakers);
    EXPECT_EQ(timeline.wakeupsUntil, 6000);
    EXPECT_EQ(timeline.lost.wakeups, 3U);
}

TEST_F(WakeupFiles, OneWithoutWakeUpsHasNoneAfterwardsEither)
{
    Batch batch = wakes();
    batch.wakeups = false;
    batch.lost.wakeups = 0;
    ASSERT_TRUE(saveRecording(recordingOf(batch), path()).has_value());
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value());
    EXPECT_FALSE(loaded->recording.variants[0]->timeline.wakeupsUntil);
    EXPECT_EQ(loaded->recording.variants[0]->timeline.lost.wakeups, 0U);
}

TEST_F(WakeupFiles, AWakerThatIsNoThreadOfTheFileIsRefused)
{
    Recording recording = recordingOf(wakes());
    Track& track = recording.variants[0]->timeline.threads[0].track;
    track.mapValues([](SliceValue value) {
        return SliceValue(SliceState::Runnable, value.cause(), Waker{Waker::Kind::Thread, 2}.subject(), 2);
    });
    ASSERT_TRUE(saveRecording(recording, path()).has_value());
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_FALSE(loaded.has_value());
    EXPECT_THAT(loaded.error().message, HasSubstr("impossible"));
}

TEST_F(WakeupFiles, ARecordingThatGrowsKeepsThemToo)
{
    const Recording recording = recordingOf(wakes());
    Result<std::optional<LiveRecording>> created = LiveRecording::create(path(), recording);
    ASSERT_TRUE(created.has_value() && created->has_value());
    LiveRecording& live = **created;
    live.begin(0, *recording.variants[0], {{0, 1}, 10, false});
    live.append(wakes());
    live.end(7000, "");
    ASSERT_TRUE(live.flush().has_value());
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    const Timeline& timeline = loaded->recording.variants[0]->timeline;
    EXPECT_EQ(wakersOf(timeline), kWakers);
    EXPECT_EQ(timeline.wakeupsUntil, 6000);
    EXPECT_EQ(timeline.lost.wakeups, 3U);
}

TEST_F(WakeupFiles, AThreadThatIsReadyByItsOwnWordIsSoInEachOfThem)
{
    const Recording recording = recordingOf(deadlines());
    std::ostringstream table;
    ASSERT_TRUE(exportCsv(recording, table).has_value());
    EXPECT_THAT(table.str(), HasSubstr("wakes,thread,Sleeper,3000000,1999900,runnable,an interrupt,woken\r\n"));
    EXPECT_THAT(table.str(), HasSubstr("wakes,thread,Late,2000900,4000000,runnable,an interrupt,woken\r\n"));

    const auto tableOfLoaded = [this] {
        const Result<LoadedRecording> loaded = loadRecording(path());
        std::ostringstream out;
        EXPECT_TRUE(loaded.has_value() && exportCsv(loaded->recording, out).has_value());
        return out.str();
    };
    ASSERT_TRUE(saveRecording(recording, path()).has_value());
    EXPECT_EQ(tableOfLoaded(), table.str());
    std::filesystem::remove(path());

    Result<std::optional<LiveRecording>> created = LiveRecording::create(path(), recording);
    ASSERT_TRUE(created.has_value() && created->has_value());
    LiveRecording& live = **created;
    live.begin(0, *recording.variants[0], {{0, 1}, 10, false});
    live.append(deadlines());
    live.end(deadlines().drainedAt + 1000, "");
    ASSERT_TRUE(live.flush().has_value());
    EXPECT_EQ(tableOfLoaded(), table.str());

    std::ostringstream trace;
    ASSERT_TRUE(exportChromeTrace(recording, trace).has_value());
    EXPECT_FALSE(Json::parse(trace.str()).at("otherData").at("variants")[0].contains("wakeups"))
        << "the kernel has told of none";
}

TEST(WakeupExport, TheTableNamesTheWakerOfEachStretchOfWaitingForACore)
{
    std::ostringstream out;
    ASSERT_TRUE(exportCsv(recordingOf(wakes()), out).has_value());
    EXPECT_THAT(out.str(), HasSubstr("wakes,thread,Sleeper,1100,50,runnable,Waker,woken\r\n"));
    EXPECT_THAT(out.str(), HasSubstr("wakes,thread,Sleeper,2100,50,runnable,an interrupt,woken\r\n"));
    EXPECT_THAT(out.str(), HasSubstr("wakes,thread,Sleeper,3100,50,runnable,not this run,woken\r\n"));
}

TEST(WakeupExport, TheTraceHasAnArrowFromTheWakerAndSaysWhoElseItWas)
{
    std::ostringstream out;
    ASSERT_TRUE(exportChromeTrace(recordingOf(wakes()), out).has_value());
    const Json trace = Json::parse(out.str());
    EXPECT_EQ(trace.at("otherData").at("variants")[0].at("wakeups"), "measured");
    std::vector<Json> arrows;
    std::vector<std::string> wakers;
    std::map<std::string, Json> rows;
    for (const Json& event : trace.at("traceEvents")) {
        if (event.at("name") == "thread_name") {
            rows[event.at("args").at("name").get<std::string>()] = event.at("tid");
        } else if (event.at("name") == "wake-up") {
            arrows.push_back(event);
        } else if (event.at("name") == "runnable") {
            wakers.push_back(event.at("args").at("woken_by"));
        }
    }
    EXPECT_EQ(wakers, (std::vector<std::string>{"Waker", "an interrupt", "not this run"}));
    ASSERT_EQ(arrows.size(), 2U) << "its beginning and its end: the two others have no row to come from";
    EXPECT_EQ(arrows[0].at("ph"), "s");
    EXPECT_EQ(arrows[0].at("tid"), rows.at("Waker"));
    EXPECT_EQ(arrows[1].at("ph"), "f");
    EXPECT_EQ(arrows[1].at("tid"), rows.at("Sleeper"));
    EXPECT_EQ(arrows[0].at("ts"), arrows[1].at("ts"));
    EXPECT_EQ(arrows[0].at("id"), arrows[1].at("id"));
}

} // namespace
} // namespace timeslice::wakeup_recording_test
