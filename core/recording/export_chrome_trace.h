// A recording in the Trace Event Format, for ui.perfetto.dev (v54 or later shows all of it) and chrome://tracing.
//
// Each process of a run is one here, called after its variant, with the kernel's numbers where they are free
// (core/recording/trace_layout.h); its threads come first, then its locks. The cores of each variant are a process,
// too:
//   thread    "X" slices with state and cause, and for Perfetto's scheduling views the same as "T" slices of category
//             thread_state ("Running" with args.cpu, "R", "R+" preempted, "S")
//   core      "X" slices named after the thread
//   lock      "X" slices named after the holder, "i" for drop requests and forced waits; "s"/"f" arrows from the
//             thread that let go to the one that took it next
//   counter, core usage, memory (rss, pss, private)     "C", for the process that owns it
//   mark, latency           "i"
// Times are microseconds, exact to the nanosecond, from the start of the earliest variant's recording; none is
// negative. otherData says of each variant how it ended, how much was lost, and when its work proper was.
#pragma once

#include "core/base/result.h"
#include "core/recording/recording.h"

#include <filesystem>
#include <ostream>

namespace timeslice {

/// Streams: needs no memory for the events. Errors: the stream failed.
Result<void> exportChromeTrace(const Recording& recording, std::ostream& out);
/// The same into a file that is replaced whole or not at all. Errors: the system's, with the path.
Result<void> exportChromeTrace(const Recording& recording, const std::filesystem::path& path);

} // namespace timeslice
