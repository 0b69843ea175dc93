// mustSucceed(): for calls that fail only by a bug of the caller (unlocking what it does not hold), not by a state of
// the system.
#pragma once

#include <cassert>

namespace timeslice {

/// `error` as pthread functions return it. Any thread; calls nothing.
inline void mustSucceed([[maybe_unused]] int error) noexcept
{
    assert(error == 0);
}

} // namespace timeslice
