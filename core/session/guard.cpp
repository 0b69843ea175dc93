#include "core/session/guard.h"

#include "core/base/ids.h"
#include "core/base/standard_descriptors.h"
#include "core/base/unique_fd.h"
#include "core/session/guard_protocol.h"
#include "core/session/process_tree.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

using guard::Notice;
using guard::NoticeMessage;
using guard::Order;
using guard::OrderMessage;

struct GuardOptions {
    int control = -1;
    bool session = false;
    bool contain = false;
    std::vector<int> keep;
    std::uint64_t memoryBytes = 0;
    std::uint64_t realtimeMicros = 0;
    Nanos linger = 0;
    std::vector<char*> environment; ///< "NAME=VALUE"
    const char* directory = nullptr;
    int made = -1;
    char** command = nullptr;
};

/// How long a sweep may take before timeslice is told that something will not die.
constexpr Nanos kStuckAfter = 3 * kSecond;

bool readOptions(int argc, char** argv, GuardOptions& options)
{
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--") {
            options.command = argv + i + 1;
            return options.control >= 0 && i + 1 < argc;
        }
        if (name == "--session") {
            options.session = true;
        } else if (name == "--contain") {
            options.contain = true;
        } else if (i + 1 >= argc) {
            return false;
        } else if (name == "--control") {
            options.control = std::atoi(argv[++i]);
        } else if (name == "--keep") {
            options.keep.push_back(std::atoi(argv[++i]));
        } else if (name == "--memory") {
            options.memoryBytes = std::strtoull(argv[++i], nullptr, 10);
        } else if (name == "--realtime-us") {
            options.realtimeMicros = std::strtoull(argv[++i], nullptr, 10);
        } else if (name == "--linger-ms") {
            options.linger = std::atoi(argv[++i]) * kMillisecond;
        } else if (name == "--env") {
            options.environment.push_back(argv[++i]);
        } else if (name == "--directory") {
            options.directory = argv[++i];
        } else if (name == "--made") {
            options.made = std::atoi(argv[++i]);
        } else {
            return false;
        }
    }
    return false;
}

/// Lowers a limit; never asks for more than the hard limit that this process already has.
void limit(int resource, rlim_t value, rlim_t hardSlack = 0)
{
    rlimit now{};
    if (getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0) {
        return;
    }
    rlimit wanted{value, value + hardSlack};
    if (now.rlim_max != RLIM_INFINITY) {
        wanted.rlim_max = std::min(wanted.rlim_max, now.rlim_max);
        wanted.rlim_cur = std::min(wanted.rlim_cur, wanted.rlim_max);
    }
    setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted);
}

void writeText(const char* path, const char* text)
{
    const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
    if (fd) {
        [[maybe_unused]] const ssize_t n = ::write(fd.get(), text, std::strlen(text));
    }
}

/// Everything from descriptor 3 on closes at exec, save `keep`.
void closeOthersAtExec(const std::vector<int>& keep)
{
    if (close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) { // before Linux 5.11
        const long most = std::min(sysconf(_SC_OPEN_MAX), 65536L);
        for (int fd = 3; fd < most; ++fd) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    for (const int fd : keep) {
        fcntl(fd, F_SETFD, 0);
    }
}

/// Closes every descriptor from 3 on but `own`.
void closeAllBut(std::vector<int> own)
{
    std::sort(own.begin(), own.end());
    unsigned int from = 3;
    for (const int fd : own) {
        if (fd >= 3) {
            if (static_cast<unsigned int>(fd) > from) {
                close_range(from, static_cast<unsigned int>(fd) - 1, 0);
            }
            from = static_cast<unsigned int>(fd) + 1;
        }
    }
    close_range(from, UINT_MAX, 0);
}

/// What it noted that it made, and could not remove any more: the inner stand behind the outer. Only what is empty
/// goes.
void removeMade(int fd)
{
    constexpr std::size_t kMost = std::size_t{1} << 16;
    std::string names(kMost, '\0');
    const ssize_t n = fd >= 0 ? ::pread(fd, names.data(), names.size(), 0) : 0;
    names.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    names.resize(names.rfind('\0') + 1); // one that was cut off in the middle is another's; npos + 1 is 0
    while (!names.empty()) {
        names.pop_back();
        const std::size_t before = names.rfind('\0');
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        ::rmdir(names.c_str() + begin);
        names.resize(begin);
    }
}

/// The workload's side of the fork. Waits to be released, then becomes the command.
[[noreturn]] void becomeWorkload(const GuardOptions& options, pid_t guardPid, int releaseFd, int execFd)
{
    if (options.session) {
        setsid();
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); // the guard has one thread only, so "parent thread" and "parent" are the same
    if (getppid() != guardPid) {
        _exit(127);
    }
    if (options.contain) {
        limit(RLIMIT_CORE, 0);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        writeText("/proc/self/oom_score_adj", "1000");
        closeOthersAtExec(options.keep);
    }
    if (options.realtimeMicros > 0) {
        // SIGXCPU at the limit, SIGKILL a tenth of a second later for those that catch it.
        limit(RLIMIT_RTTIME, options.realtimeMicros, 100'000);
    }
    if (options.memoryBytes > 0) {
        limit(RLIMIT_AS, options.memoryBytes);
    }
    char go = 0;
    ssize_t n = 0;
    do {
        n = ::read(releaseFd, &go, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1) {
        _exit(127);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (char* variable : options.environment) {
        putenv(variable);
    }
    if (options.directory == nullptr || chdir(options.directory) == 0) {
        execvp(options.command[0], options.command);
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(execFd, &error, sizeof error);
    _exit(error == ENOENT ? 127 : 126);
}

/// The guard proper, once the workload is forked.
class Guard {
public:
    Guard(const GuardOptions& options, pid_t workload, UniqueFd release, UniqueFd exec, UniqueFd children)
        : m_control(options.control)
        , m_made(options.made)
        , m_linger(options.linger)
        , m_workload(workload)
        , m_release(std::move(release))
        , m_exec(std::move(exec))
        , m_children(std::move(children))
    {
    }

    int run()
    {
        send(Notice::Held, m_workload);
        for (;;) {
            waitForSomething();
            if (reapAll()) {
                removeMade(m_made);
                send(Notice::Swept, m_leftBehind);
                return 0;
            }
            const bool lingeredOn = !m_sweeping && m_lingersUntil > 0 && monotonicNow() >= m_lingersUntil;
            m_sweeping = m_sweeping || lingeredOn;
            if (m_sweeping) {
                const int killed = sweepOnce();
                m_leftBehind = lingeredOn ? killed : m_leftBehind;
            }
        }
    }

private:
    void send(Notice notice, int value) { send(notice, value, monotonicNow()); }

    /// One of many: when timeslice does not keep up, it goes without.
    void sendReaped(pid_t pid, int status)
    {
        if (m_control >= 0) {
            const NoticeMessage message{Notice::Reaped, status, pid, monotonicNow(), 0};
            ::send(m_control, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    }

    void send(Notice notice, int value, Nanos time)
    {
        if (m_control < 0) {
            return;
        }
        rusage usage{};
        getrusage(RUSAGE_CHILDREN, &usage);
        const auto nanos = [](const timeval& t) { return Nanos{t.tv_sec} * kSecond + t.tv_usec * kMicrosecond; };
        const Nanos cpu = nanos(usage.ru_utime) + nanos(usage.ru_stime) - (m_reaped ? m_cpuAtRelease : 0);
        const NoticeMessage message{notice, value, m_workload, time, std::max<Nanos>(cpu, 0)};
        ::send(m_control, &message, sizeof message, MSG_NOSIGNAL);
    }

    /// Both ends of what is measured lie here: what the workload's process did while it was held is ours, not its.
    void noteRelease()
    {
        m_releasedAt = monotonicNow(); // before the other clock is read: never less wall time than CPU time on a core
        clockid_t clock{};
        timespec used{};
        if (clock_getcpuclockid(m_workload, &clock) == 0 && clock_gettime(clock, &used) == 0) {
            m_cpuAtRelease = Nanos{used.tv_sec} * kSecond + used.tv_nsec;
        }
    }

    void waitForSomething()
    {
        pollfd fds[3] = {{m_control, POLLIN, 0}, {m_children.get(), POLLIN, 0}, {m_exec.get(), POLLIN, 0}};
        ::poll(fds, 3, pauseMillis());
        if (fds[1].revents != 0) {
            signalfd_siginfo discarded[8];
            [[maybe_unused]] const ssize_t n = ::read(m_children.get(), discarded, sizeof discarded);
        }
        if (fds[2].revents != 0) {
            readExecResult();
        }
        if (fds[0].revents != 0) {
            readOrder();
        }
    }

    /// Until something must be done without anything having happened; -1 = never.
    int pauseMillis() const
    {
        if (m_sweeping) {
            return m_pauseMillis;
        }
        if (m_lingersUntil == 0) {
            return -1;
        }
        return static_cast<int>(std::max<Nanos>(m_lingersUntil - monotonicNow(), 0) / kMillisecond) + 1;
    }

    void readExecResult()
    {
        int error = 0;
        const ssize_t n = ::read(m_exec.get(), &error, sizeof error);
        m_exec.reset();
        if (n == static_cast<ssize_t>(sizeof error)) {
            send(Notice::ExecFailed, error);
        } else if (m_released) {
            send(Notice::Started, 0, m_releasedAt);
        }
    }

    void readOrder()
    {
        OrderMessage message;
        const ssize_t n = ::recv(m_control, &message, sizeof message, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (n != static_cast<ssize_t>(sizeof message)) { // timeslice is gone
            m_control = -1;
            m_sweeping = true;
            return;
        }
        switch (message.order) {
        case Order::Release:
            m_released = true;
            noteRelease();
            if (::write(m_release.get(), "g", 1) != 1) {
                m_sweeping = true;
            }
            m_release.reset();
            break;
        case Order::Signal:
            signalDescendants(getpid(), message.signal);
            break;
        case Order::Sweep:
            m_sweeping = true;
            break;
        }
    }

    /// Reaps whoever has ended. True when there is no child any more, dead or alive.
    bool reapAll()
    {
        for (;;) {
            int status = 0;
            const pid_t pid = ::waitpid(-1, &status, WNOHANG);
            if (pid == 0 || (pid < 0 && errno == EINTR)) {
                return false;
            }
            if (pid < 0) {
                return true;
            }
            if (pid == m_workload) {
                if (m_exec) { // a failed exec's message arrives before its end
                    readExecResult();
                }
                m_reaped = true;
                send(Notice::Ended, status);
                m_sweeping = m_sweeping || m_linger == 0;
                m_lingersUntil = monotonicNow() + m_linger;
            } else {
                sendReaped(pid, status);
            }
        }
    }

    /// How many were left to be killed.
    int sweepOnce()
    {
        if (m_sweepBegan == 0) {
            m_sweepBegan = monotonicNow();
        }
        // A process tree that forks faster than one pass kills it is frozen first.
        if (++m_passes % 8 == 0) {
            signalDescendants(getpid(), SIGSTOP);
        }
        const int left = signalDescendants(getpid(), SIGKILL);
        m_pauseMillis = std::min(m_pauseMillis * 2, 50);
        if (!m_toldStuck && monotonicNow() - m_sweepBegan > kStuckAfter) {
            m_toldStuck = true;
            send(Notice::Stuck, left);
        }
        return left;
    }

    int m_control;
    int m_made; ///< -1 = none
    Nanos m_linger; ///< how long the others may go on when the workload's first process has ended
    Nanos m_lingersUntil = 0;
    int m_leftBehind = 0; ///< processes that went on until then
    pid_t m_workload;
    UniqueFd m_release;
    UniqueFd m_exec;
    UniqueFd m_children;
    bool m_released = false;
    bool m_reaped = false; ///< the workload's first process
    Nanos m_releasedAt = 0;
    Nanos m_cpuAtRelease = 0; ///< of the workload's process
    bool m_sweeping = false;
    bool m_toldStuck = false;
    int m_pauseMillis = 1;
    int m_passes = 0;
    Nanos m_sweepBegan = 0;
};

} // namespace

int runGuard(int argc, char** argv)
{
    GuardOptions options;
    if (!readOptions(argc, argv, options)) {
        std::fputs("timeslice-guard is started by timeslice itself\n", stderr);
        return 2;
    }
    openStandardDescriptors();
    // Nothing but SIGKILL ends the guard: not Ctrl-C, not a closing terminal.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    std::signal(SIGCHLD, SIG_DFL); // if it came ignored, children would vanish unseen
    fcntl(options.control, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_NAME, "timeslice-guard", 0, 0, 0);

    int release[2];
    int exec[2];
    if (pipe2(release, O_CLOEXEC) != 0 || pipe2(exec, O_CLOEXEC) != 0) {
        return 1;
    }
    UniqueFd releaseRead(release[0]);
    UniqueFd releaseWrite(release[1]);
    UniqueFd execRead(exec[0]);
    UniqueFd execWrite(exec[1]);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    UniqueFd children(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));

    const pid_t guardPid = getpid();
    const pid_t workload = children ? fork() : -1;
    if (workload < 0) {
        const NoticeMessage message{Notice::CannotStart, errno, 0, monotonicNow(), 0};
        ::send(options.control, &message, sizeof message, MSG_NOSIGNAL);
        return 1;
    }
    if (workload == 0) {
        releaseWrite.reset();
        execRead.reset();
        becomeWorkload(options, guardPid, releaseRead.get(), execWrite.get());
    }
    releaseRead.reset();
    execWrite.reset();
    // Only now, so that a workload without --session stays in timeslice's session and has its terminal.
    setsid();
    // Hold nothing of the workload's: neither its channel nor a pipe that somebody waits to see closed.
    const UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (int fd = 0; fd <= 2; ++fd) {
        dup2(nowhere.get(), fd);
    }
    closeAllBut({options.control, options.made, releaseWrite.get(), execRead.get(), children.get(), nowhere.get()});
    return Guard(options, workload, std::move(releaseWrite), std::move(execRead), std::move(children)).run();
}

} // namespace timeslice
