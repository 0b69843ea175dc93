// PythonRandom: the numbers that Python's random.random() gives after random.seed(N), so that a lottery with seed N
// draws what OSTEP's homework draws (lottery.py -s N).
//
// Source: M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998, with init_by_array of the authors'
// version of 2002; a number of 53 bits is made of two draws as in their genrand_res53.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace timeslice {

class PythonRandom {
public:
    explicit PythonRandom(std::uint32_t seed) noexcept;

    double next() noexcept; ///< from 0 to just below 1

private:
    static constexpr std::size_t kWords = 624;

    void seedWith(std::uint32_t seed) noexcept;
    void refill() noexcept;
    std::uint32_t word() noexcept;

    std::array<std::uint32_t, kWords> m_state{};
    std::size_t m_at = kWords;
};

} // namespace timeslice
