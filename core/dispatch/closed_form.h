// closedForm(): the schedule that a policy makes of a job table by calculation: what the textbook's exercise asks for.
//
// Exact integers of nanoseconds, from event to event; nothing takes time but what the table and the options say.
// A core that begins another job than its last one is busy for the switch cost first; a job is on the core after that.
// Its first job costs nothing. If it is preempted meanwhile, what was spent is spent.
#pragma once

#include "core/dispatch/decision.h"
#include "core/dispatch/figures.h"
#include "core/dispatch/job_table.h"
#include "core/dispatch/policy_options.h"

#include <cstddef>
#include <vector>

namespace timeslice {

/// How a stretch on a core came to its end.
enum class SpanEnd : unsigned char { Ended, Blocked, SliceOver, Preempted, CutOff };

/// A job has a core from `begin` to `end`; one that goes on after its slice begins no other.
struct Span {
    int core = 0;
    JobIndex job = 0;
    Nanos begin = 0;
    Nanos end = 0;
    SpanEnd how = SpanEnd::Ended;
    friend bool operator==(const Span&, const Span&) = default;
};

struct TimedDecision {
    Nanos time = 0;
    Decision decision;
};

/// From then on so many are ready, and have no core.
struct ReadyJobs {
    Nanos time = 0;
    std::size_t jobs = 0;
};

struct JobSchedule {
    std::vector<Span> spans; ///< by begin, then by core
    std::vector<TimedDecision> decisions; ///< ascending
    std::vector<ReadyJobs> ready; ///< where it changes, ascending; at first there are none
    Figures figures;
    Nanos length = 0; ///< until the last job ended, or it was cut off
    Nanos switching = 0; ///< time of all cores that went into switches
    bool cutOff = false; ///< by a limit; some jobs have not ended
};

struct ScheduleLimits {
    Nanos until = 24 * 3600 * kSecond;
    std::size_t moments = 1'000'000; ///< at which something happens
};

/// `options` must have passed their check(). A schedule that passes a limit is cut off there.
JobSchedule closedForm(const JobTable& jobs, const PolicyOptions& options, const ScheduleLimits& limits = {});

} // namespace timeslice
