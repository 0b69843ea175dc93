// The event channel's shared memory: layout and rules. Version 1.
//
//   +--------------+ 0
//   | Header       |  magic, version, geometry, counters; written once by the creator (claim counters: atomics)
//   +--------------+ objectsOffset
//   | Object[]     |  locks, counters, marks; claimed with one atomic add, then published with `ready`
//   +--------------+ ringsOffset
//   | RingHeader[] |  one per thread; claimed with one atomic add
//   +--------------+ dataOffset (page aligned)
//   | Event[]      |  ringCount rings of ringCapacity events each (a power of two)
//   +--------------+
//
// One ring has one writer (the thread that claimed it) and one reader (the collector). `head` counts events ever
// written, `tail` events ever read; slot = count & (ringCapacity - 1). The writer stores the event, then head with
// release; the reader loads head with acquire, copies, then stores tail with release.
//
//   free --claim (nextRing.fetch_add)--> live --thread ends--> closed      (a ring is never used twice)
//
// Guarantees: a writer never blocks, takes no lock, makes no system call; on a full ring it drops the event and adds
// to `dropped`. Nothing depends on a destructor or an exit handler: a process may vanish at any instruction, and what
// it published stays readable. The reader treats every byte as hostile: it copies indices once and checks them, checks
// kinds and ids, and never follows an offset that it did not compute itself from its own copy of the geometry.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/event.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace timeslice::channel {

inline constexpr std::uint64_t kMagic = 0x31454349'4c534d54; // "TMSLICE1", little endian
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kNameBytes = 40;
inline constexpr std::size_t kPage = 4096;

/// Environment variable that names the channel for programs that were not handed its descriptor: a path to open.
inline constexpr const char* kEnvironmentPath = "TIMESLICE_CHANNEL";

struct alignas(64) Header {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t headerBytes;
    std::uint64_t totalBytes;
    std::uint32_t ringCount;
    std::uint32_t ringCapacity; ///< events; a power of two
    std::uint32_t objectCount;
    std::uint32_t reserved;
    std::uint64_t objectsOffset;
    std::uint64_t ringsOffset;
    std::uint64_t dataOffset;
    alignas(64) std::atomic<std::uint32_t> nextRing; ///< may exceed ringCount: the surplus got no ring
    std::atomic<std::uint32_t> nextObject; ///< starts at 1: object 0 names none
    std::atomic<std::uint64_t> droppedWithoutRing; ///< events of threads that got no ring
};

struct alignas(64) Object {
    std::atomic<std::uint32_t> ready; ///< 1 once the rest is written
    std::uint32_t kind; ///< ObjectKind
    std::int32_t pid; ///< 0 = shared
    char name[kNameBytes]; ///< UTF-8, NUL-terminated unless full
};

enum class RingState : std::uint32_t { Free = 0, Live = 1, Closed = 2 };

inline constexpr std::uint32_t kRingAuxiliary = 1; ///< RingHeader::flags: the thread only coordinates

struct RingHeader {
    alignas(64) std::atomic<std::uint32_t> state; ///< RingState
    std::int32_t tid;
    std::int32_t pid;
    std::uint32_t flags;
    char name[kNameBytes];
    alignas(64) std::atomic<std::uint64_t> head; ///< written by the writer
    std::atomic<std::uint64_t> dropped; ///< written by the writer
    std::atomic<std::uint32_t> nameVersion; ///< odd while the writer changes `name`
    alignas(64) std::atomic<std::uint64_t> tail; ///< written by the reader
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(sizeof(Object) == 64);
static_assert(sizeof(RingHeader) == 192);
static_assert(sizeof(Header) == 128);
static_assert(offsetof(Header, nextRing) == 64);

} // namespace timeslice::channel
