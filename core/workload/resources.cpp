#include "core/workload/resources.h"

#include "core/base/clean_name.h"
#include "core/base/must_succeed.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <unistd.h>

namespace timeslice {

namespace {

/// Where the temporary file goes: TMPDIR, else /var/tmp, which by the Filesystem Hierarchy Standard outlives a reboot
/// and so is a real disk (/tmp is often in memory, where nothing is ever waited for).
std::vector<std::string> temporaryDirectories()
{
    if (const char* set = std::getenv("TMPDIR"); set != nullptr && *set != '\0') {
        return {set};
    }
    return {"/var/tmp", "/tmp"};
}

UniqueFd openNameless(const std::string& directory)
{
    UniqueFd fd(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) { // not every file system has O_TMPFILE
        std::string path = directory + "/timeslice-XXXXXX";
        fd.reset(mkostemp(path.data(), O_CLOEXEC));
        if (fd) {
            unlink(path.c_str());
        }
    }
    return fd;
}

/// Every region is written once, so that a read finds bytes on the device and not a hole.
Result<void> fill(const SharedFile& file, std::size_t bytes)
{
    std::vector<char> block(std::size_t{1} << 16);
    for (std::size_t i = 0; i < block.size(); ++i) {
        block[i] = static_cast<char>(i * 31); // not zeros: a device may store those without storing them
    }
    for (std::size_t done = 0; done < bytes;) {
        const ssize_t written =
            pwrite(file.fd.get(), block.data(), std::min(block.size(), bytes - done), static_cast<off_t>(done));
        if (written < 0 && errno != EINTR) {
            return failErrno("cannot write " + std::to_string(bytes) + " bytes to a temporary file in " + file.directory
                    + " (set TMPDIR to a directory with room)",
                errno);
        }
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    if (fdatasync(file.fd.get()) != 0 && errno != EINVAL) { // EINVAL: this file has nothing behind it to sync to
        return failErrno("cannot flush a temporary file in " + file.directory, errno);
    }
    return {};
}

/// A file of the user's.
Result<SharedFile> openNamed(const std::string& path)
{
    SharedFile file;
    file.fd.reset(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0644));
    if (!file.fd) {
        const int error = errno;
        constexpr int kNotHere[] = {ENOENT, ENOTDIR, EISDIR, ENXIO, ENODEV, EACCES, EPERM, EROFS, ETXTBSY};
        const bool notHere = std::find(std::begin(kNotHere), std::end(kNotHere), error) != std::end(kNotHere);
        return failErrno("cannot write to " + cleanName(path), error,
            notHere                     ? ErrorKind::Unsupported // on another machine it may be there, or allowed
                : error == ENAMETOOLONG ? ErrorKind::Usage
                                        : ErrorKind::Failed);
    }
    return file;
}

Result<SharedFile> makeFile(const FileSpec& spec, int instances)
{
    if (!spec.path.empty()) {
        return openNamed(spec.path);
    }
    constexpr std::size_t kMultiple = 4096;
    constexpr std::size_t kLeastRegion = std::size_t{1} << 20;
    SharedFile file;
    int error = 0;
    for (const std::string& directory : temporaryDirectories()) {
        file.fd = openNameless(directory);
        if (file.fd) {
            file.directory = directory;
            break;
        }
        error = errno;
    }
    if (!file.fd) {
        return failErrno("cannot make a temporary file for '" + spec.name + "' in " + temporaryDirectories().front()
                + " (set TMPDIR to a directory that can be written)",
            error);
    }
    file.regionBytes = std::max(kLeastRegion, (spec.largest + kMultiple - 1) / kMultiple * kMultiple);
    if (spec.largest > 0) {
        if (auto filled = fill(file, file.regionBytes * static_cast<std::size_t>(instances)); !filled) {
            return tl::unexpected<Error>(filled.error());
        }
    }
    return file;
}

void initialise(pthread_cond_t& condition, bool betweenProcesses)
{
    pthread_condattr_t attributes;
    mustSucceed(pthread_condattr_init(&attributes));
    if (betweenProcesses) {
        mustSucceed(pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    }
    mustSucceed(pthread_cond_init(&condition, &attributes));
    pthread_condattr_destroy(&attributes);
}

std::size_t packedCounters(const WorkloadSpec& spec)
{
    return static_cast<std::size_t>(std::count_if(spec.counters.begin(), spec.counters.end(),
        [](const CounterSpec& counter) { return counter.layout == CounterSpec::Layout::Packed; }));
}

/// Where the next counter goes.
class CounterPlaces {
public:
    explicit CounterPlaces(SharedArena& arena)
        : m_arena(arena)
    {
    }

    SharedCounter* next(CounterSpec::Layout layout)
    {
        if (layout == CounterSpec::Layout::Padded) {
            return m_arena.make<SharedCounter>();
        }
        if (m_line == nullptr || m_used == std::size(m_line->counters)) {
            m_line = m_arena.make<CounterLine>();
            m_used = 0;
        }
        return &m_line->counters[m_used++];
    }

private:
    SharedArena& m_arena;
    CounterLine* m_line = nullptr;
    std::size_t m_used = 0;
};

} // namespace

std::size_t Resources::arenaBytes(const WorkloadSpec& spec)
{
    return SharedArena::bytesFor<RecordedMutex>(spec.mutexes.size())
        + SharedArena::bytesFor<SharedCondition>(spec.conditions.size())
        + SharedArena::bytesFor<SharedBarrier>(spec.barriers.size())
        + SharedArena::bytesFor<StoreBufferTest>(spec.litmusTests.size())
        + SharedArena::bytesFor<SharedTimer>(spec.timers.size())
        + SharedArena::bytesFor<SharedSemaphore>(spec.semaphores.size())
        + SharedArena::bytesFor<StepBoard>(spec.stepped ? 1 : 0)
        + SharedArena::bytesFor<SharedCounter>(spec.counters.size())
        + SharedArena::bytesFor<CounterLine>(packedCounters(spec) / std::size(CounterLine{}.counters) + 1);
}

Result<ObjectId> Resources::objectId(ObjectKind kind, const std::string& name, bool betweenProcesses) const
{
    if (m_channel == nullptr) {
        return ObjectId{1};
    }
    const ObjectId id = m_channel->addObject(kind, name, betweenProcesses ? 0 : getpid());
    if (id == 0) {
        return fail("the recording has no room for '" + name + "': too many locks, counters and marks in one workload");
    }
    return id;
}

Result<Resources> Resources::create(const WorkloadSpec& spec, SharedArena& arena, const Channel* channel)
{
    Resources made;
    made.m_channel = channel;
    for (const MutexSpec& mutex : spec.mutexes) {
        const auto id = mutex.recorded ? made.objectId(ObjectKind::Mutex, mutex.name, mutex.betweenProcesses)
                                       : Result<ObjectId>(RecordedMutex::kNotRecorded);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        using Protocol = RecordedMutex::Protocol;
        made.mutexes.push_back(arena.make<RecordedMutex>(
            *id, mutex.betweenProcesses, mutex.priorityInheritance ? Protocol::PriorityInheritance : Protocol::None));
    }
    for (const ConditionSpec& condition : spec.conditions) {
        const auto id = made.objectId(ObjectKind::Condition, condition.name, condition.betweenProcesses);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        auto* shared = arena.make<SharedCondition>();
        shared->id = *id;
        initialise(shared->condition, condition.betweenProcesses);
        made.conditions.push_back(shared);
    }
    for (const BarrierSpec& barrier : spec.barriers) {
        const auto id = made.objectId(ObjectKind::Barrier, barrier.name, barrier.betweenProcesses);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        auto* shared = arena.make<SharedBarrier>();
        shared->id = *id;
        shared->barrier.setParticipants(barrier.participants);
        made.barriers.push_back(shared);
    }
    for (std::size_t i = 0; i < spec.litmusTests.size(); ++i) {
        made.litmusTests.push_back(arena.make<StoreBufferTest>());
    }
    if (spec.stepped) {
        made.stepBoard = arena.make<StepBoard>();
    }
    CounterPlaces places(arena);
    for (const CounterSpec& counter : spec.counters) {
        const auto id = made.objectId(ObjectKind::Counter, counter.name, counter.betweenProcesses);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        auto* shared = places.next(counter.layout);
        shared->id = *id;
        shared->value.store(counter.initial, std::memory_order_relaxed);
        made.counters.push_back(shared);
    }
    for (const FileSpec& file : spec.files) {
        auto opened = makeFile(file, spec.instances());
        if (!opened) {
            return tl::unexpected<Error>(opened.error());
        }
        made.files.push_back(std::move(*opened));
    }
    for (const PipeSpec& pipe : spec.pipes) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return failErrno("cannot make the pipe '" + pipe.name + "'", errno);
        }
        made.pipes.push_back({UniqueFd(ends[0]), UniqueFd(ends[1])});
    }
    if (auto added = made.createForRtApp(spec, arena); !added) {
        return tl::unexpected<Error>(added.error());
    }
    for (const std::string& mark : spec.marks) {
        const auto id = made.objectId(ObjectKind::Mark, mark, true);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        made.marks.push_back(*id);
    }
    return made;
}

Result<void> Resources::createForRtApp(const WorkloadSpec& spec, SharedArena& arena)
{
    for (std::size_t i = 0; i < spec.timers.size(); ++i) {
        timers.push_back(arena.make<SharedTimer>());
    }
    for (const SemaphoreSpec& semaphore : spec.semaphores) {
        const auto id = objectId(ObjectKind::Condition, semaphore.name, false);
        if (!id) {
            return tl::unexpected<Error>(id.error());
        }
        auto* shared = arena.make<SharedSemaphore>();
        shared->id = *id;
        sem_init(&shared->semaphore, 0, 0);
        semaphores.push_back(shared);
    }
    for (const BufferSpec& buffer : spec.buffers) {
        buffers.emplace_back();
        if (buffer.shared) {
            auto memory = MemoryBuffer::create(buffer);
            if (!memory) {
                return tl::unexpected<Error>(memory.error());
            }
            buffers.back() = std::make_unique<MemoryBuffer>(std::move(*memory));
        }
    }
    return {};
}

Result<std::unique_ptr<Gil>> Resources::makeGil(const GilSpec& spec) const
{
    const auto id = objectId(ObjectKind::Gil, spec.name, false);
    if (!id) {
        return tl::unexpected<Error>(id.error());
    }
    return std::make_unique<Gil>(*id, spec.options);
}

} // namespace timeslice
