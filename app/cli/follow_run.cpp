#include "app/cli/follow_run.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace timeslice {

namespace {

sigset_t heldSet()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        sigaddset(&set, signal);
    }
    return set;
}

} // namespace

HeldSignals::HeldSignals()
{
    const sigset_t held = heldSet();
    pthread_sigmask(SIG_BLOCK, &held, &m_before);
    m_fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
}

HeldSignals::~HeldSignals()
{
    // A Ctrl-C that came when there was nothing to stop any more must not end us before the outputs are written.
    signalfd_siginfo late{};
    while (m_fd >= 0 && ::read(m_fd, &late, sizeof late) == sizeof late) { }
    ::close(m_fd);
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

void followRun(ScenarioRun& run, RunModel& model, const HeldSignals& signals, bool commandHasTerminal,
    const std::function<void(const VariantModel&)>& variantEnded)
{
    std::size_t told = 0;
    while (!model.finished()) {
        pollfd fds[2] = {{run.updateFd(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
        ::poll(fds, 2, -1);
        signalfd_siginfo received{};
        if (fds[1].revents != 0 && ::read(signals.fd(), &received, sizeof received) == sizeof received) {
            // SI_KERNEL: from the terminal's keyboard, to everyone in the foreground.
            if (!commandHasTerminal || received.ssi_code != SI_KERNEL) {
                run.stop();
            }
        }
        model.apply(run.poll());
        for (; told < model.variants().size(); ++told) {
            const VariantModel& variant = model.variants()[told];
            if (variant.phase != VariantModel::Phase::Ended) {
                break;
            }
            variantEnded(variant);
        }
    }
}

} // namespace timeslice
