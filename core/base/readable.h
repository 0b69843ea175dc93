// Whether there is something to read from a descriptor.
#pragma once

#include <poll.h>

namespace timeslice {

/// Looks without waiting; an end or an error counts, a negative descriptor never has anything. Any thread.
inline bool readable(int fd) noexcept
{
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 0) == 1;
}

} // namespace timeslice
