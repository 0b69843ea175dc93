// What a person calls a thread or a lock.
#pragma once

#include "core/trace/timeline.h"

#include <string>

namespace timeslice {

/// Its name, or "thread 1234" while it has none.
std::string threadName(const Timeline& timeline, std::uint32_t thread);
/// Its name, or "lock 7".
std::string lockName(const Timeline& timeline, std::uint32_t lock);

} // namespace timeslice
