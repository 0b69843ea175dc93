// A workload in the grammar of rt-app (github.com/scheduler-tools/rt-app), as a WorkloadSpec.
//
// Source of the grammar: rt-app's doc/tutorial.txt and, where that leaves something open, src/rt-app_parse_config.c.
// The order of an object's keys is the order of its events, and a key may stand there more than once. An event's key
// only begins with the event's name ("run0"). Times are microseconds, sizes bytes, the duration is in seconds. What
// cannot be done here is refused by name.
#pragma once

#include "core/base/result.h"
#include "core/workload/workload_spec.h"

#include <string>
#include <string_view>
#include <vector>

namespace timeslice {

inline constexpr int kMostRtappThreads = 256; ///< that there are at a time, forked ones included

struct RtappWorkload {
    WorkloadSpec spec;
    std::vector<std::string> notes; ///< sentences: what is done otherwise here, or will not do what it seems to
    bool endless = false; ///< it ends only when it is stopped
};

/// `file` is named in messages. Errors: all that is wrong, a line each, in the order of the text: "FILE:LINE:COLUMN:
/// PATH: what was found and what was expected". Usage; or Unsupported, where there is nothing but what this program or
/// this machine cannot do.
Result<RtappWorkload> readRtappWorkload(std::string_view text, const std::string& file, const WorkloadBounds& bounds);

} // namespace timeslice
