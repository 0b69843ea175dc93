#include "core/dispatch/python_random.h"

namespace timeslice {

PythonRandom::PythonRandom(std::uint32_t seed) noexcept
{
    constexpr std::uint32_t kArraySeed = 19'650'218;
    seedWith(kArraySeed);
    // init_by_array with an array of one word: its index is always 0.
    std::size_t i = 1;
    const auto mixed = [&](std::uint32_t factor) {
        return m_state[i] ^ ((m_state[i - 1] ^ (m_state[i - 1] >> 30)) * factor);
    };
    const auto step = [&] {
        if (++i == kWords) {
            m_state[0] = m_state[kWords - 1];
            i = 1;
        }
    };
    for (std::size_t k = 0; k < kWords; ++k) {
        m_state[i] = mixed(1'664'525) + seed;
        step();
    }
    for (std::size_t k = 1; k < kWords; ++k) {
        m_state[i] = mixed(1'566'083'941) - static_cast<std::uint32_t>(i);
        step();
    }
    m_state[0] = 0x8000'0000U;
}

void PythonRandom::seedWith(std::uint32_t seed) noexcept
{
    m_state[0] = seed;
    for (std::size_t i = 1; i < kWords; ++i) {
        m_state[i] = 1'812'433'253U * (m_state[i - 1] ^ (m_state[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
    }
}

void PythonRandom::refill() noexcept
{
    constexpr std::size_t kShift = 397;
    constexpr std::uint32_t kUpper = 0x8000'0000U;
    constexpr std::uint32_t kTwist = 0x9908'b0dfU;
    for (std::size_t i = 0; i < kWords; ++i) {
        const std::uint32_t y = (m_state[i] & kUpper) | (m_state[(i + 1) % kWords] & ~kUpper);
        m_state[i] = m_state[(i + kShift) % kWords] ^ (y >> 1) ^ ((y & 1U) != 0 ? kTwist : 0);
    }
    m_at = 0;
}

std::uint32_t PythonRandom::word() noexcept
{
    if (m_at == kWords) {
        refill();
    }
    std::uint32_t y = m_state[m_at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c'5680U;
    y ^= (y << 15) & 0xefc6'0000U;
    return y ^ (y >> 18);
}

double PythonRandom::next() noexcept
{
    const std::uint32_t high = word() >> 5;
    const std::uint32_t low = word() >> 6;
    return (high * 67'108'864.0 + low) / 9'007'199'254'740'992.0;
}

} // namespace timeslice
