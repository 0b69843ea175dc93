// UpdateQueue: what a run's thread has to say, until its consumer asks.
//
// Bounded by the consumer: while kMostEvents events (or kMostText bytes of output) wait, isFull() (textIsFull()) tells
// the run to leave the rest with the collector, whose queue is bounded in turn, so that a busy window costs counted
// losses and never all memory. The last updates of a run are put in whether there is room or not; they are as many as
// the collector had left.
#pragma once

#include "core/base/unique_fd.h"
#include "core/session/run_update.h"

#include <cstddef>
#include <mutex>
#include <vector>

namespace timeslice {

/// Any thread may call any method.
class UpdateQueue {
public:
    static constexpr std::size_t kMostEvents = std::size_t{1} << 22; ///< 128 MB: a second of a very busy run
    static constexpr std::size_t kMostText = std::size_t{1} << 20;

    /// Errors: the system has no descriptor left.
    Result<void> open();
    void push(RunUpdate update);
    std::vector<RunUpdate> takeAll();
    bool isFull() const;
    bool textIsFull() const;
    /// Readable (eventfd) when there is something to take.
    int fd() const noexcept { return m_fd.get(); }

private:
    UniqueFd m_fd;
    mutable std::mutex m_mutex; ///< of the rest
    std::vector<RunUpdate> m_updates;
    std::size_t m_events = 0;
    std::size_t m_text = 0; ///< bytes
};

} // namespace timeslice
