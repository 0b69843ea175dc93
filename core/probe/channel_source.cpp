#include "core/probe/channel_source.h"

#include "core/probe/environment.h"
#include "core/record/channel_layout.h"

#include <fcntl.h>

namespace timeslice::probe {

UniqueFd openChannelFile() noexcept
{
    const char* path = hiddenVariable(channel::kEnvironmentPath);
    if (path == nullptr || *path == '\0') {
        return {};
    }
    // O_NONBLOCK: whatever the path names, opening it must not wait.
    return UniqueFd{::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
}

} // namespace timeslice::probe
