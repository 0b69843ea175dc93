#include "core/record/channel_server.h"

#include "core/base/time.h"
#include "core/record/channel_request.h"
#include "core/record/peer_ids.h"
#include "core/record/refused_programs.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <pthread.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace timeslice {

namespace {

/// Who has connected sends its request at once. One that does not is dropped after this, or when too many wait.
constexpr Nanos kPatience = kSecond;
constexpr std::size_t kMostConnections = 64;

struct Waiting {
    UniqueFd socket;
    Nanos since = 0;
};

/// "" if the system has no random numbers.
std::string randomToken()
{
    std::array<unsigned char, channel::kTokenBytes / 2> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        return {};
    }
    std::string text;
    for (const unsigned char byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[byte / 16];
        text += kDigits[byte % 16];
    }
    return text;
}

template <std::size_t N> std::string textOf(const char (&bytes)[N])
{
    return {bytes, strnlen(bytes, N)};
}

UniqueFd listenAt(const std::string& name)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    static_assert(sizeof address.sun_path > 1 + channel::kMostSocketName);
    std::memcpy(address.sun_path + 1, name.data(), name.size()); // behind a NUL: the name is abstract
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), bytes) != 0
        || ::listen(socket.get(), SOMAXCONN) != 0) {
        return {};
    }
    return socket;
}

} // namespace

struct ChannelServer::Impl {
    void run();
    void accept();
    void answer(int socket) const;
    void take(const channel::StartedProgram& program, Pid asking) const;
    void send(int socket, const channel::Answer& answer, bool withFile) const;

    int channel = -1;
    RefusedPrograms* refused = nullptr;
    std::string token;
    std::string address;
    UniqueFd listener;
    UniqueFd stop;
    std::vector<Waiting> waiting;
    std::thread thread;
};

void ChannelServer::Impl::run()
{
    for (;;) {
        std::vector<pollfd> fds{{stop.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
        for (const Waiting& one : waiting) {
            fds.push_back({one.socket.get(), POLLIN, 0});
        }
        if (::poll(fds.data(), fds.size(), waiting.empty() ? -1 : static_cast<int>(kPatience / kMillisecond)) < 0
            && errno != EINTR) {
            return;
        }
        if (fds[0].revents != 0) {
            return;
        }
        const Nanos now = monotonicNow();
        std::vector<Waiting> still;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (fds[i + 2].revents != 0) {
                answer(waiting[i].socket.get());
            } else if (now - waiting[i].since < kPatience) {
                still.push_back(std::move(waiting[i]));
            }
        }
        waiting = std::move(still);
        if (fds[1].revents != 0) {
            accept();
        }
    }
}

void ChannelServer::Impl::accept()
{
    UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
        if (errno == EMFILE || errno == ENFILE) {
            waiting.clear();
            ::poll(nullptr, 0, 1); // the listener stays readable
        }
        return;
    }
    if (waiting.size() >= kMostConnections) {
        waiting.erase(waiting.begin());
    }
    waiting.push_back({std::move(socket), monotonicNow()});
}

void ChannelServer::Impl::answer(int socket) const
{
    channel::Request request;
    ucred peer{};
    socklen_t bytes = sizeof peer;
    if (::recv(socket, &request, sizeof request, MSG_DONTWAIT) != static_cast<ssize_t>(sizeof request)
        || request.version != channel::kRequestVersion
        || std::memcmp(request.token, token.data(), sizeof request.token) != 0
        || ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0 || peer.pid <= 0
        || !descendsFrom(peer.pid, ::getpid())) {
        return;
    }
    if (request.ask == channel::Ask::ToldOfProgram) {
        take(request.program, peer.pid);
        send(socket, {}, false);
        return;
    }
    send(socket, {channel::kRequestVersion, peer.pid, threadOf(peer.pid, request.tid)},
        request.ask == channel::Ask::File);
}

void ChannelServer::Impl::take(const channel::StartedProgram& program, Pid asking) const
{
    const bool runs = program.child > 0;
    if (!runs || descendsFrom(program.child, asking)) {
        refused->add(runs ? program.child : asking, textOf(program.command), textOf(program.path), runs);
    }
}

void ChannelServer::Impl::send(int socket, const channel::Answer& answer, bool withFile) const
{
    channel::Answer copy = answer;
    iovec data{&copy, sizeof copy};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (withFile) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &channel, sizeof channel);
    }
    ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

Result<std::unique_ptr<ChannelServer>> ChannelServer::start(int channel, RefusedPrograms& refused)
{
    auto impl = std::make_unique<Impl>();
    const std::string unique = randomToken();
    impl->token = randomToken();
    struct stat file { };
    struct stat pidNamespace { };
    if (unique.empty() || impl->token.empty() || ::fstat(channel, &file) != 0) {
        return failErrno("cannot offer the event channel", errno);
    }
    const std::string name = "timeslice-" + unique;
    impl->channel = channel;
    impl->refused = &refused;
    impl->listener = listenAt(name);
    impl->stop = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!impl->listener || !impl->stop) {
        return failErrno("cannot offer the event channel at a socket", errno);
    }
    const bool known = ::stat("/proc/self/ns/pid", &pidNamespace) == 0;
    impl->address = name + ':' + impl->token + ':' + std::to_string(known ? pidNamespace.st_ino : 0) + ':'
        + std::to_string(file.st_ino);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the other threads'
    Impl* running = impl.get();
    int error = 0;
    try {
        impl->thread = std::thread([running] { running->run(); });
    } catch (const std::system_error& failed) {
        error = failed.code().value();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0) {
        return failErrno("cannot start a thread that offers the event channel", error);
    }
    return std::unique_ptr<ChannelServer>(new ChannelServer(std::move(impl)));
}

ChannelServer::ChannelServer(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

ChannelServer::~ChannelServer()
{
    ::eventfd_write(m_impl->stop.get(), 1);
    m_impl->thread.join();
}

const std::string& ChannelServer::address() const noexcept
{
    return m_impl->address;
}

} // namespace timeslice
