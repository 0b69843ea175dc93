// What it costs to start a thread or a process that does one line, and to be rid of it again.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <array>
#include <atomic>
#include <optional>
#include <pthread.h>
#include <vector>

namespace timeslice {

/// One of them, in shared memory: a process writes its first line's time itself. Times are CLOCK_MONOTONIC's.
struct Birth {
    std::atomic<Nanos> began{0}; ///< before the call that starts it
    std::atomic<Nanos> started{0}; ///< that call is back
    std::atomic<Nanos> firstLine{0}; ///< in what was started; may come before `started`
    std::atomic<Nanos> gone{0}; ///< joined, or waited for
};

/// Medians over births; each by itself, so that they do not add up.
struct BirthTimes {
    std::size_t count = 0;
    Nanos start = 0; ///< until the starting call is back
    Nanos first = 0; ///< from the start to the first line
    Nanos join = 0; ///< from the first line until it is gone
    Nanos all = 0; ///< from the start until it is gone
};

/// Nullopt: there are none.
std::optional<BirthTimes> birthTimes(const std::vector<const Birth*>& births);

/// Something that lives for one line. On the thread that starts it, which must wait for it before this goes.
class ShortLife {
public:
    /// `number`: it is called "Worker 3", after its first line.
    ShortLife(Birth& birth, std::uint64_t number) noexcept;
    ShortLife(const ShortLife&) = delete;
    ShortLife& operator=(const ShortLife&) = delete;

    /// Errors: the system's.
    Result<void> startThread();
    Result<void> startProcess();
    /// Blocks until it is gone, and notes when that was. Of a process the status as from wait(2).
    void join();
    Pid pid() const noexcept { return m_pid; } ///< 0: a thread
    int status() const noexcept { return m_status; }

private:
    void liveOneLine() noexcept; ///< async-signal-safe: after a fork nothing else is allowed

    Birth& m_birth;
    std::array<char, 16> m_name{};
    pthread_t m_thread{};
    Pid m_pid = 0;
    int m_status = 0;
};

} // namespace timeslice
