// Standard output that remembers why something could not be written. The C library forgets: when a buffer of its own
// fills up and cannot be written, all that a later flush can tell is that something is missing.
#pragma once

#include "core/base/result.h"

namespace timeslice {

/// From here on whatever is printed, through stdio or std::cout, is watched. Once, on the only thread, before anything
/// is printed.
void watchStandardOutput();

/// Whether everything printed on standard output so far has arrived. Errors: not all of it, and why (a full disk); told
/// once. Of a reader that went away (`| head`) the message is empty: that is no news to anybody.
Result<void> flushStandardOutput();

} // namespace timeslice
