// A recording in the Trace Event Format, for ui.perfetto.dev (v54 or later shows all of it) and chrome://tracing.
//
// Each variant is a process; in it, one after another, its cores, its threads and its locks:
//   thread    "X" slices with state and cause, and for Perfetto's scheduling views the same as "T" slices of category
//             thread_state ("Running" with args.cpu, "R", "R+" preempted, "S")
//   core      "X" slices named after the thread
//   lock      "X" slices named after the holder, "i" for drop requests and forced waits; "s"/"f" arrows from the
//             thread that let go to the one that took it next
//   counter, core usage     "C"
//   mark, latency           "i"
// Times are microseconds, exact to the nanosecond, from the start of the earliest variant's recording.
#pragma once

#include "core/base/result.h"
#include "core/trace/recording.h"

#include <filesystem>
#include <ostream>

namespace timeslice {

/// Streams: needs no memory for the events. Errors: the stream failed.
Result<void> exportChromeTrace(const Recording& recording, std::ostream& out);
/// The same into a file that is replaced whole or not at all. Errors: the system's, with the path.
Result<void> exportChromeTrace(const Recording& recording, const std::filesystem::path& path);

} // namespace timeslice
