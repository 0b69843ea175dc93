// TIMESLICE_RECORDING: how a recording reaches the programs that it records.
//
// One environment variable says all that was added to a program's environment for the recording's sake, so that the
// probe can take exactly that away again (core/probe/environment.h) and a user's own variables stay what they are:
//
//   TIMESLICE_RECORDING=LD_PRELOAD=/path/of/the/probe <newline> NAME=VALUE <newline> NAME=VALUE ...
//
// The first item is the path that stands in LD_PRELOAD, behind what the user has there: "theirs:ours". (The runtimes of
// GCC's sanitizers insist on being the first library of all.) The others are variables for the probe and for the module
// of our lessons. A value holds no newline.
#pragma once

#include <cstddef>

namespace timeslice::recording_variable {

inline constexpr char kName[] = "TIMESLICE_RECORDING";
inline constexpr char kPreload[] = "LD_PRELOAD";
inline constexpr char kSeparator = '\n';
/// With name and terminator. A longer one is not hidden.
inline constexpr std::size_t kMostBytes = 8192;

} // namespace timeslice::recording_variable
