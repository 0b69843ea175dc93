#include "core/probe/own_ids.h"

#include "core/probe/channel_client.h"
#include "core/probe/channel_source.h"
#include "core/record/pid_namespace.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <pthread.h>
#include <unistd.h>

namespace timeslice::probe {

namespace {

constinit std::atomic<std::uint64_t> g_namespace{0}; ///< of this process, or still of its parent
constinit std::atomic<bool> g_namespaceAsked{false};
constinit std::atomic<Pid> g_pid{0};

// A child is in its parent's namespace, unless it is the first of a new one or was moved into it: its parent then has
// no number there. So an answer is at hand where /proc is not.
std::uint64_t ownNamespace() noexcept
{
    if (!g_namespaceAsked.exchange(true, std::memory_order_relaxed)) {
        const std::uint64_t told = ownPidNamespace();
        if (told != 0 || getppid() == 0) {
            g_namespace.store(told, std::memory_order_relaxed);
        }
    }
    return g_namespace.load(std::memory_order_relaxed);
}

// A new namespace may still see the /proc of the old one, which then has the numbers: its "thread-self" is a link to
// PID/task/TID (Linux 3.17). It is the recording's /proc if the channel's path is there.
bool askProc(OwnIds& ids) noexcept
{
    char link[64];
    const ssize_t bytes = readlink("/proc/thread-self", link, sizeof link - 1);
    if (bytes <= 0 || !channelIsAtItsPath()) {
        return false;
    }
    link[bytes] = '\0';
    char* end = nullptr;
    const long pid = std::strtol(link, &end, 10);
    constexpr char kTask[] = "/task/";
    for (const char* expected = kTask; *expected != '\0'; ++expected, ++end) {
        if (*end != *expected) {
            return false;
        }
    }
    const long tid = std::strtol(end, &end, 10);
    if (pid <= 0 || tid <= 0 || *end != '\0') {
        return false;
    }
    ids.pid = static_cast<Pid>(pid);
    ids.tid = static_cast<Tid>(tid);
    return true;
}

bool askRecording(const channel::ServerAddress& server, OwnIds& ids) noexcept
{
    int cancelState = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
    const ServerAnswer answer = askServer(server, channel::Ask::Ids);
    pthread_setcancelstate(cancelState, nullptr);
    if (answer.pid <= 0 || answer.tid <= 0) {
        return false;
    }
    ids.pid = answer.pid;
    ids.tid = answer.tid;
    return true;
}

void makeForeign(OwnIds& ids) noexcept
{
    constexpr int kBits = 22; // PID_MAX_LIMIT
    const auto shift = static_cast<std::int32_t>(1 + ids.pidNamespace % 255) << kBits;
    ids.pid |= shift;
    ids.tid |= shift;
}

} // namespace

OwnIds ownIds() noexcept
{
    const int savedErrno = errno;
    OwnIds ids{getpid(), gettid(), ownNamespace()};
    const channel::ServerAddress server = channelServer();
    if (server.pidNamespace != 0 && ids.pidNamespace != server.pidNamespace) {
        if (askProc(ids) || askRecording(server, ids)) {
            ids.pidNamespace = server.pidNamespace;
        } else if (ids.pidNamespace != 0) {
            makeForeign(ids);
        }
    }
    g_pid.store(ids.pid, std::memory_order_relaxed);
    errno = savedErrno;
    return ids;
}

Pid ownPid() noexcept
{
    const Pid known = g_pid.load(std::memory_order_relaxed);
    return known != 0 ? known : ownIds().pid;
}

void forgetOwnIds() noexcept
{
    g_pid.store(0, std::memory_order_relaxed);
    g_namespaceAsked.store(false, std::memory_order_relaxed);
}

} // namespace timeslice::probe
