// An independent reference: the same schedules, made tick by tick with lists that are searched from end to end. It
// shares the jobs and the draws with what it checks, nothing else.
#pragma once

#include "core/dispatch/closed_form.h"

#include <vector>

namespace timeslice::dispatch_test {

/// Times in ticks of a nanosecond. The spans are in the order of JobSchedule::spans.
std::vector<Span> tickByTick(const JobTable& jobs, const PolicyOptions& options);

} // namespace timeslice::dispatch_test
