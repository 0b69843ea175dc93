// TrackSteps: applies steps to the tracks of a timeline, and keeps what one track's fold tells about another.
#pragma once

#include "core/trace/due_waits.h"
#include "core/trace/replay_fold.h"
#include "core/trace/timeline.h"
#include "core/trace/timeline_rows.h"
#include "core/trace/track_folds.h"
#include "core/trace/unseen_gils.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace timeslice {

/// Not thread-safe: part of a TimelineBuilder. Rows must exist before steps are applied to their tracks.
class TrackSteps {
public:
    static constexpr std::size_t kReplay = 256; ///< steps of each track that are kept to be applied again

    TrackSteps(Timeline& timeline, const TimelineRows& rows, const UnseenGils& unseen)
        : m_timeline(timeline)
        , m_rows(rows)
        , m_unseen(unseen)
    {
    }

    // False when the step came too late to be put in its place. `concluded`: it would then be void.
    bool thread(std::uint32_t index, const Step& step, bool concluded = false);
    bool core(CpuId cpu, const Step& step, bool concluded = false);
    bool lock(std::uint32_t index, const Step& step);
    /// Of threads that wait for a known moment.
    DueWaits& dueWaits() noexcept { return m_dueWaits; }
    /// What the steps since the last time tell about other tracks: call once the event at hand is done.
    void drawConclusions();

    /// The thread that runs on a core by what is known, or kNobody.
    std::uint32_t runsOn(CpuId cpu) const;
    /// Whose track was begun, and is not closed; of those closed since extendTo() too.
    const std::vector<std::uint32_t>& liveThreads() const noexcept { return m_liveThreads; }
    /// Everything goes on until `time` at least.
    void extendTo(Nanos time);

private:
    bool ownRanOn(CpuId cpu, TimeRange range) const;

    /// What one track's fold tells about another track; applied there once the event at hand is done.
    struct Conclusion {
        std::uint32_t row = 0; ///< thread index, or CpuId
        Step step;
    };

    Timeline& m_timeline;
    const TimelineRows& m_rows;
    const UnseenGils& m_unseen;
    std::deque<ReplayFold<ThreadState>> m_threads; ///< as Timeline::threads
    std::vector<ReplayFold<CoreState>> m_cores; ///< by CpuId
    std::deque<ReplayFold<LockState>> m_locks; ///< as Timeline::locks
    std::vector<std::uint32_t> m_liveThreads;
    DueWaits m_dueWaits;
    std::vector<Conclusion> m_aboutThreads;
    std::vector<Conclusion> m_aboutCores;
};

} // namespace timeslice
