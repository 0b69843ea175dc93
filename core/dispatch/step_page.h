// StepPage: the page through which a process's threads are stepped from outside: a memfd with the threads' seats.
//
//   +--------------+ 0
//   | Fixed        |  magic, version, number of seats: written once by the creator
//   +--------------+ kSeatsOffset
//   | StepSeat[]   |  one per thread
//   +--------------+
//
// The creator is the dispatcher; it passes the descriptor on. The file is sealed against shrinking, so that neither end
// can make the other's memory vanish. Each end knows the number of seats by itself and compares.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/dispatch/step_seat.h"

#include <cstddef>

namespace timeslice {

class StepPage {
public:
    /// Errors: the system's.
    static Result<StepPage> create(std::size_t seats);
    /// Of another process's page. Errors (Usage): it is no such page, of another version, damaged, not sealed, or has
    /// another number of seats.
    static Result<StepPage> open(UniqueFd fd, std::size_t seats);
    StepPage(StepPage&& other) noexcept;
    StepPage& operator=(StepPage&&) = delete;
    ~StepPage();

    int fd() const noexcept { return m_fd.get(); }
    std::size_t seats() const noexcept { return m_seats; }
    StepSeat& seat(std::size_t index) const noexcept; ///< below seats()

private:
    StepPage(UniqueFd fd, void* memory, std::size_t seats) noexcept;

    UniqueFd m_fd;
    void* m_memory;
    std::size_t m_seats;
};

} // namespace timeslice
