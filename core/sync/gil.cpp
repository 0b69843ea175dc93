#include "core/sync/gil.h"

#include "core/base/must_succeed.h"
#include "core/record/event_writer.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <ctime>
#include <pthread.h>

namespace timeslice {

namespace {

class Mutex {
public:
    Mutex() noexcept { mustSucceed(pthread_mutex_init(&m_mutex, nullptr)); }
    ~Mutex() { pthread_mutex_destroy(&m_mutex); }
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() noexcept { mustSucceed(pthread_mutex_lock(&m_mutex)); }
    void unlock() noexcept { mustSucceed(pthread_mutex_unlock(&m_mutex)); }
    pthread_mutex_t* native() noexcept { return &m_mutex; }

private:
    pthread_mutex_t m_mutex;
};

// std::condition_variable's wait_for() goes by the steady clock only in newer libraries; this one always does.
class Condition {
public:
    Condition() noexcept
    {
        pthread_condattr_t attributes;
        mustSucceed(pthread_condattr_init(&attributes));
        mustSucceed(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
        mustSucceed(pthread_cond_init(&m_condition, &attributes));
        pthread_condattr_destroy(&attributes);
    }
    ~Condition() { pthread_cond_destroy(&m_condition); }
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;

    void signal() noexcept { mustSucceed(pthread_cond_signal(&m_condition)); }
    void wait(Mutex& mutex) noexcept { mustSucceed(pthread_cond_wait(&m_condition, mutex.native())); }
    /// Whether the time ran out.
    bool waitFor(Mutex& mutex, Nanos duration) noexcept
    {
        const Nanos deadline = monotonicNow() + duration;
        const timespec until{
            .tv_sec = static_cast<time_t>(deadline / kSecond), .tv_nsec = static_cast<long>(deadline % kSecond)};
        const int error = pthread_cond_timedwait(&m_condition, mutex.native(), &until);
        assert(error == 0 || error == ETIMEDOUT);
        return error == ETIMEDOUT;
    }

private:
    pthread_cond_t m_condition;
};

// Stands for the calling thread: the address is unique among living threads, and free of system calls.
const void* callingThread() noexcept
{
    static thread_local char mark;
    return &mark;
}

constexpr Nanos atLeastOneMicrosecond(Nanos interval) noexcept
{
    return std::clamp(interval, kMicrosecond, Nanos{1} << 60);
}

} // namespace

// The order of locking is mutex, then switchMutex.
struct Gil::Impl {
    Impl(ObjectId objectId, Nanos switchInterval) noexcept
        : id(objectId)
        , interval(atLeastOneMicrosecond(switchInterval))
    {
    }

    void take(std::atomic<bool>& dropRequest) noexcept;
    void takePlainly() noexcept;
    void drop(std::atomic<bool>& dropRequest, ReleaseReason reason) noexcept;

    const ObjectId id;
    std::atomic<Nanos> interval;

    Mutex mutex; ///< of the next three
    Condition released;
    bool locked = false;
    std::uint64_t switches = 0; ///< how often the lock went to another thread than before

    Mutex switchMutex;
    Condition switched;
    std::atomic<const void*> lastHolder{nullptr}; ///< written by the holder, with switchMutex when taking
};

void Gil::Impl::take(std::atomic<bool>& dropRequest) noexcept
{
    EventWriter& writer = EventWriter::current();
    const void* self = callingThread();
    mutex.lock();
    if (locked) {
        writer.record(EventKind::LockRequest, id);
    }
    while (locked) {
        const std::uint64_t switchesBefore = switches;
        const bool timedOut = released.waitFor(mutex, interval.load(std::memory_order_relaxed));
        // Only when nobody else was served meanwhile: else each of many waiters would shorten every holder's turn.
        if (timedOut && locked && switches == switchesBefore) {
            dropRequest.store(true, std::memory_order_relaxed);
            writer.record(EventKind::LockDropRequest, id);
        } else if (!timedOut && locked) {
            writer.record(EventKind::LockFalseAlarm, id);
        }
    }
    locked = true;
    // With switchMutex, so that a holder in its forced wait cannot look just before and sleep just after.
    switchMutex.lock();
    if (lastHolder.load(std::memory_order_relaxed) != self) {
        lastHolder.store(self, std::memory_order_relaxed);
        ++switches;
    }
    switched.signal();
    switchMutex.unlock();
    dropRequest.store(false, std::memory_order_relaxed);
    mutex.unlock();
    writer.record(EventKind::LockAcquire, id);
}

// Python 2: whoever comes first. The thread that has just let go is usually still running and wins.
void Gil::Impl::takePlainly() noexcept
{
    EventWriter& writer = EventWriter::current();
    mutex.lock();
    if (locked) {
        writer.record(EventKind::LockRequest, id);
    }
    while (locked) {
        released.wait(mutex);
        if (locked) {
            writer.record(EventKind::LockFalseAlarm, id);
        }
    }
    locked = true;
    mutex.unlock();
    writer.record(EventKind::LockAcquire, id);
}

void Gil::Impl::drop(std::atomic<bool>& dropRequest, ReleaseReason reason) noexcept
{
    EventWriter& writer = EventWriter::current();
    const void* self = callingThread();
    writer.record(EventKind::LockRelease, id, static_cast<std::uint64_t>(reason));
    mutex.lock();
    assert(locked);
    lastHolder.store(self, std::memory_order_relaxed);
    locked = false;
    released.signal();
    mutex.unlock();

    if (reason == ReleaseReason::Exit || !dropRequest.load(std::memory_order_relaxed)) {
        return;
    }
    // Forced switch: without it this thread would be back before the one that it woke has got a core. A drop request
    // means that somebody waits and will take the lock, since waiters never give up; so this wait ends.
    switchMutex.lock();
    bool waited = false;
    while (lastHolder.load(std::memory_order_relaxed) == self) {
        if (!waited) {
            dropRequest.store(false, std::memory_order_relaxed);
            writer.record(EventKind::LockForcedWait, id);
            waited = true;
        }
        switched.wait(switchMutex);
    }
    switchMutex.unlock();
    if (waited && reason == ReleaseReason::Voluntary) {
        writer.record(EventKind::LockAbandon, id);
    }
}

Gil::Gil(ObjectId id, Options options)
    : m_impl(std::make_unique<Impl>(id, options.switchInterval))
    , m_policy(options.policy)
    , m_ticks(std::max(options.ticks, 1U))
{
}

Gil::~Gil() = default;

void Gil::acquire() noexcept
{
    if (m_policy == Policy::SwitchInterval) {
        m_impl->take(m_dropRequest);
    } else {
        m_impl->takePlainly();
    }
}

void Gil::release() noexcept
{
    m_impl->drop(m_dropRequest, ReleaseReason::Voluntary);
}

void Gil::releaseAtExit() noexcept
{
    m_impl->drop(m_dropRequest, ReleaseReason::Exit);
}

void Gil::yield() noexcept
{
    m_tick = 0;
    m_impl->drop(m_dropRequest, ReleaseReason::Timeout);
    // Other threads may run here.
    acquire();
}

void Gil::setSwitchInterval(Nanos interval) noexcept
{
    m_impl->interval.store(atLeastOneMicrosecond(interval), std::memory_order_relaxed);
}

ObjectId Gil::id() const noexcept
{
    return m_impl->id;
}

} // namespace timeslice
