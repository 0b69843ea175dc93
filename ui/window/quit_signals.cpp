#include "ui/window/quit_signals.h"

#include <QSocketNotifier>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <sys/eventfd.h>

namespace timeslice {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// For the handler, which may do little: async-signal-safe functions and lock-free atomics only (signal-safety(7)).
std::atomic<int> g_event{-1};
std::atomic<int> g_arrived{0};
static_assert(std::atomic<int>::is_always_lock_free);

void onSignal(int signal)
{
    const int error = errno;
    g_arrived = signal;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(g_event, &one, sizeof one);
    errno = error;
}

} // namespace

QuitSignals::QuitSignals(QObject* parent)
    : QObject(parent)
    , m_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    assert(g_event < 0);
    if (!m_event) {
        return; // out of descriptors: they end the program at once, as without us
    }
    g_event = m_event.get();
    g_arrived = 0;
    m_notifier = std::make_unique<QSocketNotifier>(m_event.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        m_notifier->setEnabled(false);
        emit arrived();
    });
    for (const int signal : kSignals) {
        struct sigaction before { };
        struct sigaction mine { };
        mine.sa_handler = onSignal;
        mine.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
        sigaction(signal, nullptr, &before);
        if (before.sa_handler != SIG_IGN) {
            sigaction(signal, &mine, nullptr);
        }
    }
}

QuitSignals::~QuitSignals()
{
    for (const int signal : kSignals) {
        struct sigaction now { };
        sigaction(signal, nullptr, &now);
        if (now.sa_handler == onSignal) {
            std::signal(signal, SIG_DFL);
        }
    }
    g_event = -1;
}

int QuitSignals::arrivedSignal()
{
    return g_arrived;
}

void endBySignal(int signal)
{
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    std::_Exit(128 + signal);
}

} // namespace timeslice
