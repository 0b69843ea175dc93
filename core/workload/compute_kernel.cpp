#include "core/workload/compute_kernel.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

// noinline: one copy of the loop in the program, so that all callers execute the same instructions.
[[gnu::noinline]] std::uint64_t compute(std::uint64_t state, std::uint64_t iterations) noexcept
{
    for (std::uint64_t i = 0; i < iterations; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        asm volatile("" : "+r"(state)); // the compiler may neither drop an iteration nor merge two
    }
    return state;
}

double calibrateIterationsPerUs() noexcept
{
    constexpr int kBursts = 40;
    constexpr Nanos kBurst = kMillisecond;
    // The first burst tells how many iterations a burst has; it also wakes the core up.
    std::uint64_t state = kFirstState;
    std::uint64_t iterations = kChunkIterations;
    for (;;) {
        const Nanos begin = monotonicNow();
        state = compute(state, iterations);
        if (monotonicNow() - begin >= kBurst) {
            break;
        }
        iterations *= 2;
    }
    double best = 0;
    for (int burst = 0; burst < kBursts; ++burst) {
        const Nanos begin = monotonicNow();
        state = compute(state, iterations);
        const Nanos taken = std::max<Nanos>(monotonicNow() - begin, 1);
        best = std::max(best, static_cast<double>(iterations) * 1e3 / static_cast<double>(taken));
    }
    return best;
}

std::uint64_t iterationsFor(Nanos cpuTime, double iterationsPerUs) noexcept
{
    if (cpuTime <= 0) {
        return 0;
    }
    const double iterations = std::round(static_cast<double>(cpuTime) * 1e-3 * iterationsPerUs);
    constexpr double kMost = 9e18; // an absurd speed must not overflow
    return static_cast<std::uint64_t>(std::clamp(iterations, 1.0, kMost));
}

} // namespace timeslice
