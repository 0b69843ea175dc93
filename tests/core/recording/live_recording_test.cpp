// The recording file that grows while the run goes on: what is in it when the end comes by force.
#include "core/recording/live_recording.h"
#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace timeslice::live_recording_test {
namespace {

namespace fs = std::filesystem;

class LiveRecordingTest : public ::testing::Test {
protected:
    LiveRecordingTest()
    {
        std::string name = (fs::temp_directory_path() / "timeslice-test-XXXXXX").string();
        m_folder = ::mkdtemp(name.data());
        m_recording.scenarioJson = R"({"id": "three-ways"})";
        m_recording.created = "2025-01-02T03:04:05+01:00";
        for (const char* id : {"one", "two"}) {
            m_recording.variants.push_back(std::make_unique<VariantRecording>());
            m_recording.variants.back()->id = id;
            m_recording.variants.back()->title = std::string("The ") + id;
        }
    }
    ~LiveRecordingTest() override { fs::remove_all(m_folder); }

    fs::path path() const { return m_folder / "r.timeslice"; }
    std::size_t files() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(m_folder), fs::directory_iterator()));
    }
    LiveRecording created()
    {
        Result<std::optional<LiveRecording>> live = LiveRecording::create(path(), m_recording);
        EXPECT_TRUE(live.has_value() && live->has_value());
        return std::move(**live);
    }

    fs::path m_folder;
    Recording m_recording;
};

std::string bytesOf(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<LoadedRecording> loadedFrom(const std::string& bytes)
{
    return loadRecordingFromBytes(std::as_bytes(std::span(bytes.data(), bytes.size())), "live");
}

/// A run in many batches, some of whose events come late.
std::vector<Batch> batchesOf(const testing::SimulationOptions& options, std::size_t perBatch = 50)
{
    const std::vector<Event> events = testing::simulate(options);
    std::vector<Batch> batches;
    for (std::size_t first = 0; first < events.size(); first += perBatch) {
        Batch batch = batches.empty() ? testing::birthsOf(options) : Batch{};
        const auto from = events.begin() + static_cast<std::ptrdiff_t>(first);
        batch.events.assign(from, from + static_cast<std::ptrdiff_t>(std::min(perBatch, events.size() - first)));
        batch.drainedAt = batch.events.back().time + 10;
        batch.lost = {batches.size(), 2, 3, 4, 5, 6};
        batch.usage = {{batch.events.front().time, batch.drainedAt, 1, 0.25F, 0.5F, 0.25F}};
        batch.memory = {{batch.drainedAt, 42, 3 << 20, 2 << 20, 1 << 20}};
        const Nanos middle = batch.events.front().time + (batch.drainedAt - batch.events.front().time) / 2;
        batch.others = {{batch.events.front().time, middle, 0, 0}, {middle, batch.drainedAt, 0, OthersRun::kNobody}};
        batches.push_back(std::move(batch));
    }
    for (std::size_t i = 1; i < batches.size(); ++i) {
        std::swap(batches[i - 1].events.back(), batches[i].events.front());
        std::sort(batches[i].events.begin(), batches[i].events.end(),
            [](const Event& a, const Event& b) { return a.time < b.time; });
    }
    batches.front().programs = {{500, "hog", OtherProgram::Kind::Program}};
    batches.front().unobserved = {{77, "python3.11", "in another container", true, 5, 0}};
    Batch quiet; // only time has passed
    quiet.drainedAt = batches.back().drainedAt + 1000;
    quiet.lost = batches.back().lost;
    batches.push_back(quiet);
    return batches;
}

/// What is to be seen of the first `count` batches.
std::vector<std::string> timelineOf(
    const std::vector<Batch>& batches, std::size_t count, const testing::SimulationOptions& options, Nanos end)
{
    Timeline timeline;
    TimelineBuilder builder(timeline, testing::builderOptionsOf(options));
    for (std::size_t i = 0; i < count; ++i) {
        builder.append(batches[i]);
    }
    builder.finish(end);
    return testing::describe(timeline);
}

TEST_F(LiveRecordingTest, HoldsAllThatWasWrittenWheneverTheEndComes)
{
    testing::SimulationOptions options;
    const std::vector<Batch> batches = batchesOf(options);
    LiveRecording live = created();
    EXPECT_EQ(live.path(), path());
    live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
    for (std::size_t i = 0; i < batches.size(); ++i) {
        live.append(batches[i]);
        if (i % 7 == 6 || i + 1 == batches.size()) {
            ASSERT_TRUE(live.flush().has_value());
            const Result<LoadedRecording> loaded = loadRecording(path());
            ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
            ASSERT_EQ(loaded->recording.variants.size(), 1U);
            const VariantRecording& variant = *loaded->recording.variants[0];
            EXPECT_EQ(testing::describe(variant.timeline), timelineOf(batches, i + 1, options, batches[i].drainedAt));
            EXPECT_EQ(variant.id, "one");
            EXPECT_EQ(variant.title, "The one");
            EXPECT_EQ(variant.failure, "the recording was cut off while it ran");
            EXPECT_EQ(loaded->recording.scenarioJson, m_recording.scenarioJson);
            EXPECT_EQ(loaded->recording.created, m_recording.created);
            EXPECT_EQ(loaded->warning,
                "the recording was cut off while it ran, after 0 of 2 variants; what was recorded until then is "
                "shown");
        }
    }
}

TEST_F(LiveRecordingTest, KeepsTheVariantsThatHaveEndedAndTheirReport)
{
    testing::SimulationOptions options;
    const std::vector<Batch> batches = batchesOf(options);
    const Nanos end = batches.back().drainedAt + 500;
    LiveRecording live = created();
    live.setReport("{\"variants\": []}");
    live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
    std::for_each(batches.begin(), batches.end(), [&](const Batch& batch) { live.append(batch); });
    live.end(end, "killed by signal 9");
    live.setReport("{\"variants\": [1]}");
    live.begin(1, *m_recording.variants[1], testing::builderOptionsOf(options));
    live.append(batches[0]);
    ASSERT_TRUE(live.flush().has_value());
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    ASSERT_EQ(loaded->recording.variants.size(), 2U);
    EXPECT_EQ(
        testing::describe(loaded->recording.variants[0]->timeline), timelineOf(batches, batches.size(), options, end));
    EXPECT_EQ(loaded->recording.variants[0]->failure, "killed by signal 9");
    EXPECT_EQ(testing::describe(loaded->recording.variants[1]->timeline),
        timelineOf(batches, 1, options, batches[0].drainedAt));
    EXPECT_EQ(loaded->recording.reportJson, "{\"variants\": [1]}");
    EXPECT_NE(loaded->warning.find("after 1 of 2 variants"), std::string::npos) << loaded->warning;
}

TEST_F(LiveRecordingTest, OpensWhereverTheWritingStopped)
{
    testing::SimulationOptions options;
    options.events = 300;
    const std::vector<Batch> batches = batchesOf(options);
    LiveRecording live = created();
    live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
    for (const Batch& batch : batches) {
        live.append(batch);
        ASSERT_TRUE(live.flush().has_value());
    }
    const std::string whole = bytesOf(path());
    std::uint64_t before = 0;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const Result<LoadedRecording> loaded = loadedFrom(whole.substr(0, size));
        if (!loaded) {
            EXPECT_EQ(before, 0U) << "at byte " << size << ": " << loaded.error().message;
            EXPECT_EQ(loaded.error().kind, ErrorKind::Usage);
            continue;
        }
        const std::uint64_t events = loaded->recording.variants.at(0)->timeline.events;
        EXPECT_GE(events, before) << "at byte " << size;
        before = events;
    }
    EXPECT_EQ(before, testing::simulate(options).size());
}

TEST_F(LiveRecordingTest, SurvivesBytesThatAreWrong)
{
    testing::SimulationOptions options;
    options.events = 300;
    LiveRecording live = created();
    live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
    for (const Batch& batch : batchesOf(options)) {
        live.append(batch);
        ASSERT_TRUE(live.flush().has_value());
    }
    const std::string whole = bytesOf(path());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string wrong = whole;
        wrong[at] = static_cast<char>(wrong[at] ^ 0x10);
        EXPECT_FALSE(loadedFrom(wrong).has_value()) << "the checksums catch byte " << at;
    }
}

TEST_F(LiveRecordingTest, IsDueHalfASecondAfterTheFirstThatWaitsAndAtOnceWhenMuchDoes)
{
    testing::SimulationOptions options;
    const std::vector<Batch> batches = batchesOf(options);
    LiveRecording live = created();
    ASSERT_TRUE(live.flush().has_value());
    EXPECT_FALSE(live.due().has_value()) << "nothing waits";
    live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
    const std::optional<Nanos> due = live.due();
    ASSERT_TRUE(due.has_value());
    EXPECT_LE(*due, monotonicNow() + kSecond / 2);
    live.append(batches[0]);
    EXPECT_EQ(live.due(), due) << "what comes later is written with it";
    Batch many;
    many.events.resize(200'000, batches[0].events[0]);
    live.append(many);
    EXPECT_LE(live.due().value_or(INT64_MAX), monotonicNow());
}

TEST_F(LiveRecordingTest, LeavesAnOlderFileAloneAndGoesWhenTheNewOneIsSaved)
{
    ASSERT_TRUE(saveRecording(m_recording, path()).has_value());
    const std::string old = bytesOf(path());
    {
        const LiveRecording first = created();
        EXPECT_EQ(first.path(), path().string() + ".partial");
        LiveRecording second = created();
        EXPECT_EQ(second.path(), path().string() + ".partial-2") << "another run's is not touched";
        second.keep();
        EXPECT_EQ(bytesOf(path()), old);
    }
    EXPECT_EQ(bytesOf(path()), old);
    EXPECT_EQ(files(), 2U) << "the old recording, and what was kept";
}

TEST_F(LiveRecordingTest, DoesNotTakeTheSavedRecordingAwayWithItself)
{
    {
        LiveRecording live = created();
        ASSERT_TRUE(live.flush().has_value());
        ASSERT_EQ(live.path(), path());
        ASSERT_TRUE(saveRecording(m_recording, path()).has_value());
    }
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(loaded->warning, "");
    EXPECT_EQ(files(), 1U);
    fs::remove(path());
    {
        const LiveRecording dropped = created();
    }
    EXPECT_EQ(files(), 0U) << "a run of which nothing is to be saved leaves nothing";
}

TEST_F(LiveRecordingTest, DoesNotGrowWhereNothingCan)
{
    const Result<std::optional<LiveRecording>> device = LiveRecording::create("/dev/null", m_recording);
    ASSERT_TRUE(device.has_value());
    EXPECT_FALSE(device->has_value());
    const Result<std::optional<LiveRecording>> nowhere = LiveRecording::create(path() / "no" / "such", m_recording);
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_NE(nowhere.error().message.find("No such file or directory"), std::string::npos) << nowhere.error().message;
}

TEST_F(LiveRecordingTest, OfAFullDiskSaysSoOnceAndKeepsWhatIsThere)
{
    testing::SimulationOptions options;
    const std::vector<Batch> batches = batchesOf(options);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        LiveRecording live = created();
        live.begin(0, *m_recording.variants[0], testing::builderOptionsOf(options));
        live.append(batches[0]);
        if (!live.flush()) {
            ::_exit(1);
        }
        const rlimit limit{fs::file_size(path()) + 100, fs::file_size(path()) + 100};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        for (std::size_t i = 1; i < batches.size(); ++i) {
            live.append(batches[i]);
        }
        const Result<void> full = live.flush();
        if (full || full.error().message.find("File too large") == std::string::npos) {
            ::_exit(2);
        }
        live.append(batches[1]);
        live.keep();
        ::_exit(live.due() || !live.flush() ? 3 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    const Result<LoadedRecording> loaded = loadRecording(path());
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(testing::describe(loaded->recording.variants.at(0)->timeline),
        timelineOf(batches, 1, options, batches[0].drainedAt));
}

} // namespace
} // namespace timeslice::live_recording_test
