// The kernel's weights of nice values: a step of one is some 10 % of the share of two.
//
// Source: Linux, kernel/sched/core.c, sched_prio_to_weight.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace timeslice {

inline constexpr std::int64_t kNiceZeroWeight = 1024;

/// `nice` from -20 to 19.
constexpr std::int64_t niceWeight(int nice) noexcept
{
    constexpr std::array<std::int64_t, 40> kWeights = {88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949,
        11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172,
        137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15};
    return kWeights[static_cast<std::size_t>(nice + 20)];
}

} // namespace timeslice
