#include "core/workload/birth.h"

#include "core/workload/spawned.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// Of an even number the middle between the two in the middle.
Nanos medianOf(const std::vector<const Birth*>& births, const std::function<Nanos(const Birth&)>& time)
{
    std::vector<Nanos> times;
    for (const Birth* birth : births) {
        times.push_back(time(*birth));
    }
    std::sort(times.begin(), times.end());
    return (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
}

} // namespace

std::optional<BirthTimes> birthTimes(const std::vector<const Birth*>& births)
{
    if (births.empty()) {
        return std::nullopt;
    }
    const auto from = [&](std::atomic<Nanos> Birth::*begin, std::atomic<Nanos> Birth::*end) {
        return medianOf(births, [&](const Birth& birth) { return (birth.*end).load() - (birth.*begin).load(); });
    };
    return BirthTimes{births.size(), from(&Birth::began, &Birth::started), from(&Birth::began, &Birth::firstLine),
        from(&Birth::firstLine, &Birth::gone), from(&Birth::began, &Birth::gone)};
}

ShortLife::ShortLife(Birth& birth, std::uint64_t number) noexcept
    : m_birth(birth)
{
    std::snprintf(m_name.data(), m_name.size(), "Worker %llu", static_cast<unsigned long long>(number));
}

void ShortLife::liveOneLine() noexcept
{
    m_birth.firstLine.store(monotonicNow());
    prctl(PR_SET_NAME, m_name.data());
}

Result<void> ShortLife::startThread()
{
    const auto entry = [](void* life) -> void* {
        static_cast<ShortLife*>(life)->liveOneLine();
        return nullptr;
    };
    m_birth.began.store(monotonicNow());
    const int error = timeslice::startThread(m_thread, entry, this);
    m_birth.started.store(monotonicNow());
    return error == 0 ? Result<void>() : failErrno("cannot start a thread", error);
}

Result<void> ShortLife::startProcess()
{
    m_birth.began.store(monotonicNow());
    m_pid = fork();
    if (m_pid == 0) {
        liveOneLine();
        _exit(0);
    }
    m_birth.started.store(monotonicNow());
    return m_pid > 0 ? Result<void>() : failErrno("cannot start a process", errno);
}

void ShortLife::join()
{
    if (m_pid == 0) {
        pthread_join(m_thread, nullptr);
    } else {
        while (waitpid(m_pid, &m_status, 0) < 0 && errno == EINTR) { }
    }
    m_birth.gone.store(monotonicNow());
}

} // namespace timeslice
