// Counters: the race, and the two ways without one.
#include "core/workload/step_performer.h"

namespace timeslice {

template <class Update>
void StepPerformer::incrementBy(std::uint64_t times, std::atomic<std::uint64_t>& done, Update update)
{
    constexpr std::uint64_t kPerTick = 64; // a few microseconds at most, like a chunk
    std::uint64_t count = done.load(std::memory_order_relaxed);
    for (std::uint64_t i = 0; i < times; ++i) {
        update();
        done.store(++count, std::memory_order_relaxed);
        if (m_gil != nullptr) {
            m_gil->check(); // between two updates, never within one: CPython's `c += 1` since 3.10
        }
        if (i % kPerTick == 0) {
            m_stamp.tick();
            if (stopping()) {
                return;
            }
        }
    }
}

Result<void> StepPerformer::perform(const step::Increment& increment)
{
    using How = step::Increment::How;
    SharedCounter& counter = *m_plan.resources->counters[increment.counter];
    std::atomic<std::uint64_t>& done = m_plan.increments[increment.counter]->done;
    const ObjectId id = counter.id;
    // Each access is stamped right after it happened. The empty asm keeps load, add and store three instructions:
    // fused into one they would still lose updates, but no longer be the program that the lesson shows.
    const auto loadAddStore = [&] {
        std::int64_t value = counter.value.load(std::memory_order_relaxed);
        asm volatile("" : "+r"(value));
        ++value;
        asm volatile("" : "+r"(value));
        counter.value.store(value, std::memory_order_relaxed);
    };
    const auto recordedLoadAddStore = [&] {
        const std::int64_t value = counter.value.load(std::memory_order_relaxed);
        m_writer.record(EventKind::CounterLoad, id, static_cast<std::uint64_t>(value));
        counter.value.store(value + 1, std::memory_order_relaxed);
        m_writer.record(EventKind::CounterStore, id, static_cast<std::uint64_t>(value + 1));
    };
    switch (increment.how) {
    case How::Plain:
        if (increment.record) {
            incrementBy(increment.times, done, recordedLoadAddStore);
        } else {
            incrementBy(increment.times, done, loadAddStore);
        }
        break;
    case How::Atomic:
        incrementBy(increment.times, done, [&] {
            const std::int64_t value = counter.value.fetch_add(1, std::memory_order_relaxed);
            if (increment.record) { // one indivisible access, so one moment for both
                const Nanos now = monotonicNow();
                m_writer.recordAt(now, EventKind::CounterLoad, id, static_cast<std::uint64_t>(value));
                m_writer.recordAt(now, EventKind::CounterStore, id, static_cast<std::uint64_t>(value + 1));
            }
        });
        break;
    case How::Mutex:
        incrementBy(increment.times, done, [&] {
            take(increment.mutex);
            if (increment.record) {
                recordedLoadAddStore();
            } else {
                loadAddStore();
            }
            giveBack(increment.mutex);
        });
        break;
    case How::Local: {
        std::int64_t own = 0;
        incrementBy(increment.times, done, [&] {
            asm volatile("" : "+r"(own)); // as many additions as the other ways make
            ++own;
        });
        const std::int64_t before = counter.value.fetch_add(own, std::memory_order_relaxed);
        if (increment.record) {
            const Nanos now = monotonicNow();
            m_writer.recordAt(now, EventKind::CounterLoad, id, static_cast<std::uint64_t>(before));
            m_writer.recordAt(now, EventKind::CounterStore, id, static_cast<std::uint64_t>(before + own));
        }
        break;
    }
    }
    return {};
}

} // namespace timeslice
