#include "app/cli/group_witness.h"

#include "core/base/proc_stat.h"
#include "core/base/read_file.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace timeslice {

namespace {

/// The witness answers at once, unless it is stopped (SIGSTOP cannot be blocked).
constexpr int kAnswerMillis = 1000;

constexpr std::uint64_t bitOf(unsigned int signal)
{
    return signal < 64 ? std::uint64_t{1} << signal : 0;
}

/// Empties the words that /proc/self/cmdline shows, so that what `pkill -f` looks for is not found here.
void forgetCommandLine()
{
    std::string text;
    const std::optional<ProcStat> stat = readFile("/proc/self/stat", text) ? parseProcStat(text) : std::nullopt;
    if (stat && stat->argumentsBegin != 0 && stat->argumentsBegin < stat->argumentsEnd) {
        std::memset(reinterpret_cast<void*>(stat->argumentsBegin), 0, stat->argumentsEnd - stat->argumentsBegin);
    }
}

} // namespace

/// Each byte is answered with the signals that came since the last.
void GroupWitness::beWitness(int socket, const sigset_t& watched, pid_t parent)
{
    // What is not asked for must not end it either, a reader of our output must not wait for it.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    prctl(PR_SET_NAME, "group-witness");
    forgetCommandLine();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int own = dup2(socket, 0);
    close_range(1, ~0U, 0);
    const int arrivals = signalfd(-1, &watched, SFD_NONBLOCK);
    if (getppid() != parent || own != 0 || arrivals < 0) {
        _exit(1);
    }
    for (char asked = 0; ::recv(0, &asked, 1, 0) == 1;) {
        std::uint64_t got = 0;
        for (signalfd_siginfo one{}; ::read(arrivals, &one, sizeof one) == sizeof one;) {
            got |= bitOf(one.ssi_signo);
        }
        ::send(0, &got, sizeof got, MSG_NOSIGNAL);
    }
    _exit(0);
}

GroupWitness::GroupWitness(const sigset_t& watched)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return;
    }
    m_socket.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    const pid_t parent = getpid();
    m_pid = fork();
    if (m_pid == 0) {
        beWitness(theirs.get(), watched, parent);
    }
}

GroupWitness::~GroupWitness()
{
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) { }
    }
}

bool GroupWitness::alsoGot(int signal)
{
    const std::uint64_t bit = bitOf(static_cast<unsigned int>(signal));
    if (m_pid > 0 && ::send(m_socket.get(), "?", 1, MSG_NOSIGNAL) == 1) {
        ++m_asked;
        pollfd answer{m_socket.get(), POLLIN, 0};
        std::uint64_t got = 0;
        while (m_asked > 0 && ::poll(&answer, 1, kAnswerMillis) == 1
            && ::recv(m_socket.get(), &got, sizeof got, MSG_DONTWAIT) == sizeof got) {
            --m_asked;
            m_got |= got;
        }
    }
    const bool also = (m_got & bit) != 0;
    m_got &= ~bit;
    return also;
}

} // namespace timeslice
