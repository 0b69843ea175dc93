// Counts that a workload may make larger than any number: of loops of loops of increments.
#pragma once

#include <algorithm>
#include <cstdint>

namespace timeslice {

inline constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 62;

/// a * b, cut off at kMostCounted.
inline std::uint64_t cutProduct(std::uint64_t a, std::uint64_t b) noexcept
{
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? kMostCounted : std::min(product, kMostCounted);
}

} // namespace timeslice
