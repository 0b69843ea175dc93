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

} // namespace timeslice::counter_value
