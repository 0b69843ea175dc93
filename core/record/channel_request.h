// How a process asks for the event channel where it cannot open the channel's path: from another PID or mount
// namespace, after chroot(), as another user. Also how it learns its numbers in the recording's PID namespace, and how
// it says that it is about to begin a program that the probe cannot be loaded into, which may be over before anybody
// could look at it.
//
// The recording listens on an abstract Unix socket (SOCK_SEQPACKET), which no root folder, mount or owner stands in
// front of; only another network namespace does. One request, one answer, and the connection is closed. Who asks must
// know the token, which only the environment of the recorded processes holds (the socket's name is to be read in
// /proc/net/unix by all), and must descend from the recording's process. What it gets is the channel's file, which
// harms nothing but the recording: its reader trusts nothing, and it is sealed against shrinking.
//
// For the preloaded probe too: nothing here allocates, throws, or needs a library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace timeslice::channel {

/// Environment variable with the address: NAME:TOKEN:NAMESPACE:INODE, see ServerAddress.
inline constexpr const char* kEnvironmentServer = "TIMESLICE_CHANNEL_SERVER";

inline constexpr std::size_t kTokenBytes = 32; ///< hexadecimal digits
inline constexpr std::size_t kMostSocketName = 64;
inline constexpr std::uint32_t kRequestVersion = 2;

struct ServerAddress {
    char name[kMostSocketName] = {}; ///< of the abstract socket, without the NUL in front of it
    std::size_t nameBytes = 0; ///< 0: there is no server
    char token[kTokenBytes] = {};
    std::uint64_t pidNamespace = 0; ///< the recording's: the inode of its /proc/self/ns/pid; 0 = not known
    std::uint64_t inode = 0; ///< of the channel's file
};

enum class Ask : std::uint32_t {
    Ids, ///< who am I?
    File, ///< the same, and the channel's file as SCM_RIGHTS with the answer
    ToldOfProgram, ///< nothing but an answer: the recording now knows the program
};

inline constexpr std::size_t kMostPath = 512; ///< with its NUL; longer ones are not told

/// A program without the probe.
struct StartedProgram {
    /// Of a child that runs it already, in the asking process's PID namespace, which must be the recording's. 0: the
    /// asking process is about to become it.
    std::int32_t child = 0;
    char command[16] = {}; ///< what the kernel will call it: the end of the path that is executed, cut
    char path[kMostPath] = {}; ///< of the program, or of the interpreter of a script; as the process sees it
};

struct Request {
    std::uint32_t version = kRequestVersion;
    Ask ask = Ask::Ids;
    std::int32_t tid = 0; ///< gettid() of the asking thread, which waits for the answer
    char token[kTokenBytes] = {};
    StartedProgram program; ///< of Ask::ToldOfProgram
};

struct Answer {
    std::uint32_t version = kRequestVersion;
    std::int32_t pid = 0; ///< of the asking process in the recording's PID namespace
    std::int32_t tid = 0; ///< of the asking thread there; 0 = not found
};

namespace detail {

/// Reads decimal digits up to `end` or the text's end and leaves `text` behind them; false if there is none.
constexpr bool readNumber(const char*& text, char end, std::uint64_t& number) noexcept
{
    const char* first = text;
    number = 0;
    while (*text >= '0' && *text <= '9' && text - first < 19) {
        number = number * 10 + static_cast<std::uint64_t>(*text++ - '0');
    }
    return text != first && *text == end;
}

} // namespace detail

/// nameBytes is 0 if the text is no address. `text` may be nullptr.
inline ServerAddress serverAddressOf(const char* text) noexcept
{
    ServerAddress address;
    const char* colon = text != nullptr ? std::strchr(text, ':') : nullptr;
    if (colon == nullptr || colon == text || static_cast<std::size_t>(colon - text) > kMostSocketName
        || std::strlen(colon) < 1 + kTokenBytes + 1 || colon[1 + kTokenBytes] != ':') {
        return address;
    }
    std::memcpy(address.name, text, static_cast<std::size_t>(colon - text));
    std::memcpy(address.token, colon + 1, kTokenBytes);
    const char* numbers = colon + 1 + kTokenBytes + 1;
    if (!detail::readNumber(numbers, ':', address.pidNamespace)
        || !detail::readNumber(++numbers, '\0', address.inode)) {
        return address;
    }
    address.nameBytes = static_cast<std::size_t>(colon - text);
    return address;
}

} // namespace timeslice::channel
