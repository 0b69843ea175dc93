// Getting the event channel where its path does not lead to it.
#include "core/base/unique_fd.h"
#include "core/record/channel.h"
#include "core/record/channel_request.h"
#include "core/record/channel_server.h"
#include "core/record/refused_programs.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::channel_server_test {
namespace {

using channel::Answer;
using channel::Request;
using channel::ServerAddress;

struct Got {
    bool answered = false;
    Answer answer;
    ino_t inode = 0; ///< of the file that came along; 0 = none
};

UniqueFd connectTo(const ServerAddress& server)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, server.name, server.nameBytes);
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + server.nameBytes);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), bytes), 0) << strerror(errno);
    return socket;
}

/// Waits until the server has answered or closed the connection.
Got receive(int socket)
{
    Got got;
    iovec data{&got.answer, sizeof got.answer};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    got.answered = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == static_cast<ssize_t>(sizeof got.answer);
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        const UniqueFd file(fd);
        struct stat status { };
        EXPECT_EQ(::fstat(file.get(), &status), 0);
        got.inode = status.st_ino;
    }
    return got;
}

Request requestFor(const ServerAddress& server, channel::Ask ask)
{
    Request request;
    request.ask = ask;
    request.tid = ::gettid();
    std::memcpy(request.token, server.token, sizeof request.token);
    return request;
}

Got ask(const ServerAddress& server, const Request& request)
{
    const UniqueFd socket = connectTo(server);
    EXPECT_EQ(::send(socket.get(), &request, sizeof request, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof request));
    return receive(socket.get());
}

class AChannelServer : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(m_channel.has_value());
        Result<std::unique_ptr<ChannelServer>> server = ChannelServer::start(m_channel->fd(), m_refused);
        ASSERT_TRUE(server.has_value()) << server.error().message;
        m_server = std::move(*server);
        m_address = channel::serverAddressOf(m_server->address().c_str());
        ASSERT_NE(m_address.nameBytes, 0U) << m_server->address();
    }
    ino_t channelInode() const
    {
        struct stat status { };
        ::fstat(m_channel->fd(), &status);
        return status.st_ino;
    }

    Result<Channel> m_channel = Channel::create({.rings = 4, .ringCapacity = 64, .objects = 16});
    RefusedPrograms m_refused;
    std::unique_ptr<ChannelServer> m_server;
    ServerAddress m_address;
};

TEST_F(AChannelServer, hands_out_the_channel_and_tells_who_asks)
{
    EXPECT_EQ(m_address.inode, channelInode());
    const Got got = ask(m_address, requestFor(m_address, channel::Ask::File));
    EXPECT_TRUE(got.answered);
    EXPECT_EQ(got.answer.pid, ::getpid());
    EXPECT_EQ(got.answer.tid, ::gettid());
    EXPECT_EQ(got.inode, channelInode());
}

TEST_F(AChannelServer, hands_out_no_file_that_is_not_asked_for)
{
    const Got got = ask(m_address, requestFor(m_address, channel::Ask::Ids));
    EXPECT_TRUE(got.answered);
    EXPECT_EQ(got.inode, 0U);
}

TEST_F(AChannelServer, takes_what_it_is_told_of_programs_without_the_probe)
{
    Request request = requestFor(m_address, channel::Ask::ToldOfProgram);
    std::strcpy(request.program.command, "ldconfig");
    std::strcpy(request.program.path, "/bin/true");
    EXPECT_TRUE(ask(m_address, request).answered);
    std::strcpy(request.program.path, "/etc/passwd");
    EXPECT_TRUE(ask(m_address, request).answered);
    std::memset(request.program.path, 'x', sizeof request.program.path);
    EXPECT_TRUE(ask(m_address, request).answered);
    std::strcpy(request.program.path, "/bin/true");
    request.program.child = ::getppid(); // no child of who asks
    EXPECT_TRUE(ask(m_address, request).answered);

    const std::vector<RefusedProgram> told = m_refused.take();
    ASSERT_EQ(told.size(), 1U) << "the others are no programs, or none of who tells";
    EXPECT_EQ(told[0].pid, ::getpid());
    EXPECT_EQ(told[0].command, "ldconfig");
    EXPECT_EQ(told[0].name, "true");
    EXPECT_TRUE(told[0].file.elf);
    EXPECT_FALSE(told[0].runs);
    EXPECT_TRUE(m_refused.take().empty());
}

TEST_F(AChannelServer, gives_nothing_to_who_does_not_know_the_token)
{
    Request request = requestFor(m_address, channel::Ask::File);
    request.token[3] = request.token[3] == 'a' ? 'b' : 'a';
    const Got got = ask(m_address, request);
    EXPECT_FALSE(got.answered);
    EXPECT_EQ(got.inode, 0U);
}

TEST_F(AChannelServer, gives_nothing_for_a_request_that_is_none)
{
    const UniqueFd socket = connectTo(m_address);
    EXPECT_EQ(::send(socket.get(), "hello", 5, MSG_NOSIGNAL), 5);
    EXPECT_FALSE(receive(socket.get()).answered);
}

TEST_F(AChannelServer, answers_others_while_some_say_nothing)
{
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 200; ++i) {
        silent.push_back(connectTo(m_address));
        if (i % 20 == 0) {
            EXPECT_TRUE(ask(m_address, requestFor(m_address, channel::Ask::File)).answered);
        }
    }
    EXPECT_TRUE(ask(m_address, requestFor(m_address, channel::Ask::File)).answered);
}

TEST_F(AChannelServer, gives_nothing_to_a_process_that_does_not_descend_from_the_recording)
{
    // A server in a child of ours: we know its address, and are not its child.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd read(ends[0]);
    UniqueFd write(ends[1]);
    int over[2];
    ASSERT_EQ(::pipe(over), 0);
    UniqueFd overRead(over[0]);
    UniqueFd overWrite(over[1]);
    m_server.reset(); // no thread is forked
    const pid_t child = ::fork();
    if (child == 0) {
        overWrite.reset();
        Result<std::unique_ptr<ChannelServer>> server = ChannelServer::start(m_channel->fd(), m_refused);
        const std::string text = server ? (*server)->address() : "none";
        char byte = 0;
        const bool told = ::write(write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::_exit(told && ::read(overRead.get(), &byte, 1) == 0 ? 0 : 1);
    }
    char text[256] = {};
    ASSERT_GT(::read(read.get(), text, sizeof text - 1), 0);
    const ServerAddress address = channel::serverAddressOf(text);
    ASSERT_NE(address.nameBytes, 0U) << text;
    EXPECT_FALSE(ask(address, requestFor(address, channel::Ask::File)).answered);
    overWrite.reset();
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(ServerAddress, is_none_unless_all_of_it_is_there)
{
    const std::string token(channel::kTokenBytes, 'f');
    const std::string good = "timeslice-x:" + token + ":4026531836:77";
    const ServerAddress address = channel::serverAddressOf(good.c_str());
    EXPECT_EQ(std::string(address.name, address.nameBytes), "timeslice-x");
    EXPECT_EQ(address.pidNamespace, 4026531836U);
    EXPECT_EQ(address.inode, 77U);
    EXPECT_EQ(channel::serverAddressOf(nullptr).nameBytes, 0U);
    for (std::size_t bytes = 0; bytes + 2 < good.size(); ++bytes) { // but the last number's digits
        EXPECT_EQ(channel::serverAddressOf(good.substr(0, bytes).c_str()).nameBytes, 0U) << bytes;
    }
    for (const std::string& bad :
        {":" + token + ":1:2", std::string(65, 'n') + ":" + token + ":1:2", "n:" + token + "x:1:2",
            "n:" + token + ":1:2x", "n:" + token + ":a:2", "n:" + token + ":1:99999999999999999999"}) {
        EXPECT_EQ(channel::serverAddressOf(bad.c_str()).nameBytes, 0U) << bad;
    }
}

} // namespace
} // namespace timeslice::channel_server_test
