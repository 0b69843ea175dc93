#include "core/workload/spawned.h"

#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

bool takeThreadAllowance(RunControl& control) noexcept
{
    if (control.threadsInUse.fetch_add(1, std::memory_order_relaxed) < control.threadLimit) {
        return true;
    }
    control.threadsInUse.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

int startThread(pthread_t& thread, void* (*entry)(void*), void* argument) noexcept
{
    constexpr std::size_t kStackBytes = std::size_t{512} << 10; // room for a sanitizer's frames, too
    pthread_attr_t attributes;
    if (const int error = pthread_attr_init(&attributes); error != 0) {
        return error;
    }
    pthread_attr_setstacksize(&attributes, kStackBytes);
    const int error = pthread_create(&thread, &attributes, entry, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

Spawned::Spawned(RunControl& control) noexcept
    : m_control(control)
{
}

Spawned::~Spawned()
{
    m_release.open();
    for (const pthread_t thread : m_threads) {
        pthread_join(thread, nullptr);
    }
    for (const Pid pid : m_processes) {
        kill(pid, SIGKILL);
    }
    for (const Pid pid : m_processes) {
        while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) { }
    }
    m_control.threadsInUse.fetch_sub(
        static_cast<int>(m_threads.size() + m_processes.size()), std::memory_order_relaxed);
}

Result<void> Spawned::spawn(bool processes, int count)
{
    for (int made = 0; made < count; ++made) {
        if (m_control.stop.load(std::memory_order_relaxed)) {
            break;
        }
        if (!takeThreadAllowance(m_control)) {
            return fail("asked for " + std::to_string(count) + (processes ? " processes" : " threads")
                + " and was given " + std::to_string(made) + ": this run may have "
                + std::to_string(m_control.threadLimit) + " threads and processes in all");
        }
        const Result<void> started = processes ? spawnProcess() : spawnThread();
        if (!started) {
            m_control.threadsInUse.fetch_sub(1, std::memory_order_relaxed);
            return fail("asked for " + std::to_string(count) + (processes ? " processes" : " threads")
                    + " and was given " + std::to_string(made) + ": " + started.error().message,
                started.error().kind);
        }
    }
    return {};
}

void* Spawned::idle(void* gate)
{
    static_cast<StartGate*>(gate)->wait();
    return nullptr;
}

Result<void> Spawned::spawnThread()
{
    pthread_t thread{};
    if (const int error = startThread(thread, &Spawned::idle, &m_release); error != 0) {
        return failErrno("cannot start a thread", error);
    }
    m_threads.push_back(thread);
    return {};
}

Result<void> Spawned::spawnProcess()
{
    const Pid parent = getpid();
    const Pid pid = fork();
    if (pid < 0) {
        return failErrno("cannot start a process", errno);
    }
    if (pid == 0) { // nothing but async-signal-safe calls: the parent may have other threads
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent) {
            pause();
        }
        _exit(0);
    }
    m_processes.push_back(pid);
    return {};
}

} // namespace timeslice
