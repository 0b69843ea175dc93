// RecordedMutex: a mutex whose waits and holds appear on the timeline.
//
// Usable between processes when it lies in shared memory. An uncontended lock + unlock writes two events; a
// contended lock writes a LockRequest besides. Budget: 5 x std::mutex.
//
// Guarantee: LockAcquire is stamped after the mutex was taken and LockRelease before it is let go, so that the holds of
// one mutex never overlap on the timeline. The events go to the calling thread's EventWriter.
#pragma once

#include "core/base/ids.h"
#include "core/record/event_writer.h"

#include <cassert>
#include <cstdint>
#include <pthread.h>

namespace timeslice {

/// Every method may be called from any thread with (or without) an attached EventWriter.
class RecordedMutex {
public:
    enum class Protocol : unsigned char { None, PriorityInheritance };

    static constexpr ObjectId kNotRecorded = 0; ///< as an id: it is a plain mutex

    explicit RecordedMutex(ObjectId id, bool processShared = false, Protocol protocol = Protocol::None);
    /// Must not be held.
    ~RecordedMutex();
    RecordedMutex(const RecordedMutex&) = delete;
    RecordedMutex& operator=(const RecordedMutex&) = delete;

    void lock() noexcept
    {
        if (m_id == kNotRecorded) {
            pthread_mutex_lock(&m_mutex);
            return;
        }
        EventWriter& writer = EventWriter::current();
        if (pthread_mutex_trylock(&m_mutex) != 0) [[unlikely]] {
            waitForIt(writer);
        }
        writer.record(EventKind::LockAcquire, m_id);
    }
    void unlock() noexcept
    {
        if (m_id != kNotRecorded) {
            EventWriter::current().record(
                EventKind::LockRelease, m_id, static_cast<std::uint64_t>(ReleaseReason::Voluntary));
        }
        [[maybe_unused]] const int error = pthread_mutex_unlock(&m_mutex);
        assert(error == 0);
    }
    /// Records a LockAcquire when it succeeds, else nothing.
    bool try_lock() noexcept;

    ObjectId id() const noexcept { return m_id; }
    /// For condition variables: the wait releases and takes the mutex again, and records both. What the thread waits
    /// for in between (WaitBegin, WaitEnd) is the caller's to record.
    void waitOn(pthread_cond_t& condition) noexcept;

private:
    void waitForIt(EventWriter& writer) noexcept;

    pthread_mutex_t m_mutex;
    ObjectId m_id;
};

} // namespace timeslice
