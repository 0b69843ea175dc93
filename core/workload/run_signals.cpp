#include "core/workload/run_signals.h"

#include <cerrno>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace timeslice {

namespace {

sigset_t watchedSignals() noexcept
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    return set;
}

} // namespace

Result<void> RunSignals::take()
{
    const sigset_t watched = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &watched, &m_maskBefore);
    struct sigaction wake { };
    wake.sa_handler = [](int) {}; // no SA_RESTART: the interrupted system call is to return
    sigaction(wakeSignal(), &wake, &m_wakeBefore);
    m_taken = true;
    m_fd.reset(signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!m_fd) {
        return failErrno("cannot make a signal descriptor for the workload", errno);
    }
    return {};
}

RunSignals::~RunSignals()
{
    if (m_taken) {
        drain(); // of children that are reaped already
        pthread_sigmask(SIG_SETMASK, &m_maskBefore, nullptr);
        sigaction(wakeSignal(), &m_wakeBefore, nullptr);
    }
}

void RunSignals::giveBackInChild() noexcept
{
    std::signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &m_maskBefore, nullptr);
}

bool RunSignals::drain() noexcept
{
    bool terminated = false;
    signalfd_siginfo info{};
    while (m_fd && read(m_fd.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        terminated |= info.ssi_signo == SIGTERM;
    }
    return terminated;
}

} // namespace timeslice
