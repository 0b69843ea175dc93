// What happens to a traced GIL, told by the wrappers (interpose.cpp) and recorded by the thread that it happens to.
//
//   called by                                  records
//   pthread_cond_timedwait(released)           LockRequest, the first time; LockDropRequest when it goes on waiting
//                                              after a whole switch interval in which the GIL went to nobody else;
//                                              LockFalseAlarm when it goes on waiting after it was signalled
//   pthread_cond_signal(switched)              LockAcquire: in take_gil, with the GIL's mutex held
//   pthread_cond_signal(released)              LockRelease: in drop_gil, with the GIL's mutex held; Timeout if a drop
//                                              request was made during this hold
//   pthread_cond_wait(switched)                LockForcedWait
//   pthread_mutex_unlock(mutex) while waiting  LockAbandon: the interpreter is being finalized
//
// Acquisitions and releases are stamped while the GIL's mutex is held, so holds of one GIL cannot overlap.
#pragma once

#include "core/probe/thread_record.h"
#include "core/probe/traced_gil.h"

namespace timeslice::probe {

/// The calling thread has just been seen to take a new GIL.
void gilRecognized(ThreadRecord& thread, GilParts parts) noexcept;
enum class Gone : bool { Destroyed, MadeAnew };
/// Its condition was destroyed or made anew.
void gilGone(ThreadRecord& thread, TracedGil& gil, Gone how) noexcept;
/// The forking thread's first ring in a child: the GIL that it has held since the fork is the child's own.
void recordInherited(ThreadRecord& thread) noexcept;

void gilTaken(ThreadRecord& thread, TracedGil& gil) noexcept;
void gilDropped(ThreadRecord& thread, TracedGil& gil) noexcept;
void forcedWaitBegins(ThreadRecord& thread, TracedGil& gil) noexcept;

/// One pthread_cond_timedwait() of take_gil's loop.
struct IntervalWait {
    std::uint64_t generation = 0;
    std::uint64_t switches = 0;
};
IntervalWait intervalWaitBegins(ThreadRecord& thread, TracedGil& gil) noexcept;
void intervalWaitTimedOut(ThreadRecord& thread, const TracedGil& gil, const IntervalWait& wait) noexcept;

/// The thread stops waiting without having got the GIL; nothing if it was not waiting.
void giveUpWaiting(ThreadRecord& thread) noexcept;

} // namespace timeslice::probe
