#include "core/workload/store_buffer.h"

#include <algorithm>
#include <sched.h>

namespace timeslice {

namespace {

void relax() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Polls, as the other is nanoseconds away. If it has no core, it is given this one.
template <class Condition> bool waitUntil(Condition condition, const std::function<bool()>& goOn)
{
    constexpr int kPolls = 200; // some microseconds: what is not here by then has no core
    while (!condition()) {
        for (int i = 0; i < kPolls && !condition(); ++i) {
            relax();
        }
        if (!condition()) {
            if (!goOn()) {
                return false;
            }
            sched_yield();
        }
    }
    return true;
}

template <MemoryOrder order> int storeThenLoad(std::atomic<int>& mine, const std::atomic<int>& theirs) noexcept
{
    if constexpr (order == MemoryOrder::SequentiallyConsistent) {
        mine.store(1, std::memory_order_seq_cst);
        return theirs.load(std::memory_order_seq_cst);
    } else {
        constexpr bool kRelaxed = order == MemoryOrder::Relaxed;
        mine.store(1, kRelaxed ? std::memory_order_relaxed : std::memory_order_release);
        asm volatile("" ::: "memory"); // the compiler keeps the order: what is seen is the cores' doing
        return theirs.load(kRelaxed ? std::memory_order_relaxed : std::memory_order_acquire);
    }
}

} // namespace

void StoreBufferTest::run(std::uint64_t rounds, MemoryOrder order, const std::function<bool()>& goOn)
{
    const std::size_t me = m_seats.fetch_add(1, std::memory_order_relaxed) % m_sides.size();
    switch (order) {
    case MemoryOrder::Relaxed:
        runAs<MemoryOrder::Relaxed>(me, rounds, goOn);
        break;
    case MemoryOrder::AcquireRelease:
        runAs<MemoryOrder::AcquireRelease>(me, rounds, goOn);
        break;
    case MemoryOrder::SequentiallyConsistent:
        runAs<MemoryOrder::SequentiallyConsistent>(me, rounds, goOn);
        break;
    }
}

template <MemoryOrder order>
bool StoreBufferTest::runAs(std::size_t me, std::uint64_t rounds, const std::function<bool()>& goOn)
{
    while (rounds > 0) {
        const std::size_t batch = std::min<std::uint64_t>(rounds, kBatch);
        if (!goOn() || !runBatch<order>(me, batch, goOn) || !meet(me, goOn)) {
            return false;
        }
        if (me == 0) {
            count(batch);
        }
        clear(me, batch);
        if (!meet(me, goOn)) {
            return false;
        }
        rounds -= batch;
    }
    return true;
}

template <MemoryOrder order>
bool StoreBufferTest::runBatch(std::size_t me, std::size_t rounds, const std::function<bool()>& goOn)
{
    for (std::size_t i = 0; i < rounds; ++i) {
        Round& round = m_rounds[i];
        if (i % m_sides.size() == me) {
            round.open.store(1, std::memory_order_release);
        } else if (!waitUntil([&] { return round.open.load(std::memory_order_acquire) != 0; }, goOn)) {
            return false;
        }
        const int read = me == 0 ? storeThenLoad<order>(round.x, round.y) : storeThenLoad<order>(round.y, round.x);
        m_sides[me].read[i] = static_cast<unsigned char>(read);
    }
    return true;
}

bool StoreBufferTest::meet(std::size_t me, const std::function<bool()>& goOn)
{
    const std::uint64_t mine = m_sides[me].meetings.load(std::memory_order_relaxed) + 1;
    m_sides[me].meetings.store(mine, std::memory_order_release);
    const Side& other = m_sides[1 - me];
    return waitUntil([&] { return other.meetings.load(std::memory_order_acquire) >= mine; }, goOn);
}

void StoreBufferTest::count(std::size_t rounds) noexcept
{
    for (std::size_t i = 0; i < rounds; ++i) {
        ++m_counts[std::size_t{2} * m_sides[0].read[i] + m_sides[1].read[i]];
    }
}

void StoreBufferTest::clear(std::size_t me, std::size_t rounds) noexcept
{
    for (std::size_t i = 0; i < rounds; ++i) {
        (me == 0 ? m_rounds[i].y : m_rounds[i].x).store(0, std::memory_order_relaxed);
        if (i % m_sides.size() == me) {
            m_rounds[i].open.store(0, std::memory_order_relaxed);
        }
    }
}

} // namespace timeslice
