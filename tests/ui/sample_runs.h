// Runs made by hand, for tests and benchmarks of what is drawn: every slice is known exactly.
#pragma once

#include "core/model/run_model.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace timeslice::samples {

inline constexpr Nanos kStart = 5 * kSecond; ///< where the clocks of all samples stand at the start of work

/// Adds to one variant's timeline; times are relative to the start of work.
class VariantMaker {
public:
    VariantMaker(std::string title, std::string note, int cores)
    {
        m_variant->id = title;
        m_variant->title = std::move(title);
        m_variant->note = std::move(note);
        timeline().cores.resize(static_cast<std::size_t>(cores));
        for (int i = 0; i < cores; ++i) {
            timeline().cores[static_cast<std::size_t>(i)].cpu = static_cast<CpuId>(i);
            timeline().cores[static_cast<std::size_t>(i)].track.append(kStart, {});
        }
        timeline().begin = kStart;
        timeline().workBegin = kStart;
    }

    Timeline& timeline() { return m_variant->timeline; }

    std::uint32_t thread(const std::string& name, std::uint8_t slot)
    {
        ThreadInfo& info = timeline().threads.emplace_back();
        info.tid = static_cast<Tid>(1000 + timeline().threads.size());
        info.pid = 1000;
        info.name = name;
        info.colorSlot = slot;
        info.born = kStart;
        return static_cast<std::uint32_t>(timeline().threads.size() - 1);
    }

    std::uint32_t lock(const std::string& name, ObjectKind kind)
    {
        LockInfo& info = timeline().locks.emplace_back();
        info.id = static_cast<ObjectId>(timeline().locks.size());
        info.kind = kind;
        info.name = name;
        info.track.append(kStart, {});
        return static_cast<std::uint32_t>(timeline().locks.size() - 1);
    }

    void state(
        std::uint32_t thread, Nanos at, SliceState state, std::uint32_t subject = 0, Cause cause = Cause::Unknown)
    {
        timeline().threads[thread].track.append(
            kStart + at, SliceValue(state, cause, subject, static_cast<std::uint8_t>(state)));
    }
    void run(std::uint32_t thread, Nanos at, std::uint32_t core, Nanos until)
    {
        state(thread, at, SliceState::Running, core, Cause::SwitchedIn);
        occupy(timeline().cores[core].track, at, thread);
        timeline().cores[core].track.append(kStart + until, {});
    }
    void hold(std::uint32_t lock, Nanos at, std::uint32_t thread) { occupy(timeline().locks[lock].track, at, thread); }
    void free(std::uint32_t lock, Nanos at, Cause cause = Cause::ReleasedVoluntarily)
    {
        timeline().locks[lock].track.append(kStart + at, SliceValue(SliceState::Absent, cause, 0, 0));
    }
    void ask(std::uint32_t lock, Nanos at, std::uint32_t thread)
    {
        timeline().locks[lock].moments.push_back({kStart + at, thread, EventKind::LockDropRequest});
    }
    void wokenInVain(std::uint32_t lock, Nanos at, std::uint32_t thread)
    {
        timeline().falseAlarms[thread].push_back({kStart + at, lock});
    }
    void exit(std::uint32_t thread, Nanos at)
    {
        state(thread, at, SliceState::Absent, 0, Cause::Exited);
        timeline().threads[thread].exited = kStart + at;
    }

    /// Closes all tracks at `end`.
    std::unique_ptr<VariantRecording> finish(Nanos end)
    {
        const auto close = [end](Track& track) {
            track.extendTo(kStart + end);
            track.close();
        };
        for (CoreInfo& core : timeline().cores) {
            close(core.track);
        }
        for (ThreadInfo& info : timeline().threads) {
            close(info.track);
        }
        for (LockInfo& info : timeline().locks) {
            close(info.track);
        }
        timeline().end = kStart + end;
        timeline().workEnd = kStart + end;
        timeline().finished = true;
        return std::move(m_variant);
    }

private:
    void occupy(Track& track, Nanos at, std::uint32_t thread)
    {
        track.append(kStart + at,
            SliceValue(SliceState::Running, Cause::Acquired, thread, timeline().threads[thread].colorSlot));
    }

    std::unique_ptr<VariantRecording> m_variant = std::make_unique<VariantRecording>();
};

/// Two threads that hand the GIL to each other every 5 ms or so.
inline std::unique_ptr<VariantRecording> gilVariant(
    Nanos length, const std::vector<std::string>& names, const std::string& title = "Two threads")
{
    VariantMaker maker(title, "one process, one GIL", 2);
    std::mt19937 random(7);
    std::uniform_int_distribution<Nanos> jitter(0, 400 * kMicrosecond);
    std::vector<std::uint32_t> threads;
    for (std::size_t i = 0; i < names.size(); ++i) {
        threads.push_back(maker.thread(names[i], static_cast<std::uint8_t>(i % kColorSlots + 1)));
    }
    const std::uint32_t gil = maker.lock("GIL", ObjectKind::Gil);
    Nanos t = 0;
    std::size_t turn = 0;
    for (std::size_t i = 1; i < threads.size(); ++i) {
        maker.state(threads[i], 0, SliceState::WaitingForLock, gil, Cause::Requested);
    }
    while (t < length) {
        const std::uint32_t me = threads[turn % threads.size()];
        const Nanos until = std::min(length, t + 5 * kMillisecond + jitter(random));
        maker.run(me, t, static_cast<std::uint32_t>(random() % 2), until);
        maker.hold(gil, t, me);
        if (until < length) {
            maker.ask(gil, t + 5 * kMillisecond, threads[(turn + 1) % threads.size()]);
            maker.state(me, until, SliceState::WaitingForLock, gil, Cause::Requested);
            maker.free(gil, until, Cause::ReleasedAfterTimeout);
        }
        t = until + 6 * kMicrosecond;
        ++turn;
    }
    return maker.finish(length);
}

inline std::unique_ptr<VariantRecording> processVariant(Nanos length, Nanos whole)
{
    VariantMaker maker("Two processes", "same job, two GILs, same time scale", 2);
    for (std::uint32_t i = 0; i < 2; ++i) {
        const std::uint32_t process =
            maker.thread("Process " + std::to_string(i + 1), static_cast<std::uint8_t>(3 + i));
        const std::uint32_t gil = maker.lock("GIL " + std::to_string(i + 1), ObjectKind::Gil);
        const Nanos end = length + i * kMillisecond;
        maker.state(process, 0, SliceState::Blocked, 0);
        maker.run(process, 2 * kMillisecond, i, end);
        maker.hold(gil, 2 * kMillisecond, process);
        maker.free(gil, end, Cause::ReleasedAtExit);
        maker.exit(process, end);
    }
    return maker.finish(whole);
}

/// One core shared by threads in slices of 4 ms, another that sleeps most of the time, foreign load on core 1.
inline std::unique_ptr<VariantRecording> schedulingVariant(int threads, Nanos slice, Nanos length)
{
    VariantMaker maker(std::to_string(threads) + " threads", "two cores", 2);
    std::vector<std::uint32_t> ids;
    for (int i = 0; i < threads; ++i) {
        ids.push_back(maker.thread("Thread " + std::to_string(i + 1), static_cast<std::uint8_t>(i % kColorSlots + 1)));
        maker.state(ids.back(), 0, SliceState::Runnable, 0, Cause::Born);
    }
    // Core c runs the threads with i % 2 == c in turn; the last thread only blips now and then.
    const auto sleeper = static_cast<std::size_t>(threads - 1);
    for (std::uint32_t core = 0; core < 2; ++core) {
        std::vector<std::size_t> mine;
        for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
            if (i % 2 == core) {
                mine.push_back(i);
            }
        }
        if (mine.empty()) {
            continue;
        }
        std::size_t turn = 0;
        for (Nanos t = 0; t < length; t += slice, ++turn) {
            const std::uint32_t me = ids[mine[turn % mine.size()]];
            const Nanos until = std::min(length, t + slice);
            maker.run(me, t, core, until);
            if (until < length && mine.size() > 1) {
                maker.state(me, until, SliceState::Runnable, 0, Cause::Preempted);
            }
        }
    }
    if (threads > 2) {
        maker.state(ids[sleeper], 0, SliceState::Blocked, static_cast<std::uint32_t>(WaitKind::Sleep), Cause::Blocked);
        for (Nanos t = 10 * kMillisecond; t < length; t += 10 * kMillisecond) {
            maker.state(ids[sleeper], t, SliceState::Running, 1, Cause::SwitchedIn);
            maker.state(ids[sleeper], t + 60 * kMicrosecond, SliceState::Blocked,
                static_cast<std::uint32_t>(WaitKind::Sleep), Cause::Blocked);
        }
    }
    for (CoreInfo& core : maker.timeline().cores) {
        for (Nanos t = 0; t < length; t += 50 * kMillisecond) {
            core.usage.push_back({kStart + t, kStart + t + 50 * kMillisecond, core.cpu, 1.0F, 0.0F, 0.0F});
        }
    }
    return maker.finish(length);
}

/// Thread 1 holds A and waits for B, Thread 2 holds B and waits for A, from 12 ms on.
inline std::unique_ptr<VariantRecording> deadlockVariant(Nanos length)
{
    VariantMaker maker("Two orders", "A then B; B then A", 2);
    const std::uint32_t one = maker.thread("Thread 1", 1);
    const std::uint32_t two = maker.thread("Thread 2", 2);
    const std::uint32_t a = maker.lock("A", ObjectKind::Mutex);
    const std::uint32_t b = maker.lock("B", ObjectKind::Mutex);
    maker.run(one, 0, 0, 11 * kMillisecond);
    maker.run(two, 0, 1, 12 * kMillisecond);
    maker.hold(a, 3 * kMillisecond, one);
    maker.hold(b, 4 * kMillisecond, two);
    maker.state(one, 11 * kMillisecond, SliceState::WaitingForLock, b, Cause::Requested);
    maker.state(two, 12 * kMillisecond, SliceState::WaitingForLock, a, Cause::Requested);
    return maker.finish(length);
}

/// Two threads add to a counter; the first update that is lost happens around 300 µs.
inline std::unique_ptr<VariantRecording> raceVariant(int updates)
{
    VariantMaker maker("Plain", "x = x + 1, no lock", 2);
    const std::uint32_t one = maker.thread("Thread 1", 1);
    const std::uint32_t two = maker.thread("Thread 2", 2);
    CounterInfo& counter = maker.timeline().counters.emplace_back();
    counter.id = 1;
    counter.name = "x";
    std::int64_t value = 0;
    Nanos t = kStart;
    for (int i = 0; i < updates; ++i) {
        const std::uint32_t me = i % 2 == 0 ? one : two;
        const std::uint32_t other = me == one ? two : one;
        counter.accesses.push_back({t, value, me, false});
        if (i == updates / 2) { // the other one gets in between
            counter.accesses.push_back({t + 60, value, other, false});
            counter.accesses.push_back({t + 120, value + 1, other, true});
        }
        counter.accesses.push_back({t + 200, value + 1, me, true});
        ++value;
        t += 300;
    }
    const Nanos length = t - kStart;
    maker.run(one, 0, 0, length);
    maker.run(two, 0, 1, length);
    return maker.finish(length);
}

/// `slices` slices on each of `tracks` threads, half of the time running; too short to be seen one by one.
inline std::unique_ptr<VariantRecording> denseVariant(std::size_t slices, int tracks, Nanos length)
{
    VariantMaker maker("Dense", "half running, half waiting", tracks);
    const auto step = static_cast<double>(length) / static_cast<double>(slices);
    for (int i = 0; i < tracks; ++i) {
        const std::uint32_t me = maker.thread("Thread " + std::to_string(i + 1), static_cast<std::uint8_t>(i + 1));
        Track& thread = maker.timeline().threads[me].track;
        Track& core = maker.timeline().cores[static_cast<std::size_t>(i)].track;
        for (std::size_t s = 0; s < slices; ++s) {
            const Nanos at = kStart + static_cast<Nanos>(static_cast<double>(s) * step);
            if (s % 2 == 0) {
                thread.append(at, {SliceState::Running, Cause::SwitchedIn, static_cast<std::uint32_t>(i), 1});
                core.append(at, {SliceState::Running, Cause::SwitchedIn, me, static_cast<std::uint8_t>(i + 1)});
            } else {
                thread.append(at, {SliceState::Blocked, Cause::Blocked, 0, 3});
                core.append(at, {});
            }
        }
    }
    return maker.finish(length);
}

/// A finished model of these variants, with a report and, if asked, a verdict.
inline std::unique_ptr<RunModel> modelOf(
    std::vector<std::unique_ptr<VariantRecording>> variants, const std::string& headline = {})
{
    Recording recording;
    RunReport report;
    report.machine.cores = 2;
    report.machine.kernel = "Linux 6.18";
    report.machine.cpu = "Sample CPU";
    for (auto& variant : variants) {
        VariantReport& entry = report.variants.emplace_back();
        entry.id = variant->id;
        entry.name = variant->title;
        entry.gilNote = variant->timeline.gilNote;
        entry.wall = variant->timeline.workRange().length();
        for (const CoreInfo& core : variant->timeline.cores) {
            const Shares shares = core.track.shares(variant->timeline.workRange());
            for (std::size_t slot = 1; slot < shares.size(); ++slot) {
                entry.cpu += shares[slot];
            }
        }
        entry.parallelism = static_cast<double>(entry.cpu) / static_cast<double>(entry.wall);
        if (findDeadlock(variant->timeline)) {
            entry.exit.kind = Exit::Kind::Deadlocked;
        }
        recording.variants.push_back(std::move(variant));
    }
    if (!headline.empty()) {
        Verdict& verdict = report.verdict.emplace();
        verdict.headline = headline;
        verdict.caption = "as fast as one thread";
        verdict.why = "Only the thread that holds the GIL runs. Two processes have two GILs.";
        verdict.measured = 1.0;
        verdict.holds = true;
    }
    recording.reportJson = toJson(report).dump();
    recording.created = "2026-03-01T14:05:09+01:00";
    auto model = RunModel::fromRecording(std::move(recording));
    return model ? std::move(*model) : nullptr;
}

template <class... Variants> std::unique_ptr<RunModel> modelWith(const std::string& headline, Variants... variants)
{
    std::vector<std::unique_ptr<VariantRecording>> list;
    (list.push_back(std::move(variants)), ...);
    return modelOf(std::move(list), headline);
}

} // namespace timeslice::samples
