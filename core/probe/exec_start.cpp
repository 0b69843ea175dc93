#include "core/probe/exec_start.h"

#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
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

} // namespace

Preload lookAt(int directory, const char* path) noexcept
{
    if (!recordingIsHidden()) {
        return Preload::Needless;
    }
    const Preload preload = path != nullptr ? inspectTarget(directory, path) : Preload::NotThere;
    return preload == Preload::Fits && !canLoadProbe() ? Preload::Unreadable : preload;
}

bool getsRecording(int directory, const char* path) noexcept
{
    return lookAt(directory, path) == Preload::Fits;
}

bool getsRecordingInPath(const char* file) noexcept
{
    if (!recordingIsHidden() || file == nullptr || std::strchr(file, '/') != nullptr) {
        return getsRecording(AT_FDCWD, file);
    }
    const char* path = std::getenv("PATH");
    path = path != nullptr ? path : "/bin:/usr/bin";
    const std::size_t fileLength = std::strlen(file);
    char candidate[PATH_MAX];
    for (const char* part = path;; ++part) {
        const char* end = strchrnul(part, ':');
        const auto length = static_cast<std::size_t>(end - part);
        if (length + fileLength + 2 <= sizeof candidate) {
            std::memcpy(candidate, part, length);
            candidate[length] = '/';
            std::memcpy(candidate + length + (length > 0 ? 1 : 0), file, fileLength + 1);
            const Preload preload = inspectTarget(AT_FDCWD, candidate);
            if (preload != Preload::NotThere) {
                return preload == Preload::Fits && canLoadProbe();
            }
        }
        if (*end == '\0') {
            return false;
        }
        part = end;
    }
}

} // namespace timeslice::probe
