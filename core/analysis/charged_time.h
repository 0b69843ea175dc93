// What the kernel charges a run beyond the time that its threads are seen to run: the work of putting a thread onto a
// core, and of ending threads and processes.
//
// A context-switch record is written when a thread is on its core already and when it is about to leave; the kernel's
// clock of CPU time changes from one thread to the next earlier, before it looks for the next. And the last record of a
// thread is that of its exit: what the kernel does after it, no record shows.
//
// Measured on Linux 6.18 (x86-64, a virtual machine) by recording the same runs twice at once, as any user may and
// core-wide as root, where the kernel does record what a thread does after its exit record, until it is gone:
// - after the exit record: 21 us a thread (memory of its stack, leaving its group); 0.13 ms for /bin/true, 1.1 ms for
//   python3 with json, 1.8 ms for a multiprocessing worker (the address space is taken down; before Linux 6.16 that
//   came before the record, so older kernels show less here). Over 2000 threads, 100 processes, 30 interpreters and 12
//   workers, that is 82, 87, 116 and 97 % of what running time and the kernel's account (wait4) differ by;
// - at every switch-in: 60,000 switches between two processes, or two threads, that end once only: 1.7 and 1.5 us each;
//   the gap between one thread's last record and the next one's first on the same core was 1.6 and 1.3 us (median). The
//   first switch-in of a thread costs no more than any other (0.5 us from the core-wide record to its own);
// - what remains either way, some ms in seconds of CPU time, is time stolen by the host: it counts as running, and not
//   as CPU time.
#pragma once

#include "core/trace/timeline.h"

namespace timeslice {

struct ChargedTime {
    Nanos starting = 0; ///< putting threads onto cores, the first time and every other
    Nanos ending = 0; ///< after their exit records
    Nanos uncharged = 0; ///< of the running time: what it exceeds the account by
};

/// What `cpu`, the kernel's account, holds beyond the running time of the work's threads in `range`. `wholeLife`: it is
/// of all threads and goes on until they are gone. Both together make up the difference: `starting` is the number of
/// switch-ins times the median of those gaps where a core goes from one thread directly to another, and `ending` the
/// rest. Where the host of a virtual machine takes more than that, running time exceeds the account, which leaves out
/// what was stolen (CONFIG_PARAVIRT_TIME_ACCOUNTING): then `uncharged` is the difference. Nothing is said where the
/// difference may have other reasons: inferred tracks, lost events, processes of which the kernel tells nothing.
/// O(slices of cores).
ChargedTime chargedBeyondRunning(const Timeline& timeline, TimeRange range, Nanos cpu, bool wholeLife);

} // namespace timeslice
