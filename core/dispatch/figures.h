// What a schedule is judged by: turnaround, waiting and response time of each job, and their means.
//
// Source of the definitions: OSTEP, chapter 7, and its homework's README: turnaround from arrival to end; response from
// arrival to the first moment on a core; waiting is all time that a job is ready and has no core.
#pragma once

#include "core/dispatch/job.h"

#include <optional>
#include <vector>

namespace timeslice {

/// Of one job. Times count from the start of the schedule.
struct JobFigures {
    Nanos arrival = 0;
    std::optional<Nanos> begun; ///< nothing: it never had a core
    std::optional<Nanos> ended; ///< nothing: the schedule was cut off before
    Nanos ran = 0; ///< on a core
    Nanos blocked = 0;
    Nanos waiting = 0; ///< until its end, or until the schedule was cut off

    std::optional<Nanos> turnaround() const noexcept { return ended ? std::optional(*ended - arrival) : std::nullopt; }
    std::optional<Nanos> response() const noexcept { return begun ? std::optional(*begun - arrival) : std::nullopt; }
    /// It had arrived when it was over at `until`, and had never had a core.
    bool starved(Nanos until) const noexcept { return !begun && arrival < until; }
};

/// Of a whole schedule. Means are rounded down to a nanosecond.
struct Figures {
    std::vector<JobFigures> jobs; ///< as in the table
    std::optional<Nanos> turnaround; ///< mean; nothing unless all have ended
    std::optional<Nanos> response; ///< mean; nothing unless all have begun
    Nanos waiting = 0; ///< mean
    Nanos longestWait = 0; ///< the most that one of them waited, all in all
    std::size_t starved = 0; ///< arrived, and never had a core
    std::size_t unfinished = 0;

    static Figures of(std::vector<JobFigures> jobs, Nanos until); ///< `until`: when it ended, or was cut off
};

} // namespace timeslice
