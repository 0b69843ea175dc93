#include "core/sync/recorded_mutex.h"
#include "lock_events.h"
#include "tests/core/record/ring_view.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timeslice::test::recorded_mutex_test {
namespace {

TEST(RecordedMutex, UncontendedWritesTwoEventsAndNoRequest)
{
    const Channel channel = makeChannel();
    const ObjectId id = channel.addObject(ObjectKind::Mutex, "m", getpid());
    RecordedMutex mutex{id};
    runThreads(channel, 1, [&](int) {
        mutex.lock();
        mutex.unlock();
        EXPECT_TRUE(mutex.try_lock());
        mutex.unlock();
    });
    const std::vector<Event> events = eventsOf(channel);
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].kind, EventKind::LockAcquire);
    EXPECT_EQ(events[1].kind, EventKind::LockRelease);
    for (const Event& event : events) {
        EXPECT_EQ(event.object, id);
    }
}

TEST(RecordedMutex, ExcludesAndItsHoldsNeverOverlap)
{
    const Channel channel = makeChannel();
    RecordedMutex mutex{channel.addObject(ObjectKind::Mutex, "m", getpid())};
    std::uint64_t counter = 0;
    constexpr int kThreads = 4;
    constexpr int kEach = 5000;
    runThreads(channel, kThreads, [&](int) {
        for (int i = 0; i < kEach; ++i) {
            const std::lock_guard lock{mutex};
            counter = counter + 1;
        }
    });
    EXPECT_EQ(counter, std::uint64_t{kThreads} * kEach);
    const std::vector<Event> events = eventsOf(channel);
    const std::vector<Hold> holds = holdsOf(events);
    EXPECT_EQ(holds.size(), std::size_t{kThreads} * kEach);
    expectNoOverlap(holds);
    expectRequestsAnswered(events);
}

TEST(RecordedMutex, WhoHasToWaitSaysSoBeforeItGetsTheLock)
{
    const Channel channel = makeChannel();
    RecordedMutex mutex{channel.addObject(ObjectKind::Mutex, "m", getpid())};
    std::atomic<bool> taken{false};
    std::atomic<Tid> waiter{0};
    runThreads(channel, 2, [&](int index) {
        if (index == 0) {
            mutex.lock();
            taken = true;
            // Until the other has announced itself in its ring, which is the second or the first.
            const auto requested = [&] {
                for (std::uint32_t ring = 0; ring < 2; ++ring) {
                    const test::RingView view{channel, ring};
                    if (view.header().head.load() > 0 && view.header().tid == waiter) {
                        return true;
                    }
                }
                return false;
            };
            while (!requested()) {
                std::this_thread::yield();
            }
            mutex.unlock();
        } else {
            waiter = gettid();
            while (!taken) {
                std::this_thread::yield();
            }
            EXPECT_FALSE(mutex.try_lock());
            mutex.lock();
            mutex.unlock();
        }
    });
    const std::vector<Event> events = eventsOf(channel);
    std::vector<EventKind> kinds;
    for (const Event& event : events) {
        if (event.tid == waiter) {
            kinds.push_back(event.kind);
        }
    }
    using enum EventKind;
    EXPECT_EQ(kinds, (std::vector{LockRequest, LockAcquire, LockRelease}));
    expectNoOverlap(holdsOf(events));
}

TEST(RecordedMutex, WithPriorityInheritanceWorksAlike)
{
    const Channel channel = makeChannel();
    RecordedMutex mutex{
        channel.addObject(ObjectKind::Mutex, "pi", getpid()), false, RecordedMutex::Protocol::PriorityInheritance};
    int counter = 0;
    runThreads(channel, 3, [&](int) {
        for (int i = 0; i < 1000; ++i) {
            const std::lock_guard lock{mutex};
            counter = counter + 1;
        }
    });
    EXPECT_EQ(counter, 3000);
    expectNoOverlap(holdsOf(eventsOf(channel)));
}

TEST(RecordedMutex, ExcludesProcessesFromEachOther)
{
    struct Shared {
        alignas(RecordedMutex) unsigned char mutex[sizeof(RecordedMutex)];
        volatile int counter;
    };
    const Channel channel = makeChannel();
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    auto* shared = static_cast<Shared*>(memory);
    auto* mutex = new (shared->mutex) RecordedMutex{channel.addObject(ObjectKind::Mutex, "shared", 0), true};
    constexpr int kProcesses = 3;
    constexpr int kEach = 2000;
    std::vector<pid_t> children;
    for (int p = 0; p < kProcesses; ++p) {
        children.push_back(fork());
        if (children.back() == 0) {
            EventWriter::attachThread(channel, "process");
            for (int i = 0; i < kEach; ++i) {
                mutex->lock();
                shared->counter = shared->counter + 1;
                mutex->unlock();
            }
            _exit(0);
        }
    }
    for (const pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(shared->counter, kProcesses * kEach);
    const std::vector<Event> events = eventsOf(channel);
    EXPECT_EQ(countOf(events, EventKind::LockAcquire), std::size_t{kProcesses} * kEach);
    expectNoOverlap(holdsOf(events));
    expectRequestsAnswered(events);
    mutex->~RecordedMutex();
    munmap(memory, sizeof(Shared));
}

TEST(RecordedMutex, IsLetGoWhileItsHolderWaitsOnACondition)
{
    const Channel channel = makeChannel();
    RecordedMutex mutex{channel.addObject(ObjectKind::Mutex, "m", getpid())};
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    bool ready = false;
    std::atomic<Tid> waiter{0};
    runThreads(channel, 2, [&](int index) {
        if (index == 0) {
            waiter = gettid();
            const std::lock_guard lock{mutex};
            while (!ready) {
                mutex.waitOn(condition);
            }
        } else {
            const std::lock_guard lock{mutex};
            ready = true;
            pthread_cond_signal(&condition);
        }
    });
    pthread_cond_destroy(&condition);
    const std::vector<Event> events = eventsOf(channel);
    expectNoOverlap(holdsOf(events));
    EXPECT_EQ(countOf(events, EventKind::LockAcquire), countOf(events, EventKind::LockRelease));
}

TEST(RecordedMutex, WorksForThreadsThatRecordNothing)
{
    RecordedMutex mutex{0};
    int counter = 0;
    std::thread other{[&] {
        for (int i = 0; i < 1000; ++i) {
            const std::lock_guard lock{mutex};
            counter = counter + 1;
        }
    }};
    for (int i = 0; i < 1000; ++i) {
        const std::lock_guard lock{mutex};
        counter = counter + 1;
    }
    other.join();
    EXPECT_EQ(counter, 2000);
}

} // namespace
} // namespace timeslice::test::recorded_mutex_test
