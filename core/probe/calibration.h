// Calibration: finding the GIL of an interpreter whose birth was not recognized.
//
// A thread that holds the GIL lets go of it and takes it again, while the recognizer watches (GilRecognizer's
// hand-over). This needs the interpreter's functions by name and makes it do something that it would not have done, if
// only what any blocking call does; so it is the second choice, for a release that makes its GIL in another way than
// those we know, and for a free-threaded one that switches its GIL on later.
#pragma once

#include "core/probe/thread_record.h"

namespace timeslice::probe {

/// Whether the calling thread demonstrably holds the GIL of a CPython that is not about to end.
bool holdsGil() noexcept;

/// To be called where a new thread is about to be made: a single-threaded program has no use for it. Does nothing
/// unless the calling thread demonstrably holds the GIL of a CPython. Keeps errno.
void calibrate(ThreadRecord& thread) noexcept;

} // namespace timeslice::probe
