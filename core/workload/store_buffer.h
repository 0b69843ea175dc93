// The store-buffer litmus test, "SB": does a load overtake the store before it?
//
//   side 1:  x = 1; r1 = y        side 2:  y = 1; r2 = x        at first x = y = 0
//
// Whoever is first, one of the two must read 1, if memory is sequentially consistent. A core that lets a store wait in
// its buffer while the next load goes ahead can read 0, and so can the other at the same moment: r1 = r2 = 0.
//
// Source: J. Alglave, L. Maranget, S. Sarkar, P. Sewell, "Litmus: Running Tests Against Hardware", TACAS 2011. As its
// tool does with "-barrier user", each round has its own variables and is opened by the two sides in turn, while the
// other polls, so that they are never more than a round apart. Rounds come in batches; after one each side clears what
// it will load. So its loads find their line in its own cache, and its stores have to fetch theirs, which takes long.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace timeslice {

enum class MemoryOrder : unsigned char { Relaxed, AcquireRelease, SequentiallyConsistent };

/// In memory that both sides share: two threads, or two processes.
class StoreBufferTest {
public:
    using Counts = std::array<std::uint64_t, 4>; ///< of results: by 2 * r1 + r2

    /// One side; both must ask for the same number of rounds. `goOn` is asked now and then whether to continue: once it
    /// says no, this returns before its end, and the other side waits until its own says so. With fewer than two cores
    /// each wait gives the core away, which is slow but ends.
    void run(std::uint64_t rounds, MemoryOrder order, const std::function<bool()>& goOn);

    /// Of whole batches. Once both have returned.
    const Counts& counts() const noexcept { return m_counts; }

private:
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kBatch = 256;

    struct Round {
        alignas(kLine) std::atomic<int> x{0};
        alignas(kLine) std::atomic<int> y{0};
        alignas(kLine) std::atomic<int> open{0};
    };
    struct alignas(kLine) Side {
        std::atomic<std::uint64_t> meetings{0};
        std::array<unsigned char, kBatch> read{}; ///< by round of the batch
    };

    template <MemoryOrder order> bool runAs(std::size_t me, std::uint64_t rounds, const std::function<bool()>& goOn);
    template <MemoryOrder order> bool runBatch(std::size_t me, std::size_t rounds, const std::function<bool()>& goOn);
    bool meet(std::size_t me, const std::function<bool()>& goOn);
    void count(std::size_t rounds) noexcept;
    void clear(std::size_t me, std::size_t rounds) noexcept;

    std::array<Round, kBatch> m_rounds;
    std::array<Side, 2> m_sides;
    alignas(kLine) std::atomic<unsigned> m_seats{0}; ///< how often a side was taken
    Counts m_counts{};
};

} // namespace timeslice
