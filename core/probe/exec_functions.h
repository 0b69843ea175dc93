// The functions that turn a process into another program, without the C library's names.
#pragma once

namespace timeslice::probe {

/// execve(2), the program being recorded where that can be done.
int becomeProgram(const char* path, char* const* argv, char* const* environment) noexcept;
/// execvpe(3).
int becomeProgramOfPath(const char* file, char* const* argv, char* const* environment) noexcept;

} // namespace timeslice::probe
