// Timelines built by hand: what was recorded is known exactly, so the analysis has one right answer.
#pragma once

#include "core/trace/timeline.h"

#include <string>

namespace timeslice {

class MadeTimeline {
public:
    Timeline timeline;

    explicit MadeTimeline(Nanos end)
    {
        timeline.begin = 0;
        timeline.end = end;
        timeline.workBegin = 0;
        timeline.workEnd = end;
    }

    std::uint32_t thread(const std::string& name)
    {
        ThreadInfo& info = timeline.threads.emplace_back();
        info.tid = 100 + static_cast<Tid>(timeline.threads.size());
        info.pid = 100;
        info.name = name;
        return static_cast<std::uint32_t>(timeline.threads.size() - 1);
    }

    std::uint32_t lock(const std::string& name, ObjectKind kind = ObjectKind::Mutex)
    {
        LockInfo& info = timeline.locks.emplace_back();
        info.id = static_cast<ObjectId>(timeline.locks.size());
        info.kind = kind;
        info.name = name;
        info.maxConcurrentHolders = 1;
        return static_cast<std::uint32_t>(timeline.locks.size() - 1);
    }

    std::uint32_t core(CpuId cpu)
    {
        timeline.cores.emplace_back().cpu = cpu;
        return static_cast<std::uint32_t>(timeline.cores.size() - 1);
    }

    void running(std::uint32_t thread, Nanos from, std::uint32_t onCore = 0)
    {
        state(thread, from, SliceState::Running, Cause::SwitchedIn, onCore);
    }
    void preempted(std::uint32_t thread, Nanos from) { state(thread, from, SliceState::Runnable, Cause::Preempted, 0); }
    void blocked(std::uint32_t thread, Nanos from) { state(thread, from, SliceState::Blocked, Cause::Blocked, 0); }
    void waits(std::uint32_t thread, Nanos from, std::uint32_t lock)
    {
        state(thread, from, SliceState::WaitingForLock, Cause::Requested, lock);
    }
    void exits(std::uint32_t thread, Nanos from) { state(thread, from, SliceState::Absent, Cause::Exited, 0); }

    void held(std::uint32_t lock, Nanos from, std::uint32_t by)
    {
        timeline.locks[lock].track.append(
            from, SliceValue(SliceState::Running, Cause::Acquired, by, static_cast<std::uint8_t>(by + 1)));
    }
    void free(std::uint32_t lock, Nanos from, Cause cause = Cause::ReleasedVoluntarily)
    {
        timeline.locks[lock].track.append(from, SliceValue(SliceState::Absent, cause, 0, 0));
    }
    void runs(std::uint32_t core, Nanos from, std::uint32_t thread)
    {
        timeline.cores[core].track.append(
            from, SliceValue(SliceState::Running, Cause::SwitchedIn, thread, static_cast<std::uint8_t>(thread + 1)));
    }

    void idles(std::uint32_t core, Nanos from)
    {
        timeline.cores[core].track.append(from, SliceValue(SliceState::Absent, Cause::Blocked, 0, 0));
    }

    /// Every track lasts until the end of the recording.
    const Timeline& done(bool closed = true)
    {
        const auto finish = [&](Track& track) {
            if (!track.empty()) {
                track.extendTo(timeline.end);
                if (closed) {
                    track.close();
                }
            }
        };
        for (ThreadInfo& thread : timeline.threads) {
            finish(thread.track);
        }
        for (LockInfo& lock : timeline.locks) {
            finish(lock.track);
        }
        for (CoreInfo& core : timeline.cores) {
            finish(core.track);
        }
        timeline.finished = closed;
        return timeline;
    }

private:
    void state(std::uint32_t thread, Nanos from, SliceState state, Cause cause, std::uint32_t subject)
    {
        timeline.threads[thread].track.append(
            from, SliceValue(state, cause, subject, static_cast<std::uint8_t>(state)));
    }
};

} // namespace timeslice
