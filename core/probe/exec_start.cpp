#include "core/probe/exec_start.h"

#include "core/probe/channel_client.h"
#include "core/probe/own_ids.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timeslice::probe {

namespace {

bool canLoadProbe() noexcept
{
    const int savedErrno = errno;
    const bool can = syscall(SYS_faccessat, AT_FDCWD, probePath(), R_OK) == 0;
    errno = savedErrno;
    return can;
}

// One whose loader would complain, or drop what is to be preloaded.
bool isRefusal(Preload preload) noexcept
{
    return preload == Preload::OtherProcessor || preload == Preload::StaticallyLinked || preload == Preload::OtherLibc
        || preload == Preload::Privileged;
}

} // namespace

Preload lookAt(int directory, const char* path, Target* target) noexcept
{
    if (!recordingIsHidden()) {
        return Preload::Needless;
    }
    const Preload preload = path != nullptr ? inspectTarget(directory, path, target) : Preload::NotThere;
    return preload == Preload::Fits && !canLoadProbe() ? Preload::Unreadable : preload;
}

void findInPath(const char* file, FoundProgram& found, Target& target) noexcept
{
    if (!recordingIsHidden()) {
        found.preload = Preload::Needless;
        return;
    }
    const std::size_t fileLength = file != nullptr ? std::strlen(file) : 0;
    if (fileLength == 0 || fileLength >= sizeof found.path) {
        return;
    }
    if (std::strchr(file, '/') != nullptr) {
        std::memcpy(found.path, file, fileLength + 1);
        found.preload = lookAt(AT_FDCWD, file, &target);
        return;
    }
    const char* path = std::getenv("PATH");
    path = path != nullptr ? path : "/bin:/usr/bin";
    for (const char* part = path; found.preload == Preload::NotThere; ++part) {
        const char* end = strchrnul(part, ':');
        const auto length = static_cast<std::size_t>(end - part);
        if (length + fileLength + 2 <= sizeof found.path) {
            std::memcpy(found.path, part, length);
            found.path[length] = '/';
            std::memcpy(found.path + length + (length > 0 ? 1 : 0), file, fileLength + 1);
            found.preload = lookAt(AT_FDCWD, found.path, &target);
        }
        if (*end == '\0') {
            return;
        }
        part = end;
    }
}

void tellIfRefused(Preload preload, int directory, const char* path, const Target& target, pid_t child) noexcept
{
    const char* program = target.interpreter[0] != '\0' ? target.interpreter : path;
    const std::size_t bytes = isRefusal(preload) ? std::strlen(program) + 1 : 0;
    channel::StartedProgram started;
    if (bytes == 0 || bytes > sizeof started.path || (directory != AT_FDCWD && program[0] != '/')) {
        return;
    }
    const int savedErrno = errno;
    const channel::ServerAddress server = channelServer();
    if (child == 0 || ownIds().pidNamespace == server.pidNamespace) {
        started.child = child;
        std::memcpy(started.path, program, bytes);
        const char* slash = std::strrchr(path, '/');
        const char* command = slash != nullptr ? slash + 1 : path;
        std::memcpy(started.command, command, strnlen(command, sizeof started.command - 1));
        int cancelState = 0;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
        askServer(server, channel::Ask::ToldOfProgram, started);
        pthread_setcancelstate(cancelState, nullptr);
    }
    errno = savedErrno;
}

} // namespace timeslice::probe
