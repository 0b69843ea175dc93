#include "core/probe/channel_client.h"

#include "core/probe/environment.h"

#include "core/base/time.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace timeslice::probe {

namespace {

/// A server that does not answer by then is gone, or its machine is all but frozen.
constexpr Nanos kLongestWait = 50 * kMillisecond;

bool waitFor(int socket, short what, Nanos deadline) noexcept
{
    for (;;) {
        const Nanos left = deadline - monotonicNow();
        if (left <= 0) {
            return false;
        }
        pollfd ready{socket, what, 0};
        const int found = poll(&ready, 1, static_cast<int>((left + kMillisecond - 1) / kMillisecond));
        if (found > 0) {
            return true;
        }
        if (found < 0 && errno != EINTR) { // the program's signal handlers run meanwhile
            return false;
        }
    }
}

UniqueFd connectTo(const channel::ServerAddress& server, Nanos deadline) noexcept
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, server.name, server.nameBytes);
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + server.nameBytes);
    UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    while (socket && connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), bytes) != 0) {
        if (errno == EAGAIN && monotonicNow() < deadline) { // others wait before us
            poll(nullptr, 0, 1);
        } else if (errno != EINTR) {
            return {};
        }
    }
    return socket;
}

} // namespace

channel::ServerAddress channelServer() noexcept
{
    return channel::serverAddressOf(hiddenVariable(channel::kEnvironmentServer));
}

ServerAnswer askServer(
    const channel::ServerAddress& server, channel::Ask what, const channel::StartedProgram& program) noexcept
{
    ServerAnswer got;
    if (server.nameBytes == 0) {
        return got;
    }
    const Nanos deadline = monotonicNow() + kLongestWait;
    const UniqueFd socket = connectTo(server, deadline);
    channel::Request request;
    request.ask = what;
    request.program = program;
    request.tid = gettid();
    std::memcpy(request.token, server.token, sizeof request.token);
    if (!socket
        || send(socket.get(), &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT)
            != static_cast<ssize_t>(sizeof request)
        || !waitFor(socket.get(), POLLIN, deadline)) {
        return got;
    }
    channel::Answer answer;
    iovec data{&answer, sizeof answer};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t bytes = recvmsg(socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (bytes < 0) {
        return got;
    }
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
        && header->cmsg_len == CMSG_LEN(sizeof(int))) {
        int file = -1;
        std::memcpy(&file, CMSG_DATA(header), sizeof file);
        got.file = UniqueFd{file};
    }
    if (bytes == static_cast<ssize_t>(sizeof answer) && answer.version == channel::kRequestVersion) {
        got.pid = answer.pid;
        got.tid = answer.tid;
    }
    return got;
}

} // namespace timeslice::probe
