// Time as the whole program counts it: signed nanoseconds of CLOCK_MONOTONIC.
//
// Every source (kernel records, lock events, CPU usage samples) uses this one clock, so that
// times of different origin may be compared and drawn on one axis.
#pragma once

#include <cstdint>
#include <ctime>

namespace timeslice {

/// Nanoseconds. A point in time counts from the boot of the machine (CLOCK_MONOTONIC).
using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;
/// What comes from outside (events, files) lies within +-73 years of the machine's start, so that no sum overflows.
inline constexpr Nanos kLatestTime = Nanos{1} << 61;

/// The time now. Callable from any thread and from signal handlers; never fails.
inline Nanos monotonicNow() noexcept
{
    timespec ts{};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return Nanos{ts.tv_sec} * kSecond + ts.tv_nsec;
}

/// Half-open interval [begin, end).
struct TimeRange {
    Nanos begin = 0;
    Nanos end = 0;

    constexpr Nanos length() const noexcept { return end - begin; }
    constexpr bool empty() const noexcept { return end <= begin; }
    constexpr bool contains(Nanos t) const noexcept { return begin <= t && t < end; }
    friend constexpr bool operator==(TimeRange, TimeRange) noexcept = default;
};

constexpr double toSeconds(Nanos t) noexcept
{
    return static_cast<double>(t) * 1e-9;
}
constexpr double toMillis(Nanos t) noexcept
{
    return static_cast<double>(t) * 1e-6;
}

} // namespace timeslice
