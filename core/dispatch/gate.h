// Gate: what a thread of a gated run waits at until it is let through.
//
//            open()              stop()
//   Closed <--------> Open    any ------> Stopped      for good: whoever waits, or comes later, is sent home
//            close()
//
// One word that threads or processes share, and no owner: a participant that is killed while it waits, or between two
// looks, holds nobody up, and leaves the gate as it is.
#pragma once

#include <atomic>
#include <cstdint>

namespace timeslice {

/// All of it from any thread of any process that has the memory. What was written before open() or stop() is seen by
/// whoever is let through or sent home.
class Gate {
public:
    enum class State : std::uint32_t { Closed = 0, Open = 1, Stopped = 2 };

    constexpr explicit Gate(State state = State::Closed) noexcept
        : m_state(static_cast<std::uint32_t>(state))
    {
    }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void open() noexcept; ///< lets through all who wait; nothing once it is stopped
    void close() noexcept; ///< holds back who comes next; nothing once it is stopped
    void stop() noexcept;

    bool isOpen() const noexcept { return state() == State::Open; }
    bool isStopped() const noexcept { return state() == State::Stopped; }
    State state() const noexcept { return static_cast<State>(m_state.load(std::memory_order_acquire)); }

    /// True: it is open; false: it is stopped. A signal does not end the wait, nor does an open() that a close()
    /// follows before this thread has looked.
    bool waitUntilOpen() noexcept;

private:
    std::atomic<std::uint32_t> m_state;
};

} // namespace timeslice
