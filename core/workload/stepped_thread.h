// SteppedThread: a thread's program, each step of which really happens: on the shared variable, on a register of the
// thread's own, on a real mutex.
#pragma once

#include "core/dispatch/step_program.h"
#include "core/dispatch/step_seat.h"
#include "core/sync/recorded_mutex.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace timeslice {

/// For the thread itself.
class SteppedThread {
public:
    /// `mutex` may be null if the program has no lock. All must outlive it.
    SteppedThread(const StepProgram& program, std::atomic<std::int64_t>& shared, RecordedMutex* mutex) noexcept
        : m_program(program)
        , m_shared(shared)
        , m_mutex(mutex)
    {
    }

    bool atEnd() const noexcept { return m_position == m_program.size(); }
    /// The next one; not at the end. Lock waits until the mutex is free.
    void step() noexcept;
    /// To the beginning; gives back what it holds.
    void rewind() noexcept;
    StepAnswer answer() const noexcept;

private:
    const StepProgram& m_program;
    std::atomic<std::int64_t>& m_shared;
    RecordedMutex* m_mutex;
    std::size_t m_position = 0;
    std::int64_t m_register = 0;
    bool m_holds = false;
};

} // namespace timeslice
