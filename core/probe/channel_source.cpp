#include "core/probe/channel_source.h"

#include "core/probe/channel_client.h"
#include "core/probe/environment.h"
#include "core/record/channel_layout.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace timeslice::probe {

namespace {

const char* channelPath() noexcept
{
    const char* path = hiddenVariable(channel::kEnvironmentPath);
    return path != nullptr && *path != '\0' ? path : nullptr;
}

} // namespace

UniqueFd openChannelFile() noexcept
{
    const channel::ServerAddress server = channelServer();
    if (const char* path = channelPath(); path != nullptr && (server.nameBytes == 0 || channelIsAtItsPath())) {
        // O_NONBLOCK: whatever the path names, opening it must not wait.
        UniqueFd fd{::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
        if (fd) {
            return fd;
        }
    }
    return askServer(server, channel::Ask::File).file;
}

bool channelIsAtItsPath() noexcept
{
    const char* path = channelPath();
    const channel::ServerAddress server = channelServer();
    struct stat status { };
    return path != nullptr && server.nameBytes != 0 && ::stat(path, &status) == 0 && S_ISREG(status.st_mode)
        && status.st_ino == server.inode;
}

} // namespace timeslice::probe
