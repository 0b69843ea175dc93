// What a wait status says, in words.
#pragma once

#include <string>

namespace timeslice {

/// Whether a process that ended with `status`, as from wait(2), was killed by a signal.
bool wasKilled(int status) noexcept;
/// "SIGKILL", or "signal 35" where it has no name of its own.
std::string signalText(int signal);
/// The sign in the picture: "SIGSEGV", "exit 3"; "" for an exit with 0.
std::string endSign(int status);
/// In a sentence: "killed by SIGSEGV", "exited with 3", "exited with 0".
std::string endText(int status);

} // namespace timeslice
