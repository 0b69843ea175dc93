// The timeline against its budgets: appending, a row of pixels at any number of slices, memory, opening a recording.
#include "core/recording/export_chrome_trace.h"
#include "core/recording/recording.h"
#include "core/trace/timeline_builder.h"
#include "tests/benchmarks/budget.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <unistd.h>

namespace {

using namespace timeslice;

constexpr int kTracks = 10;
constexpr int kPixels = 1600;
constexpr Tid kFirstTid = 100;

/// Slices of uneven length, as a thread has them that runs, is preempted and blocks.
Track madeUpTrack(std::size_t slices, std::uint64_t seed)
{
    Track track;
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
    Nanos t = 1'000'000'000;
    for (std::size_t i = 0; i < slices; ++i) {
        const auto dice = static_cast<std::uint32_t>(random());
        const bool running = i % 2 == 0;
        const SliceState state = running ? SliceState::Running
            : dice % 4 == 0              ? SliceState::Runnable
                                         : SliceState::Blocked;
        track.append(t,
            SliceValue(state, running ? Cause::SwitchedIn : Cause::Blocked, running ? dice % 2 : 0,
                static_cast<std::uint8_t>(state)));
        t += 1'000 + dice % 200'000;
    }
    track.extendTo(t);
    return track;
}

/// Built once for each size, and only one size at a time: the largest takes 1.6 GB.
const std::vector<Track>& tracksOf(std::size_t slices)
{
    static std::size_t built = 0;
    static std::vector<Track> tracks;
    if (built != slices) {
        tracks.clear();
        for (int i = 0; i < kTracks; ++i) {
            tracks.push_back(madeUpTrack(slices / kTracks, static_cast<std::uint64_t>(i + 1)));
        }
        built = slices;
    }
    return tracks;
}

/// Context switches of `threads` threads on two cores, with a lock, in batches as the collector makes them.
std::vector<Batch> madeUpBatches(std::size_t events, int threads, std::size_t perBatch)
{
    std::vector<Batch> batches;
    std::minstd_rand random(1);
    Nanos t = 1'000'000'000;
    std::array<Tid, 2> onCore{0, 0};
    Batch batch;
    for (std::size_t made = 0; made < events;) {
        const std::uint32_t core = static_cast<std::uint32_t>(random()) % 2;
        const auto cpu = static_cast<CpuId>(core);
        t += 1 + static_cast<Nanos>(random() % 2'000);
        if (onCore[core] == 0) {
            const Tid tid = kFirstTid + static_cast<Tid>(random() % static_cast<std::uint32_t>(threads));
            if (tid == onCore[1 - core]) {
                continue;
            }
            onCore[core] = tid;
            batch.events.push_back({t, tid, kFirstTid, EventKind::SwitchIn, cpu, 0, 0});
        } else if (random() % 4 == 0) {
            const Tid tid = onCore[core];
            batch.events.push_back({t, tid, kFirstTid, EventKind::LockAcquire, kNoCpu, 1, 0});
            batch.events.push_back({t + 1, tid, kFirstTid, EventKind::LockRelease, kNoCpu, 1, 0});
            ++t;
            ++made;
        } else {
            batch.events.push_back({t, onCore[core], kFirstTid, EventKind::SwitchOut, cpu, 0, random() % 2});
            onCore[core] = 0;
        }
        ++made;
        if (batch.events.size() >= perBatch) {
            batch.drainedAt = t;
            batches.push_back(std::move(batch));
            batch = Batch();
        }
    }
    return batches;
}

void setEvents(benchmark::State& state, std::size_t events)
{
    state.counters["events/s"] =
        benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsIterationInvariantRate);
}

/// Budget: well over 2 million events a second.
void builderAppend(benchmark::State& state)
{
    constexpr std::size_t kEvents = 2'000'000;
    const std::vector<Batch> batches = madeUpBatches(kEvents, static_cast<int>(state.range(0)), 16'000);
    double bytesPerSlice = 0;
    for (auto _ : state) {
        Timeline timeline;
        TimelineBuilder builder(timeline, {{0, 1}, kFirstTid, true});
        for (const Batch& batch : batches) {
            builder.append(batch);
        }
        bytesPerSlice = static_cast<double>(timeline.memoryBytes()) / static_cast<double>(timeline.sliceCount());
    }
    setEvents(state, kEvents);
    state.counters["bytes/slice"] = bytesPerSlice;
}
BENCHMARK(builderAppend)->Arg(8)->Arg(500)->Unit(benchmark::kMillisecond);

/// One event in ten comes up to 20 places late.
void builderAppendLate(benchmark::State& state)
{
    constexpr std::size_t kEvents = 1'000'000;
    std::vector<Batch> batches = madeUpBatches(kEvents, 8, 16'000);
    std::minstd_rand random(7);
    for (Batch& batch : batches) {
        for (std::size_t i = 0; i + 21 < batch.events.size(); i += 10) {
            const auto from = batch.events.begin() + static_cast<std::ptrdiff_t>(i);
            std::rotate(from, from + 1, from + 1 + static_cast<std::ptrdiff_t>(random() % 20));
        }
    }
    for (auto _ : state) {
        Timeline timeline;
        TimelineBuilder builder(timeline, {{0, 1}, kFirstTid, true});
        for (const Batch& batch : batches) {
            builder.append(batch);
        }
        benchmark::DoNotOptimize(timeline.lateEvents);
    }
    setEvents(state, kEvents);
}
BENCHMARK(builderAppendLate)->Unit(benchmark::kMillisecond);

void trackAppend(benchmark::State& state)
{
    constexpr std::size_t kSlices = 4'000'000;
    double bytesPerSlice = 0;
    for (auto _ : state) {
        Track track;
        Nanos t = 0;
        for (std::size_t i = 0; i < kSlices; ++i) {
            const bool running = i % 2 == 0;
            track.append(
                t, SliceValue(running ? SliceState::Running : SliceState::Blocked, Cause::Unknown, 0, running ? 1 : 3));
            t += 700;
        }
        bytesPerSlice = static_cast<double>(track.memoryBytes()) / static_cast<double>(track.size());
    }
    setEvents(state, kSlices);
    state.counters["bytes/slice"] = bytesPerSlice;
}
BENCHMARK(trackAppend)->Unit(benchmark::kMillisecond);

/// What a frame asks of the timeline: 1600 pixels of 10 tracks, all of the recording in sight. Argument: all slices.
void frameZoomedOut(benchmark::State& state)
{
    const std::vector<Track>& tracks = tracksOf(static_cast<std::size_t>(state.range(0)));
    Nanos sum = 0;
    for (auto _ : state) {
        for (const Track& track : tracks) {
            Track::Cursor cursor(track);
            const Nanos begin = track.begin();
            const Nanos length = track.end() - begin;
            Nanos from = begin;
            for (Nanos pixel = 1; pixel <= kPixels; ++pixel) {
                const Nanos to = begin + length / kPixels * pixel;
                sum += cursor.advance(from, to)[1];
                from = to;
            }
        }
    }
    benchmark::DoNotOptimize(sum);
    std::size_t bytes = 0;
    std::size_t slices = 0;
    for (const Track& track : tracks) {
        bytes += track.memoryBytes();
        slices += track.size();
    }
    state.counters["bytes/slice"] = static_cast<double>(bytes) / static_cast<double>(slices);
}
BENCHMARK(frameZoomedOut)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000)
    ->Arg(100'000'000)
    ->Unit(benchmark::kMicrosecond);

/// The same with a thousandth of the recording in sight, at another place each time.
void frameZoomedIn(benchmark::State& state)
{
    const std::vector<Track>& tracks = tracksOf(static_cast<std::size_t>(state.range(0)));
    std::minstd_rand random(3);
    Nanos sum = 0;
    for (auto _ : state) {
        const double place = static_cast<double>(random() % 1000) / 1001;
        for (const Track& track : tracks) {
            Track::Cursor cursor(track);
            const Nanos length = (track.end() - track.begin()) / 1000;
            const Nanos begin =
                track.begin() + static_cast<Nanos>(place * static_cast<double>(track.end() - track.begin()));
            Nanos from = begin;
            for (Nanos pixel = 1; pixel <= kPixels; ++pixel) {
                const Nanos to = begin + length * pixel / kPixels;
                sum += cursor.advance(from, to)[1];
                from = to;
            }
        }
    }
    benchmark::DoNotOptimize(sum);
}
BENCHMARK(frameZoomedIn)->Arg(10'000)->Arg(10'000'000)->Arg(100'000'000)->Unit(benchmark::kMicrosecond);

struct RecordingOnDisk {
    std::filesystem::path folder;
    std::filesystem::path path;
    Recording recording;

    explicit RecordingOnDisk(std::size_t slices)
    {
        std::string name = (std::filesystem::temp_directory_path() / "timeslice-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            std::abort();
        }
        folder = name;
        path = folder / "r.timeslice";
        auto variant = std::make_unique<VariantRecording>();
        variant->id = std::string("v"); // not a literal: GCC 12 warns of an overlap that cannot be (its bug 105651)
        variant->timeline.cores.resize(2);
        variant->timeline.cores[1].cpu = 1;
        for (int i = 0; i < kTracks; ++i) {
            ThreadInfo& thread = variant->timeline.threads.emplace_back();
            thread.tid = kFirstTid + i;
            thread.track = madeUpTrack(slices / kTracks, static_cast<std::uint64_t>(i + 1));
        }
        recording.variants.push_back(std::move(variant));
    }
    ~RecordingOnDisk() { std::filesystem::remove_all(folder); }
};

/// Budget: 1 s for 10 million slices.
void openRecording(benchmark::State& state)
{
    const RecordingOnDisk file(static_cast<std::size_t>(state.range(0)));
    if (!saveRecording(file.recording, file.path)) {
        state.SkipWithError("cannot save");
    }
    Nanos fastest = std::numeric_limits<Nanos>::max();
    for (auto _ : state) {
        const Nanos begin = monotonicNow();
        auto loaded = loadRecording(file.path);
        fastest = std::min(fastest, monotonicNow() - begin);
        if (!loaded || loaded->recording.variants[0]->timeline.sliceCount() == 0) {
            state.SkipWithError("cannot load");
        }
        benchmark::DoNotOptimize(loaded);
    }
    state.counters["file bytes/slice"] =
        static_cast<double>(std::filesystem::file_size(file.path)) / static_cast<double>(state.range(0));
    Budgets().atMost("opened in", toMillis(fastest), 1000, " ms").say(state);
}
BENCHMARK(openRecording)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

void saveRecordingFile(benchmark::State& state)
{
    const RecordingOnDisk file(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        if (!saveRecording(file.recording, file.path)) {
            state.SkipWithError("cannot save");
        }
    }
}
BENCHMARK(saveRecordingFile)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

void exportTrace(benchmark::State& state)
{
    const RecordingOnDisk file(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        if (!exportChromeTrace(file.recording, file.path)) {
            state.SkipWithError("cannot export");
        }
    }
}
BENCHMARK(exportTrace)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
