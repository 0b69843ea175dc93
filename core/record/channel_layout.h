// The event channel's shared memory: layout and rules. Version 2.
//
//   +---------------+ 0
//   | Header        |  magic, version, geometry (written once by the creator); claims and losses (atomics)
//   | FreeRings     |  the queue of the numbers of free rings; kIndexBytes up to here
//   +---------------+ kIndexBytes
//   | Object[]      |  locks, counters, marks; claimed with one atomic add, then published with `ready`
//   +---------------+ ringsOffset (page aligned)
//   | ring 0        |  a page of RingHeader, then ringCapacity events (a power of two); page aligned
//   | ring 1 ...    |  each one block, so that it can be mapped, and given back to the system, on its own
//   +---------------+
//
// The file is sparse and mostly holes; nobody maps all of it. A program maps the index, and the block of each of its
// threads that records, for as long as the thread lives: what it costs is in proportion to the threads alive. A page of
// objects is mapped only while one is written.
//
// One ring has one writer (the thread that claimed it) and one reader (the collector). `head` counts events ever
// written, `tail` events ever read; slot = count & (ringCapacity - 1). The writer stores the event, then head with
// release; the reader loads head with acquire, copies, then stores tail with release.
//
//   free --claim--> claimed --its thread has mapped it--> live --thread ends--> closed --drained--> free
//                                                           `--thread is gone without a word---^
//
// Free rings are handed out through a queue that the reader fills and threads empty: `claimed` and `offered` count the
// numbers ever taken and ever put in; slot = count & (kFreeRings - 1). A thread loads `claimed`, reads the slot, and
// takes it by compare-and-swap of `claimed`. The counts never go back, so nothing is handed out twice: a process that
// stops or dies in between has taken the number or has not, and if it has, the number is out of use, no more. Only the
// reader makes a ring free again: when its thread closed it, or is known to be gone, and all is read; it then punches
// the block out of the file, which gives the memory back and makes all of it zero. A writer leaves its claim's count
// in the header: one that finds another there has been taken for dead, and writes no more.
//
// Guarantees: a writer never blocks and takes no lock; it makes system calls only when it takes its ring and gives it
// back; on a full ring it drops the event and adds to `dropped`. A thread that gets no ring is counted, by reason, and
// so is each of its events. Nothing depends on a destructor or an exit handler: a process may vanish at any
// instruction, and what it published stays readable. The reader treats every byte as hostile: it copies indices once
// and checks them, checks kinds and ids, and never follows an offset that it did not compute itself from its own copy
// of the geometry.
//
// This header and ring_writer.h are all that the preloaded probe has of core/record: they allocate nothing, throw
// nothing and need no library.
#pragma once

#include "core/trace/batch.h"
#include "core/trace/event.h"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace timeslice::channel {

inline constexpr std::uint64_t kMagic = 0x31454349'4c534d54; // "TMSLICE1", little endian
inline constexpr std::uint32_t kVersion = 2;
inline constexpr std::size_t kNameBytes = 40;
inline constexpr std::size_t kPage = 4096;
/// As many as threads start within a second (some 14,000 on two cores, each ended at once): the reader, which offers
/// new ones every few milliseconds, may be kept from its core for so long by the host of a virtual machine.
inline constexpr std::uint32_t kFreeRings = 16384;

// Far above any use (Linux numbers at most 2^22 threads); they keep every product below within 64 bits and ids within
// SliceValue::kMaxSubject.
inline constexpr std::uint32_t kMostRings = 1U << 22;
inline constexpr std::uint32_t kMostRingCapacity = 1U << 26;
inline constexpr std::uint32_t kMostObjects = 1U << 20;

/// Environment variable that names the channel for programs that were not handed its descriptor: a path to open.
inline constexpr const char* kEnvironmentPath = "TIMESLICE_CHANNEL";

/// What the creator writes once.
struct FixedHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t headerBytes; ///< kIndexBytes
    std::uint64_t totalBytes;
    std::uint32_t ringCount; ///< the most that can be in use at the same time
    std::uint32_t ringCapacity; ///< events; a power of two
    std::uint32_t objectCount;
    std::uint32_t freeRings; ///< kFreeRings
    std::uint64_t objectsOffset;
    std::uint64_t ringsOffset;
    std::uint64_t ringBytes; ///< from one ring's header to the next one's
};

struct alignas(64) Header {
    FixedHeader fixed;
    alignas(64) std::atomic<std::uint64_t> claimed; ///< by writers
    alignas(64) std::atomic<std::uint64_t> offered; ///< written by the reader
    alignas(64) std::atomic<std::uint32_t> nextObject; ///< starts at 1: object 0 names none
    std::atomic<std::uint32_t> threadsWithoutMemory; ///< threads whose process was refused the ring's address space
    std::atomic<std::uint32_t> threadsWithoutRing; ///< threads that found none free
    std::atomic<std::uint64_t> droppedWithoutRing; ///< events of threads that have no ring
    alignas(64) std::atomic<std::uint32_t> free[kFreeRings]; ///< the queue
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
    std::uint64_t pidNamespace; ///< whose numbers tid and pid are: the inode of /proc/self/ns/pid; 0 = not known
    std::uint64_t image; ///< when the program that the process runs opened the channel (monotonicNow()); 0 = not known
    std::atomic<std::uint64_t> claim; ///< which claim of the queue this is, from 1
    alignas(64) char name[kNameBytes];
    std::atomic<std::uint32_t> nameVersion; ///< odd while the writer changes `name`
    alignas(64) std::atomic<std::uint64_t> head; ///< written by the writer
    std::atomic<std::uint64_t> dropped; ///< written by the writer
    alignas(64) std::atomic<std::uint64_t> tail; ///< written by the reader
};

constexpr std::uint64_t inPages(std::uint64_t bytes) noexcept
{
    return (bytes + kPage - 1) / kPage * kPage;
}

inline constexpr std::size_t kIndexBytes = inPages(sizeof(Header)); ///< header and queue
inline constexpr std::size_t kRingHeaderBytes = kPage;

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(sizeof(FixedHeader) == 64);
static_assert(sizeof(Object) == 64 && kPage % sizeof(Object) == 0);
static_assert(sizeof(RingHeader) == 256 && sizeof(RingHeader) <= kRingHeaderBytes);
static_assert(offsetof(Header, claimed) == 64 && offsetof(Header, offered) == 128);
static_assert(offsetof(Header, free) == 256);
static_assert(std::has_single_bit(kFreeRings));

/// The three sizes that all else follows from, as the creator chose them.
struct Geometry {
    std::uint32_t rings = 0;
    std::uint32_t ringCapacity = 0; ///< a power of two
    std::uint32_t objects = 0;

    constexpr bool valid() const noexcept
    {
        return rings > 0 && rings <= kMostRings && objects > 0 && objects <= kMostObjects
            && std::has_single_bit(ringCapacity) && ringCapacity <= kMostRingCapacity && totalBytes() <= INT64_MAX;
    }
    static constexpr std::uint64_t objectsOffset() noexcept { return kIndexBytes; }
    constexpr std::uint64_t ringsOffset() const noexcept
    {
        return objectsOffset() + inPages(std::uint64_t{objects} * sizeof(Object));
    }
    /// What a thread that records takes of its process's address space.
    constexpr std::uint64_t ringBytes() const noexcept
    {
        return kRingHeaderBytes + inPages(std::uint64_t{ringCapacity} * sizeof(Event));
    }
    constexpr std::uint64_t ringOffset(std::uint32_t ring) const noexcept { return ringsOffset() + ring * ringBytes(); }
    constexpr std::uint64_t totalBytes() const noexcept { return ringOffset(rings); }
};

/// The geometry that a header, copied from a file that may hold anything, tells; not valid() if its parts do not fit
/// together.
constexpr Geometry geometryOf(const FixedHeader& header) noexcept
{
    const Geometry g{header.ringCount, header.ringCapacity, header.objectCount};
    const bool fits = header.magic == kMagic && header.version == kVersion && header.headerBytes == kIndexBytes
        && header.freeRings == kFreeRings && g.valid() && header.objectsOffset == Geometry::objectsOffset()
        && header.ringsOffset == g.ringsOffset() && header.ringBytes == g.ringBytes()
        && header.totalBytes == g.totalBytes();
    return fits ? g : Geometry{};
}

} // namespace timeslice::channel
