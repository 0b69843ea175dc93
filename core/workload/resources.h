// The locks, counters, files and pipes of one run, as its tasks use them.
#pragma once

#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/record/channel.h"
#include "core/sync/gil.h"
#include "core/sync/recorded_mutex.h"
#include "core/workload/memory_buffer.h"
#include "core/workload/shared_arena.h"
#include "core/workload/step_barrier.h"
#include "core/workload/step_board.h"
#include "core/workload/store_buffer.h"
#include "core/workload/workload_spec.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <semaphore.h>
#include <string>
#include <vector>

namespace timeslice {

struct SharedCondition {
    ObjectId id = 0;
    pthread_cond_t condition;
};
struct SharedBarrier {
    ObjectId id = 0;
    StepBarrier barrier;
};
struct SharedSemaphore {
    ObjectId id = 0;
    sem_t semaphore;
};
/// The time that it was set to last; 0 = never.
struct SharedTimer {
    std::atomic<Nanos> last{0};
};
struct SharedCounter {
    ObjectId id = 0;
    std::atomic<std::int64_t> value{0};
};
/// What fits into one cache line of 64 bytes; SharedArena puts it onto one.
struct CounterLine {
    SharedCounter counters[64 / sizeof(SharedCounter)];
};

/// A temporary file that has no name. Each task instance has a region of its own in it, so that tasks share the file
/// (and the kernel's locks on it) but not the bytes.
struct SharedFile {
    UniqueFd fd;
    std::string directory;
    std::size_t regionBytes = 0;
};
struct SharedPipe {
    UniqueFd readEnd;
    UniqueFd writeEnd;
};

/// Made by the coordinator before the first fork; after that only what the members point to changes.
class Resources {
public:
    /// How much of an arena create() takes.
    static std::size_t arenaBytes(const WorkloadSpec& spec);
    /// Registers everything that has a name with `channel`, if there is one. Errors: the system's (no room for a
    /// temporary file, no descriptors left), or a channel without room.
    static Result<Resources> create(const WorkloadSpec& spec, SharedArena& arena, const Channel* channel);

    /// A GIL of the calling process.
    Result<std::unique_ptr<Gil>> makeGil(const GilSpec& spec) const;

    std::vector<RecordedMutex*> mutexes;
    std::vector<SharedCondition*> conditions;
    std::vector<SharedBarrier*> barriers;
    std::vector<StoreBufferTest*> litmusTests;
    StepBoard* stepBoard = nullptr; ///< of a workload that is stepped
    std::vector<SharedCounter*> counters; ///< in the order of the spec, wherever they lie
    std::vector<SharedFile> files;
    std::vector<SharedPipe> pipes;
    std::vector<SharedTimer*> timers;
    std::vector<SharedSemaphore*> semaphores;
    std::vector<std::unique_ptr<MemoryBuffer>> buffers; ///< null: each thread has one of its own
    std::vector<ObjectId> marks;

private:
    /// Timers, semaphores and buffers: only rt-app's grammar has words for them, and its tasks are threads.
    Result<void> createForRtApp(const WorkloadSpec& spec, SharedArena& arena);
    /// Without a channel every object has the id 1: it names something, though nobody looks.
    Result<ObjectId> objectId(ObjectKind kind, const std::string& name, bool betweenProcesses) const;

    const Channel* m_channel = nullptr;
};

} // namespace timeslice
