#include "core/session/worker_process.h"

#include "core/session/guard_protocol.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice {

namespace {

/// A guard says that it holds its process within milliseconds; this long only on a machine that is all but frozen.
constexpr Nanos kHeldWithin = 15 * kSecond;
/// How long the destructor waits for processes that cannot be killed.
constexpr Nanos kSweptWithin = 2 * kSecond;

int millisUntil(Nanos deadline)
{
    const Nanos left = deadline - monotonicNow();
    return left <= 0 ? 0 : static_cast<int>(std::min<Nanos>((left + kMillisecond - 1) / kMillisecond, INT_MAX));
}

/// posix_spawn's two parameter objects, released whichever way spawnHeld() is left.
struct SpawnParameters {
    SpawnParameters()
    {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnParameters()
    {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnParameters(const SpawnParameters&) = delete;
    SpawnParameters& operator=(const SpawnParameters&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

std::vector<std::string> guardArguments(const std::filesystem::path& guard, const ProcessSpec& spec, int control)
{
    std::vector<std::string> arguments{guard.string(), "--control", std::to_string(control)};
    if (spec.contain) {
        arguments.insert(arguments.end(), {"--session", "--contain"});
    }
    for (const int fd : spec.inherit) {
        arguments.insert(arguments.end(), {"--keep", std::to_string(fd)});
    }
    if (spec.linger > 0) {
        arguments.insert(arguments.end(), {"--linger-ms", std::to_string(spec.linger / kMillisecond)});
    }
    for (const std::string& variable : spec.environment) {
        arguments.insert(arguments.end(), {"--env", variable});
    }
    if (spec.made >= 0) {
        arguments.insert(arguments.end(), {"--made", std::to_string(spec.made)});
    }
    if (!spec.directory.empty()) {
        arguments.insert(arguments.end(), {"--directory", spec.directory.string()});
    }
    if (spec.memoryBytes > 0) {
        arguments.insert(arguments.end(), {"--memory", std::to_string(spec.memoryBytes)});
    }
    if (spec.realtimeCpu > 0) {
        arguments.insert(arguments.end(), {"--realtime-us", std::to_string(spec.realtimeCpu / kMicrosecond)});
    }
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), spec.argv.begin(), spec.argv.end());
    return arguments;
}

} // namespace

UniqueFd aboveStdio(UniqueFd fd)
{
    if (!fd || fd.get() > STDERR_FILENO) {
        return fd;
    }
    return UniqueFd(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

Result<WorkerProcess> WorkerProcess::spawnHeld(const std::filesystem::path& guard, const ProcessSpec& spec, int stopFd)
{
    assert(!spec.argv.empty());
    WorkerProcess process;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return failErrno("cannot start the workload: socketpair", errno);
    }
    process.m_control = aboveStdio(UniqueFd(ends[0]));
    UniqueFd theirs = aboveStdio(UniqueFd(ends[1]));

    SpawnParameters spawn;
    // A descriptor that is "duplicated" onto itself loses its close-on-exec flag (posix_spawn(3), glibc 2.29).
    posix_spawn_file_actions_adddup2(&spawn.actions, theirs.get(), theirs.get());
    for (const int fd : spec.inherit) {
        assert(fd > STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&spawn.actions, fd, fd);
    }
    short flags = POSIX_SPAWN_SETSIGMASK;
    if (spec.contain || spec.terminal) {
        Result<CapturedOutput> output =
            spec.contain ? CapturedOutput::throughPipe() : CapturedOutput::throughTerminal();
        if (!output) {
            return tl::unexpected(output.error());
        }
        process.m_output = std::move(*output);
        posix_spawn_file_actions_adddup2(&spawn.actions, process.m_output.writeFd(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&spawn.actions, process.m_output.writeFd(), STDERR_FILENO);
    }
    if (spec.contain) {
        posix_spawn_file_actions_addopen(&spawn.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&spawn.attributes, &all);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (!spec.contain && spec.input >= 0) {
        assert(spec.input > STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&spawn.actions, spec.input, STDIN_FILENO);
    }
    // Blocked from its first instruction; the guard gives the workload an empty mask.
    sigset_t blocked;
    sigfillset(&blocked);
    posix_spawnattr_setsigmask(&spawn.attributes, &blocked);
    posix_spawnattr_setflags(&spawn.attributes, flags);

    const std::vector<std::string> arguments = guardArguments(guard, spec, theirs.get());
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    // posix_spawn and not fork: this process has threads, and may have gigabytes whose page tables a fork would copy.
    if (const int error =
            posix_spawn(&process.m_guard, guard.c_str(), &spawn.actions, &spawn.attributes, argv.data(), environ);
        error != 0) {
        process.m_guard = -1;
        return failErrno("cannot start " + guard.string(), error);
    }

    process.m_output.handedOver();

    guard::NoticeMessage held;
    pollfd ready[2] = {{process.m_control.get(), POLLIN, 0}, {stopFd, POLLIN, 0}};
    const Nanos deadline = monotonicNow() + kHeldWithin;
    theirs.reset(); // the guard alone has that end from now on, so that its death is seen
    while (::poll(ready, 2, millisUntil(deadline)) < 0 && errno == EINTR) { }
    if (::recv(process.m_control.get(), &held, sizeof held, MSG_DONTWAIT) != static_cast<ssize_t>(sizeof held)) {
        if (ready[1].revents != 0) {
            return fail("stopped before it started");
        }
        return fail("cannot start the workload: its guard process did not answer (out of processes or memory?)");
    }
    if (held.notice == guard::Notice::CannotStart && held.value == EAGAIN) {
        return fail("cannot start the workload: no process is left for this user (see ulimit -u)");
    }
    if (held.notice != guard::Notice::Held) {
        return failErrno("cannot start the workload: fork", held.value);
    }
    process.m_pid = held.value;
    process.m_contained = spec.contain;
    return process;
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : m_control(std::move(other.m_control))
    , m_output(std::move(other.m_output))
    , m_contained(other.m_contained)
    , m_guard(std::exchange(other.m_guard, -1))
    , m_pid(std::exchange(other.m_pid, -1))
    , m_over(other.m_over)
    , m_letGo(other.m_letGo)
{
}

WorkerProcess::~WorkerProcess()
{
    if (m_guard < 0) {
        return; // moved from, or never started
    }
    if (!m_over && m_control) {
        sweep();
    }
    if (!m_over && m_control && !m_letGo) {
        const Nanos deadline = monotonicNow() + kSweptWithin;
        while (!m_over && monotonicNow() < deadline) {
            const std::optional<ProcessEvent> event = waitEvent(deadline);
            if (event && event->kind == ProcessEvent::Kind::Stuck) {
                break;
            }
        }
    }
    m_control.reset(); // a guard that is still at it goes on alone
    if (m_over) {
        while (::waitpid(m_guard, nullptr, 0) < 0 && errno == EINTR) { }
    }
}

void WorkerProcess::order(unsigned int order, int signal)
{
    const guard::OrderMessage message{static_cast<guard::Order>(order), signal};
    ::send(m_control.get(), &message, sizeof message, MSG_NOSIGNAL);
}

void WorkerProcess::release()
{
    order(static_cast<unsigned int>(guard::Order::Release), 0);
}

void WorkerProcess::signalAll(int signal)
{
    order(static_cast<unsigned int>(guard::Order::Signal), signal);
}

void WorkerProcess::sweep()
{
    order(static_cast<unsigned int>(guard::Order::Sweep), 0);
}

std::optional<ProcessEvent> WorkerProcess::waitEvent(Nanos deadline, const std::vector<int>& others)
{
    if (m_over) {
        return std::nullopt;
    }
    std::vector<pollfd> fds{{m_control.get(), POLLIN, 0}};
    for (const int fd : others) {
        fds.push_back({fd, POLLIN, 0});
    }
    if (m_output.readFd() >= 0) {
        fds.push_back({m_output.readFd(), POLLIN, 0});
    }
    ::poll(fds.data(), fds.size(), millisUntil(deadline));
    if (m_output.readFd() >= 0 && fds.back().revents != 0) {
        m_output.read();
    }
    if (fds.front().revents == 0) {
        return std::nullopt;
    }
    guard::NoticeMessage message;
    const ssize_t n = ::recv(m_control.get(), &message, sizeof message, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::nullopt;
    }
    if (n != static_cast<ssize_t>(sizeof message)) {
        // Its death took the first process along (PR_SET_PDEATHSIG); its session's others are ours to kill.
        m_over = true;
        if (m_contained && m_pid > 0) {
            ::kill(-m_pid, SIGKILL);
        }
        m_output.finish();
        return ProcessEvent{ProcessEvent::Kind::GuardLost, 0, 0, monotonicNow(), 0};
    }
    const auto event = [&message](ProcessEvent::Kind kind) {
        return ProcessEvent{kind, message.value, message.pid, message.time, message.cpu};
    };
    switch (message.notice) {
    case guard::Notice::Held:
    case guard::Notice::CannotStart: // neither comes a second time
    case guard::Notice::Started:
        return event(ProcessEvent::Kind::Started);
    case guard::Notice::ExecFailed:
        return event(ProcessEvent::Kind::ExecFailed);
    case guard::Notice::Ended:
        return event(ProcessEvent::Kind::Ended);
    case guard::Notice::Reaped:
        return event(ProcessEvent::Kind::Reaped);
    case guard::Notice::Swept:
        m_over = true;
        m_output.finish();
        return event(ProcessEvent::Kind::Swept);
    case guard::Notice::Stuck:
        m_letGo = true;
        return event(ProcessEvent::Kind::Stuck);
    }
    return std::nullopt;
}

std::string WorkerProcess::output()
{
    m_output.read();
    return m_output.last();
}

} // namespace timeslice
