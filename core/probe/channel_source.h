// Where the probe gets the event channel's descriptor from.
#pragma once

#include "core/base/unique_fd.h"

namespace timeslice::probe {

/// A descriptor of the channel's file, open for reading and writing; none if it cannot be had. Whether it is a channel
/// is for the caller to check. Any thread; changes errno, and open() is a cancellation point.
UniqueFd openChannelFile() noexcept;

} // namespace timeslice::probe
