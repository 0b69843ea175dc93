#include "core/base/read_file.h"

#include "core/base/unique_fd.h"

#include <cerrno>
#include <fcntl.h>

namespace timeslice {

bool readFile(const char* path, std::string& into)
{
    into.clear();
    const UniqueFd fd{::open(path, O_RDONLY | O_CLOEXEC)};
    if (!fd) {
        return false;
    }
    constexpr std::size_t kChunk = 4096;
    for (;;) {
        const std::size_t filled = into.size();
        into.resize(filled + kChunk);
        const ssize_t got = ::read(fd.get(), into.data() + filled, kChunk);
        into.resize(filled + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
    }
}

} // namespace timeslice
