// What timeslice and its guard process say to each other, over one SOCK_SEQPACKET socket pair.
//
//   timeslice ──spawns──> timeslice-guard ──forks──> the workload (held before exec) ──> whatever it starts
//        Release, Signal, Sweep  →
//        ←  Held, Started / ExecFailed, Ended, Swept / Stuck
//
// The socket is the lifeline too: when timeslice is gone, however it went, the guard reads its end and sweeps.
#pragma once

#include "core/base/time.h"

#include <cstdint>

namespace timeslice::guard {

enum class Order : std::uint32_t {
    Release = 1, ///< let the held workload go on to exec
    Signal = 2, ///< send `signal` to everything that the workload consists of
    Sweep = 3, ///< SIGKILL all of it, until nothing is left
};

struct OrderMessage {
    Order order = Order::Release;
    std::int32_t signal = 0;
};

enum class Notice : std::uint32_t {
    Held = 1, ///< `value` is the workload's pid; it waits for Release
    Started = 2, ///< exec succeeded; `time` is when the workload was released
    ExecFailed = 3, ///< `value` is errno
    Ended = 4, ///< the workload's first process ended; `value` is its wait status. The rest is being swept
    Swept = 5, ///< nothing is left; the guard's last word. value: how many lingered on until they were killed; `cpu` is
               ///< what the whole tree used
    CannotStart = 7, ///< instead of Held: the workload's process could not be made; `value` is errno. The last word
    Reaped = 8, ///< another process, `pid`, ended that had lost its parent; `value` is its wait status. May be missing
    Stuck = 6, ///< `value` processes cannot be killed (another user's, or stuck in the kernel); it goes on trying
};

struct NoticeMessage {
    Notice notice = Notice::Held;
    std::int32_t value = 0;
    std::int32_t pid = 0; ///< of Ended and Reaped
    Nanos time = 0; ///< when the guard saw it
    Nanos cpu = 0; ///< user + system time of all processes reaped so far, since the release
};

} // namespace timeslice::guard
