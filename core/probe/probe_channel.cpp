#include "core/probe/probe_channel.h"

#include "core/base/unique_fd.h"
#include "core/probe/channel_source.h"
#include "core/probe/fork_mark.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timeslice::probe {

using channel::Geometry;
using channel::Object;

namespace {

bool mapIndex(ChannelMap& map) noexcept
{
    const UniqueFd fd = openChannelFile();
    channel::FixedHeader header;
    if (!fd || pread(fd.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) {
        return false;
    }
    map.geometry = channel::geometryOf(header);
    struct stat status { };
    const int seals = fcntl(fd.get(), F_GET_SEALS);
    // Touching what is cut off from the file would kill the program that we watch; hence the seal.
    if (!map.geometry.valid() || fstat(fd.get(), &status) != 0 || status.st_size < 0
        || static_cast<std::uint64_t>(status.st_size) < map.geometry.totalBytes() || seals < 0
        || (seals & F_SEAL_SHRINK) == 0) {
        return false;
    }
    void* memory = mmap(nullptr, channel::kIndexBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    madvise(memory, channel::kIndexBytes, MADV_DONTDUMP); // the program's core dumps stay its own
    map.index = {memory, channel::kIndexBytes, status.st_dev, status.st_ino};
    map.image = static_cast<std::uint64_t>(monotonicNow());
    return true;
}

enum class Opening : int { NotTried, UnderWay, Done, Failed };
constinit std::atomic<Opening> g_opening{Opening::NotTried};
constinit ChannelMap g_map;

} // namespace

const ChannelMap* openChannel() noexcept
{
    Opening opening = g_opening.load(std::memory_order_acquire);
    if (opening == Opening::NotTried
        && g_opening.compare_exchange_strong(opening, Opening::UnderWay, std::memory_order_acquire)) {
        const int savedErrno = errno;
        int cancelState = 0;
        // open() and others are cancellation points; the function in whose place we run is not.
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
        opening = mapIndex(g_map) ? Opening::Done : Opening::Failed;
        pthread_setcancelstate(cancelState, nullptr);
        g_opening.store(opening, std::memory_order_release);
        errno = savedErrno;
    }
    // Another thread that comes while it is under way goes without, as it would before.
    return opening == Opening::Done ? &g_map : nullptr;
}

ObjectId ChannelMap::addObject(ObjectKind kind, const char* name, Pid pid) const noexcept
{
    const int savedErrno = errno;
    void* page = reserveWindow(index, channel::kPage);
    ObjectId id = page != nullptr ? channel::claimObject(header(), geometry.objects) : 0;
    const std::uint64_t at = Geometry::objectsOffset() + std::uint64_t{id} * sizeof(Object);
    const std::uint64_t inPage = at % channel::kPage;
    if (id != 0 && aimWindow(index, page, channel::kPage, at - inPage, false)) {
        channel::publishObject(*reinterpret_cast<Object*>(static_cast<char*>(page) + inPage), kind, pid, name);
    } else {
        id = 0;
    }
    if (page != nullptr) {
        munmap(page, channel::kPage);
    }
    errno = savedErrno;
    return id;
}

RingRefusal ChannelMap::attach(channel::RingWriter& writer, channel::RingOwner owner, const char* name) const noexcept
{
    const std::size_t bytes = geometry.ringBytes();
    writer.detachTo(&header());
    // The address space first: it is what may be refused again and again, and a claimed number is not given back.
    void* window = reserveWindow(index, bytes);
    if (window == nullptr) {
        return RingRefusal::Memory;
    }
    const std::optional<channel::RingClaim> claim = channel::claimRing(header(), geometry.rings);
    if (!claim || !aimWindow(index, window, bytes, geometry.ringOffset(claim->ring), hasForkMark())) {
        munmap(window, bytes);
        return claim ? RingRefusal::Memory : RingRefusal::NoneFree;
    }
    owner.image = image;
    writer.attach(header(), window, geometry.ringCapacity, *claim, owner, name);
    return RingRefusal::None;
}

} // namespace timeslice::probe
