#include "core/probe/file_window.h"

#include "core/base/unique_fd.h"
#include "core/probe/channel_source.h"

#include <cerrno>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace timeslice::probe {

namespace {

constexpr std::size_t kPage = 4096;

bool mapAgain(const KeptMapping& kept, void* window, std::size_t bytes, std::uint64_t offset) noexcept
{
    int cancelState = 0;
    // open() is a cancellation point; the function in whose place we run is not.
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
    bool mapped = false;
    {
        const UniqueFd fd = openChannelFile();
        struct stat status { };
        if (fd && fstat(fd.get(), &status) == 0 && status.st_dev == kept.device && status.st_ino == kept.inode) {
            mapped = mmap(window, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd.get(),
                         static_cast<off_t>(offset))
                != MAP_FAILED;
        }
    }
    pthread_setcancelstate(cancelState, nullptr);
    return mapped;
}

} // namespace

void* reserveWindow(const KeptMapping& kept, std::size_t bytes) noexcept
{
    munlock(kept.memory, kept.bytes); // the duplicate of a locked mapping would be filled at once
    void* window = mremap(kept.memory, 0, bytes, MREMAP_MAYMOVE);
    if (window == MAP_FAILED && errno != ENOMEM && errno != EAGAIN) {
        window = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    return window == MAP_FAILED ? nullptr : window;
}

bool aimWindow(
    const KeptMapping& kept, void* window, std::size_t bytes, std::uint64_t offset, bool ofThisProcessOnly) noexcept
{
    // MAP_NONBLOCK: without filling it.
    if (remap_file_pages(window, bytes, 0, offset / kPage, MAP_NONBLOCK) != 0
        && !mapAgain(kept, window, bytes, offset)) {
        return false;
    }
    madvise(window, bytes, MADV_DONTDUMP);
    if (ofThisProcessOnly) {
        madvise(window, bytes, MADV_DONTFORK);
    }
    munlock(window, bytes); // after mlockall(MCL_FUTURE)
    return true;
}

} // namespace timeslice::probe
