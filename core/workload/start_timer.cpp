#include "core/workload/start_timer.h"

#include <cerrno>
#include <cstdint>
#include <sys/timerfd.h>
#include <unistd.h>

namespace timeslice {

Result<StartTimer> StartTimer::create(Nanos delay)
{
    UniqueFd fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    if (!fd) {
        return failErrno("cannot make a timer for a task that begins later", errno);
    }
    return StartTimer(std::move(fd), delay);
}

void StartTimer::set(Nanos begin) const noexcept
{
    const Nanos due = begin + m_delay; // never 0, which would switch it off
    itimerspec when{};
    when.it_value = {.tv_sec = static_cast<time_t>(due / kSecond), .tv_nsec = static_cast<long>(due % kSecond)};
    timerfd_settime(m_fd.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void StartTimer::wait(const std::atomic<bool>& stop) const noexcept
{
    std::uint64_t times = 0;
    while (read(m_fd.get(), &times, sizeof times) < 0 && errno == EINTR && !stop.load(std::memory_order_relaxed)) { }
}

} // namespace timeslice
