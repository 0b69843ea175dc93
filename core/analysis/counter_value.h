// Arithmetic of counters' values: it wraps, as the counters do.
#pragma once

#include <cstdint>

namespace timeslice::counter_value {

inline std::int64_t plus(std::int64_t value, std::uint64_t more)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + more);
}

inline std::int64_t next(std::int64_t value)
{
    return plus(value, 1);
}

inline std::int64_t previous(std::int64_t value)
{
    return plus(value, ~std::uint64_t{0});
}

inline std::int64_t difference(std::int64_t from, std::int64_t to)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}

/// How many updates by `step`, which is not 0, lie between two values; rounded towards none.
inline std::int64_t updatesBetween(std::int64_t from, std::int64_t to, std::int64_t step)
{
    return step == -1 ? difference(to, from) : difference(from, to) / step; // the least number has no negative
}

/// Whether they lie a whole number of updates apart.
inline bool isUpdatesAway(std::int64_t from, std::int64_t to, std::int64_t step)
{
    return step == 1 || step == -1 || difference(from, to) % step == 0;
}

} // namespace timeslice::counter_value
