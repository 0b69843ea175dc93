// StepSeat: the gate of one thread that is stepped, and what it answers.
//
//   dispatcher:  give(Step) ─────────────▶ waitUntilAnswered() ── give(...) ─▶
//   thread:      nextOrder() ── takes it ─▶ answer(...)  ── waits at the gate again ─▶
//
// Both ends share a few words and nothing else: neither owns anything that the other needs, so that each can be killed
// at any moment and the other goes on, or is told so by whoever watches over it. An order is a count and what is to be
// done; it is carried out once it has been answered. Where dispatcher and threads are not of one process, each takes
// what the other wrote for mere numbers: no index, no length.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace timeslice {

enum class StepOrder : std::uint32_t {
    Step = 1,
    Rewind = 2, ///< to the beginning of its program; what it holds it gives back
    Leave = 3,
};

/// What a thread says after an order.
struct StepAnswer {
    std::int64_t registerValue = 0;
    std::int64_t value = 0; ///< of the shared variable, looked at by this thread right after the step
    friend bool operator==(const StepAnswer&, const StepAnswer&) = default;
};

/// In memory that both ends share; all zero is a seat that nobody has taken. One dispatcher, one thread.
class alignas(64) StepSeat {
public:
    // The dispatcher's end.

    /// The order before must have been answered.
    void give(StepOrder order) noexcept;
    bool answered() const noexcept;
    /// False: not within `most`.
    bool waitUntilAnswered(Nanos most) noexcept;
    StepAnswer answer() const noexcept; ///< the last one
    Tid tid() const noexcept { return m_tid.load(std::memory_order_acquire); } ///< 0: nobody sits here yet

    // The thread's end.

    void sit(Tid tid) noexcept;
    /// Waits for an order that is not answered. Nothing: a signal, or nothing at all, has ended the wait; look whether
    /// to go on, and wait again. What cannot be an order is Leave.
    std::optional<StepOrder> nextOrder() noexcept;
    void answer(const StepAnswer& answer) noexcept;

private:
    static constexpr std::uint32_t kKinds = 4; ///< an order is a count times this, and StepOrder

    std::atomic<std::uint32_t> m_order{0};
    std::atomic<std::uint32_t> m_answered{0}; ///< the m_order that was carried out
    std::atomic<std::int32_t> m_tid{0};
    std::atomic<std::int64_t> m_register{0};
    std::atomic<std::int64_t> m_value{0};
};

} // namespace timeslice
