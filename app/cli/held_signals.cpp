#include "app/cli/held_signals.h"

#include <sys/signalfd.h>

namespace timeslice {

namespace {

bool isIgnored(int signal)
{
    struct sigaction action { };
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t setOf(HeldSignals::For taker)
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        if (taker == HeldSignals::For::Program || !isIgnored(signal)) {
            sigaddset(&set, signal);
        }
    }
    if (taker == HeldSignals::For::Program) {
        for (const int signal : {SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT}) {
            sigaddset(&set, signal);
        }
    }
    return set;
}

} // namespace

HeldSignals::HeldSignals(For taker)
    : m_taker(taker)
{
    const sigset_t held = setOf(taker);
    pthread_sigmask(SIG_BLOCK, &held, &m_before);
    m_fd.reset(signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
    if (taker == For::Program) {
        m_witness = std::make_unique<GroupWitness>(held);
    }
}

HeldSignals::~HeldSignals()
{
    // A Ctrl-C that came when there was nothing to stop any more must not end us before the outputs are written.
    for (signalfd_siginfo late{}; ::read(m_fd.get(), &late, sizeof late) == sizeof late;) { }
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

std::optional<HeldSignals::Signal> HeldSignals::next()
{
    signalfd_siginfo got{};
    if (::read(m_fd.get(), &got, sizeof got) != sizeof got) {
        return std::nullopt;
    }
    const int signal = static_cast<int>(got.ssi_signo);
    bool togetherWithUs = false;
    if (m_witness) {
        // SI_KERNEL is mostly the keyboard, which speaks to the whole foreground.
        togetherWithUs = m_witness->exists() ? m_witness->alsoGot(signal) : got.ssi_code == SI_KERNEL;
    }
    return Signal{signal, m_taker == For::Program && !togetherWithUs};
}

void suspend()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    ::raise(SIGTSTP); // waits, since it is blocked, for
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

} // namespace timeslice
