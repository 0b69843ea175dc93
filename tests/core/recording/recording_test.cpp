#include "core/recording/recording.h"

#include "core/base/crc32.h"
#include "core/recording/recording_format.h"
#include "core/trace/core_others.h"
#include "core/trace/timeline_builder.h"
#include "tests/core/trace/simulated_run.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::recording_test {
namespace {

namespace fs = std::filesystem;
using namespace recording_format;

class Folder {
public:
    Folder()
    {
        std::string name = (fs::temp_directory_path() / "timeslice-test-XXXXXX").string();
        m_path = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(m_path); }
    fs::path operator/(const std::string& name) const { return m_path / name; }
    std::size_t files() const
    {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(m_path), fs::directory_iterator()));
    }

private:
    fs::path m_path;
};

std::unique_ptr<VariantRecording> variantOf(const testing::SimulationOptions& options, bool finished = true)
{
    auto variant = std::make_unique<VariantRecording>();
    variant->id = "threads";
    variant->title = "Two threads, \"quoted\" and \n broken";
    variant->note = "one process, one GIL ü";
    variant->failure = "killed by signal 9";
    TimelineBuilder builder(variant->timeline, testing::builderOptionsOf(options));
    Batch batch = testing::birthsOf(options);
    batch.events = testing::simulate(options);
    batch.drainedAt = batch.events.back().time + 10;
    batch.lost = {1, 2, 3, 4, 5, 6};
    batch.source = Source::Inferred;
    batch.usage = {{options.start, options.start + 50, 1, 0.25F, 0.5F, 0.25F}};
    batch.memory = {{options.start, 42, 3 << 20, 2 << 20, 1 << 20}, {options.start + 20, 42, 5 << 20, 4 << 20, 4096}};
    batch.events.push_back(
        {batch.drainedAt, 0, 0, EventKind::ProcessReaped, kNoCpu, 0, Reaping{42, SIGSEGV | 0x80}.bits()});
    builder.append(batch);
    if (finished) {
        builder.finish(batch.drainedAt + 5);
    }
    return variant;
}

Recording smallRecording(int variants = 2, int events = 120)
{
    Recording recording;
    recording.scenarioJson = R"({"id": "three-ways"})";
    recording.reportJson = R"({"schema": "timeslice.report/1"})";
    recording.created = "2025-01-02T03:04:05+01:00";
    for (int i = 0; i < variants; ++i) {
        testing::SimulationOptions options;
        options.seed = static_cast<std::uint64_t>(i + 1);
        options.threads = 4;
        options.events = events;
        recording.variants.push_back(variantOf(options));
    }
    return recording;
}

std::vector<std::string> describeAll(const Recording& recording)
{
    std::vector<std::string> lines{recording.scenarioJson, recording.reportJson, recording.created};
    for (const auto& variant : recording.variants) {
        lines.insert(lines.end(), {variant->id, variant->title, variant->note, variant->failure});
        for (std::string& line : testing::describe(variant->timeline)) {
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

std::vector<std::byte> bytesOf(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> savedBytes(const Recording& recording)
{
    const Folder folder;
    const fs::path path = folder / "r.timeslice";
    EXPECT_TRUE(saveRecording(recording, path).has_value());
    return bytesOf(path);
}

std::vector<std::string> othersOf(const Timeline& timeline)
{
    std::vector<std::string> lines;
    for (const CoreInfo& core : timeline.cores) {
        for (std::size_t i = 0; i < core.others.size(); ++i) {
            const Slice slice = core.others.slice(i);
            std::string who = std::to_string(slice.value.category());
            if (slice.value.state() == SliceState::Running) {
                const OtherProgram& program = timeline.programs.at(slice.value.subject());
                who = program.name + ' ' + std::to_string(program.pid) + ' '
                    + std::to_string(static_cast<int>(program.kind));
            }
            lines.push_back(std::to_string(core.cpu) + ' ' + std::to_string(slice.begin) + '-'
                + std::to_string(slice.end) + ' ' + who + (slice.open ? " open" : ""));
        }
    }
    return lines;
}

TEST(Recording, KeepsOtherProgramsByName)
{
    Recording recording = smallRecording();
    Timeline& timeline = recording.variants[0]->timeline;
    timeline.finished = false;
    for (CoreInfo& core : timeline.cores) {
        core.others = Track();
    }
    Batch batch;
    batch.programs = {{500, "hog", OtherProgram::Kind::Program}, {2, "kthreadd", OtherProgram::Kind::Kernel}, {}};
    batch.others = {{10, 20, 0, 0}, {20, 30, 0, OthersRun::kNobody}, {40, 50, 0, 2}, {5, 60, 1, 1}};
    appendOthers(timeline, batch);
    const std::vector<std::string> before = othersOf(timeline);
    ASSERT_EQ(before.size(), 5U);
    const std::vector<std::byte> bytes = savedBytes(recording);
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "r");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(othersOf(loaded->recording.variants[0]->timeline), before);
    EXPECT_TRUE(loaded->recording.variants[1]->timeline.programs.empty()) << "a file without any, as older ones are";
    EXPECT_TRUE(othersOf(loaded->recording.variants[1]->timeline).empty());
}

TEST(Crc32, IsTheOneThatEverybodyUses)
{
    const std::string text = "123456789";
    const auto bytes = std::as_bytes(std::span(text));
    EXPECT_EQ(crc32(bytes), 0xCBF43926U);
    EXPECT_EQ(crc32(bytes.subspan(4), crc32(bytes.first(4))), 0xCBF43926U);
    const std::string longer(1000, 'x');
    const auto all = std::as_bytes(std::span(longer));
    EXPECT_EQ(crc32(all), crc32(all.subspan(333), crc32(all.first(333))));
}

TEST(RecordingFile, ComesBackExactlyAsItWasSaved)
{
    const Folder folder;
    const fs::path path = folder / "r.timeslice";
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        Recording recording = smallRecording(2, 2000);
        testing::SimulationOptions options;
        options.seed = seed;
        options.loss = 0.05;
        recording.variants.push_back(variantOf(options, seed % 2 == 0));
        ASSERT_TRUE(saveRecording(recording, path).has_value());
        const Result<LoadedRecording> loaded = loadRecording(path);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
        EXPECT_EQ(loaded->warning, "");
        EXPECT_EQ(describeAll(loaded->recording), describeAll(recording));
    }
    EXPECT_EQ(folder.files(), 1U) << "no temporary file is left";
}

TEST(RecordingFile, KeepsWhereItsTracksComeFrom)
{
    for (const Source source : {Source::Measured, Source::Inferred, Source::Calculated}) {
        Recording recording = smallRecording(1);
        recording.variants[0]->timeline.source = source;
        const Result<LoadedRecording> loaded = loadRecordingFromBytes(savedBytes(recording), "source");
        ASSERT_TRUE(loaded.has_value());
        EXPECT_EQ(loaded->recording.variants.at(0)->timeline.source, source);
    }
}

TEST(RecordingFile, KeepsARecordingWithNothingInIt)
{
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(savedBytes({}), "empty");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_TRUE(loaded->recording.variants.empty());
    EXPECT_EQ(loaded->warning, "");
}

TEST(RecordingFile, KeepsTracksLongerThanASection)
{
    Recording recording = smallRecording(1);
    Track& track = recording.variants[0]->timeline.threads[0].track;
    track = Track();
    for (std::size_t i = 0; i < 2 * kEntriesPerSection + 77; ++i) {
        const auto state = i % 2 == 0 ? SliceState::Runnable : SliceState::Blocked;
        track.append(static_cast<Nanos>(i) * 1000, SliceValue(state, Cause::Unknown, 0, 2));
    }
    track.close();
    auto& marks = recording.variants[0]->timeline.marks;
    marks.assign(kEntriesPerSection + 5, MarkPoint{7, 1, 2, 3});
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(savedBytes(recording), "long");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    const Timeline& timeline = loaded->recording.variants[0]->timeline;
    const Track& loadedTrack = timeline.threads[0].track;
    ASSERT_EQ(loadedTrack.size(), track.size());
    EXPECT_EQ(loadedTrack.end(), track.end());
    for (std::size_t i = 0; i < track.size(); ++i) {
        ASSERT_EQ(loadedTrack.slice(i).begin, track.slice(i).begin);
        ASSERT_EQ(loadedTrack.value(i), track.value(i));
    }
    EXPECT_EQ(timeline.marks.size(), marks.size());
}

TEST(RecordingFile, MendsNamesThatAreNoText)
{
    Recording recording = smallRecording(1);
    recording.variants[0]->timeline.threads[0].name = "caf\xC3";
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(savedBytes(recording), "names");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(loaded->recording.variants[0]->timeline.threads[0].name, "caf\xEF\xBF\xBD");
}

TEST(RecordingFile, CutOffAnywhereShowsWhatIsWholeOrSaysThatNothingIs)
{
    const Recording recording = smallRecording();
    const std::vector<std::string> first = testing::describe(recording.variants[0]->timeline);
    const std::vector<std::byte> bytes = savedBytes(recording);
    std::size_t withOneWhole = 0;
    std::size_t withPart = 0;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        SCOPED_TRACE(length);
        const Result<LoadedRecording> loaded = loadRecordingFromBytes(std::span(bytes).first(length), "cut");
        if (!loaded) {
            ASSERT_EQ(loaded.error().kind, ErrorKind::Usage);
            ASSERT_NE(loaded.error().message.find(length == 0 ? "not a Timeslice" : "cut off"), std::string::npos)
                << loaded.error().message;
            ASSERT_EQ(withOneWhole, 0U) << "what was whole in a shorter file is whole in this one";
            continue;
        }
        const auto& variants = loaded->recording.variants;
        ASSERT_NE(loaded->warning.find("cut off"), std::string::npos);
        const bool whole = loaded->warning.find("after 0") == std::string::npos;
        withPart += whole ? 0 : 1;
        withOneWhole += whole ? 1 : 0;
        if (whole) {
            ASSERT_EQ(testing::describe(variants[0]->timeline), first);
            continue;
        }
        // A row is as it was, or empty.
        const Timeline& original = recording.variants[0]->timeline;
        for (std::size_t i = 0; i < variants[0]->timeline.threads.size(); ++i) {
            const Track& track = variants[0]->timeline.threads[i].track;
            ASSERT_TRUE(track.empty() || track.size() == original.threads[i].track.size());
        }
    }
    EXPECT_GT(withPart, 0U);
    EXPECT_GT(withOneWhole, 0U);
}

TEST(RecordingFile, WithAnyByteChangedIsRefusedWithTheSectionAndByte)
{
    const std::vector<std::byte> bytes = savedBytes(smallRecording(1, 60));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
            std::vector<std::byte> changed = bytes;
            changed[i] ^= static_cast<std::byte>(flip);
            const Result<LoadedRecording> loaded = loadRecordingFromBytes(changed, "f.timeslice");
            ASSERT_FALSE(loaded.has_value()) << "byte " << i;
            ASSERT_EQ(loaded.error().kind, ErrorKind::Usage);
            const std::string& message = loaded.error().message;
            ASSERT_TRUE(message.find("'f.timeslice' is damaged: section ") == 0
                || (i < 8 && message.find("is not a Timeslice recording") != std::string::npos))
                << message;
        }
    }
}

/// Changes a section header and makes its checksum right again, as somebody would who means harm.
struct Forger {
    std::vector<std::byte> bytes;

    template <class Change> void eachSection(Change change)
    {
        std::size_t at = sizeof(FileHeader);
        while (at + sizeof(SectionHeader) <= bytes.size()) {
            SectionHeader header;
            std::memcpy(&header, &bytes[at], sizeof(header));
            const std::size_t next = at + sizeof(header) + header.storedBytes;
            change(header, std::span(bytes).subspan(at + sizeof(header), header.storedBytes));
            header.payloadCrc = crc32(std::span(bytes).subspan(at + sizeof(header), next - at - sizeof(header)));
            header.headerCrc = crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(SectionHeader, headerCrc)));
            std::memcpy(&bytes[at], &header, sizeof(header));
            at = next;
        }
    }
};

TEST(RecordingFile, ForgedWithRightChecksumsDoesNoHarm)
{
    const std::vector<std::byte> bytes = savedBytes(smallRecording(2, 200));
    int refused = 0;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        std::mt19937_64 random(seed);
        Forger forger{bytes};
        forger.eachSection([&](SectionHeader& header, std::span<std::byte> payload) {
            const auto dice = random() % 100;
            if (dice < 3) {
                header.row = static_cast<std::uint32_t>(random());
            } else if (dice < 6) {
                header.section = static_cast<Section>(random() % 21);
            } else if (dice < 8) {
                header.rawBytes = random() >> (random() % 64);
            } else if (dice < 10) {
                header.storedBytes = random() >> (random() % 64);
            } else if (dice < 12) {
                header.method = header.method == Method::Plain ? Method::Zstd : Method::Plain;
                header.rawBytes = dice == 11 ? header.storedBytes : header.rawBytes;
            } else if (dice < 25 && !payload.empty()) {
                payload[random() % payload.size()] = static_cast<std::byte>(random());
            }
        });
        const Result<LoadedRecording> loaded = loadRecordingFromBytes(forger.bytes, "forged");
        if (!loaded) {
            ++refused;
            continue;
        }
        for (const auto& variant : loaded->recording.variants) {
            // Whoever reads it may follow every index.
            const Timeline& t = variant->timeline;
            for (const ThreadInfo& thread : t.threads) {
                for (std::size_t i = 0; i < thread.track.size(); ++i) {
                    const SliceValue value = thread.track.value(i);
                    ASSERT_TRUE(value.state() != SliceState::Running || value.subject() < t.cores.size());
                    ASSERT_TRUE(value.state() != SliceState::WaitingForLock || value.subject() < t.locks.size());
                    ASSERT_GE(thread.track.slice(i).length(), 0);
                }
            }
            for (const MarkPoint& mark : t.marks) {
                ASSERT_LT(mark.thread, t.threads.size());
            }
        }
    }
    EXPECT_GT(refused, 700);
}

TEST(RecordingFile, OfANewerVersionIsRefusedByName)
{
    std::vector<std::byte> bytes = savedBytes(smallRecording(1, 60));
    FileHeader header;
    header.version = kVersion + 5;
    header.crc = crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc)));
    std::memcpy(bytes.data(), &header, sizeof(header));
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "new.timeslice");
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().message,
        "'new.timeslice' was made by a newer Timeslice: it has format version 8, this program reads up to version 3. "
        "Update Timeslice to open it");
}

TEST(RecordingFile, OfTheFirstVersionHadNoMemoryAndOpens)
{
    Recording recording = smallRecording(1, 60);
    recording.variants[0]->timeline.memory.clear();
    std::vector<std::byte> bytes = savedBytes(recording);
    FileHeader header;
    header.version = 1;
    header.crc = crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc)));
    std::memcpy(bytes.data(), &header, sizeof(header));
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "old");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(describeAll(loaded->recording), describeAll(recording));
}

TEST(RecordingFile, OfTheSecondVersionHadNoFalseAlarmsAndOpens)
{
    Recording recording = smallRecording(1, 400);
    ASSERT_FALSE(recording.variants[0]->timeline.falseAlarms.empty());
    recording.variants[0]->timeline.falseAlarms.clear();
    std::vector<std::byte> bytes = savedBytes(recording);
    FileHeader header;
    header.version = 2;
    header.crc = crc32(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc)));
    std::memcpy(bytes.data(), &header, sizeof(header));
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "old");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(describeAll(loaded->recording), describeAll(recording));
}

TEST(RecordingFile, FollowedByOtherBytesLoadsWithAWarning)
{
    std::vector<std::byte> bytes = savedBytes(smallRecording(1, 60));
    bytes.resize(bytes.size() + 3);
    const Result<LoadedRecording> loaded = loadRecordingFromBytes(bytes, "r");
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->warning, "3 bytes follow the end of the recording; they are ignored");
}

TEST(RecordingFile, ThatIsNoneIsRefused)
{
    const Folder folder;
    EXPECT_NE(loadRecording(folder / "absent").error().message.find("No such file"), std::string::npos);
    EXPECT_NE(loadRecording(folder / "").error().message.find("not a regular file"), std::string::npos);
    std::ofstream(folder / "text") << "Once upon a time there was no recording in this file.";
    const Result<LoadedRecording> loaded = loadRecording(folder / "text");
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().kind, ErrorKind::Usage);
    EXPECT_NE(loaded.error().message.find("is not a Timeslice recording"), std::string::npos);
}

TEST(RecordingFile, KeepsTheOldFileWhenTheDiskIsFull)
{
    const Folder folder;
    const fs::path path = folder / "r.timeslice";
    const Recording old = smallRecording(1, 60);
    ASSERT_TRUE(saveRecording(old, path).has_value());
    const Recording larger = smallRecording(3, 20'000);

    // A limit on the size of files stands in for a full disk; in a child, as it is the process's.
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Result<void> saved = saveRecording(larger, path);
        ::_exit(!saved && saved.error().message.find("File too large") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "saving should have failed, and said why";
    EXPECT_EQ(folder.files(), 1U) << "no temporary file is left";
    const Result<LoadedRecording> loaded = loadRecording(path);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(describeAll(loaded->recording), describeAll(old));
}

TEST(RecordingFile, SaysWhereItCannotBeWritten)
{
    const Folder folder;
    const Result<void> saved = saveRecording({}, folder / "no" / "such" / "r.timeslice");
    ASSERT_FALSE(saved.has_value());
    EXPECT_NE(saved.error().message.find("no/such/r.timeslice"), std::string::npos);
    EXPECT_NE(saved.error().message.find("No such file or directory"), std::string::npos);
}

TEST(Recording, KeepsWhyThereIsNoGilAndAFileWithoutThatOpensToo)
{
    Recording recording = smallRecording();
    recording.variants[0]->timeline.gilNote = "PyPy has a GIL, but it cannot be observed";
    const std::vector<std::byte> bytes = savedBytes(recording);
    const auto loaded = loadRecordingFromBytes(bytes, "r");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(loaded->recording.variants[0]->timeline.gilNote, recording.variants[0]->timeline.gilNote);
    EXPECT_EQ(loaded->recording.variants[1]->timeline.gilNote, "") << "as in files from before there were notes";
}

TEST(Recording, KeepsWhichProcessesItKnowsTooLittleOfAndWhereProgramsBegan)
{
    Recording recording = smallRecording();
    Timeline& timeline = recording.variants[0]->timeline;
    timeline.unobserved = {
        {42, "python3.11", "statically linked", true, 5, 9}, {43, "su", "set-uid", false, 6, 0, true}};
    timeline.execs = {{5, 42}, {9, 42}};
    const auto loaded = loadRecordingFromBytes(savedBytes(recording), "r");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    const Timeline& back = loaded->recording.variants[0]->timeline;
    ASSERT_EQ(back.unobserved.size(), 2U);
    ASSERT_EQ(back.execs.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(back.unobserved[i].pid, timeline.unobserved[i].pid);
        EXPECT_EQ(back.unobserved[i].name, timeline.unobserved[i].name);
        EXPECT_EQ(back.unobserved[i].why, timeline.unobserved[i].why);
        EXPECT_EQ(back.unobserved[i].hasGil, timeline.unobserved[i].hasGil);
        EXPECT_EQ(back.unobserved[i].begin, timeline.unobserved[i].begin);
        EXPECT_EQ(back.unobserved[i].end, timeline.unobserved[i].end);
        EXPECT_EQ(back.unobserved[i].unrecorded, timeline.unobserved[i].unrecorded);
        EXPECT_EQ(back.execs[i].time, timeline.execs[i].time);
        EXPECT_EQ(back.execs[i].pid, 42);
    }
    EXPECT_TRUE(loaded->recording.variants[1]->timeline.unobserved.empty());
}

} // namespace
} // namespace timeslice::recording_test
