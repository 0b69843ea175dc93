// Where the probe gets the event channel's descriptor from.
//
// First by the path that the environment names, a descriptor of Timeslice's under /proc. It leads nowhere, or to
// something else, in another PID namespace with a /proc of its own and after chroot(), and another user may not follow
// it; there the recording is asked for the file (channel_client.h).
#pragma once

#include "core/base/unique_fd.h"

namespace timeslice::probe {

/// A descriptor of the channel's file, open for reading and writing; none if it cannot be had. Whether it is a channel
/// is for the caller to check. Any thread; may wait, but never for long; changes errno, and has cancellation points.
UniqueFd openChannelFile() noexcept;

/// Whether the path that the environment names leads to the recording's channel. Changes errno.
bool channelIsAtItsPath() noexcept;

} // namespace timeslice::probe
