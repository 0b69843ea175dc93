// What the program's exit status says; scripts rely on it.
#pragma once

#include "core/base/result.h"

#include <string>

namespace timeslice {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1; ///< the workload failed or was killed, or an output could not be written
inline constexpr int kUsage = 2;
inline constexpr int kCannotRunHere = 3;
inline constexpr int kSignalled = 128; ///< plus the signal that stopped a run before its end, as shells have it

int exitStatus(ErrorKind kind);

/// Prints "timeslice: MESSAGE" on standard error, if there is something to say; returns the error's exit status.
int complain(const Error& error);
/// The same for what is no reason to fail.
void warn(const std::string& message);

} // namespace timeslice
