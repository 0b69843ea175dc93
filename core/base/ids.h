// The identifiers that the kernel and the recording use, and nothing else.
#pragma once

#include <cstdint>

namespace timeslice {

using Pid = std::int32_t; ///< process id as the kernel of this machine numbers it
using Tid = std::int32_t; ///< thread id; the main thread's equals its process's Pid
using CpuId = std::int16_t; ///< logical CPU ("core" in everything a user reads), from 0

/// A lock, counter or mark of one recording; unique over all its processes. 0 names none.
using ObjectId = std::uint32_t;

inline constexpr CpuId kNoCpu = -1;

} // namespace timeslice
