// The program's environment is as it would be without us.
//
// What the recording added to it (recording_variable.h) is taken out of `environ` before any other code of the program
// runs, in place, so that the order and every other entry stay; it is kept here, and put back in front of the programs
// that this one starts (exec_start.h). The kernel's copy, /proc/self/environ, loses what stands at its end.
#pragma once

#include <cstddef>

namespace timeslice::probe {

/// The value of a variable that came with the recording. Where nothing was hidden (the probe was preloaded by hand):
/// that of the environment. nullptr = none. Any thread; the text lives as long as the process.
const char* hiddenVariable(const char* name) noexcept;

/// Whether a recording was taken out of this program's environment.
bool recordingIsHidden() noexcept;
/// The probe's path, as LD_PRELOAD named it. Only if recordingIsHidden().
const char* probePath() noexcept;

/// What an environment needs to carry the recording as well.
struct EnvironmentSize {
    std::size_t entries = 0; ///< of theirs
    std::size_t bytes = 0; ///< of room for writeWithRecording(); 0 = it carries one already, or it cannot be added
};
EnvironmentSize sizeWithRecording(char* const* theirs) noexcept;
/// Writes it into `room`, which is aligned for pointers, and returns it. Takes `size.entries` of theirs at most, should
/// another thread change them meanwhile. Safe after vfork(), as sizeWithRecording().
char** writeWithRecording(char* const* theirs, const EnvironmentSize& size, void* room) noexcept;

} // namespace timeslice::probe
