// UnseenGils: where a thread that stands still may be waiting for a GIL of which there is no record.
//
// Keeps Timeline::unobserved, and turns "blocked" of those threads into SliceState::OffCore. What is certain only after
// a while (or turns out to be wrong) is put right on the tracks that are there already.
#pragma once

#include "core/trace/timeline.h"

namespace timeslice {

/// Not thread-safe: part of a TimelineBuilder.
class UnseenGils {
public:
    explicit UnseenGils(Timeline& timeline)
        : m_timeline(timeline)
    {
    }

    void add(const UnobservedProcess& process);
    /// A GIL of `pid` is on record after all.
    void isSeen(Pid pid);
    /// The program that `pid` ran until `time` is gone.
    void endsAt(Pid pid, Nanos time);

    /// What a track shows where it is known to be `value`. What the workload tells of a wait remains.
    SliceValue shown(SliceValue value, Pid pid, Nanos time) const noexcept
    {
        return m_timeline.unobserved.empty() ? value : shownAmong(value, pid, time);
    }

private:
    SliceValue shownAmong(SliceValue value, Pid pid, Nanos time) const noexcept;
    void redraw(Pid pid);

    Timeline& m_timeline;
};

} // namespace timeslice
