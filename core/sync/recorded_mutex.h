// RecordedMutex: a mutex whose waits and holds appear on the timeline.
//
// Usable between processes when it lies in shared memory. An uncontended lock + unlock writes two events; a
// contended lock writes a LockRequest besides. Budget: 5 x std::mutex.
#pragma once

#include "core/base/ids.h"

#include <pthread.h>

namespace timeslice {

/// Every method may be called from any thread with (or without) an attached EventWriter.
class RecordedMutex {
public:
    enum class Protocol : unsigned char { None, PriorityInheritance };

    explicit RecordedMutex(ObjectId id, bool processShared = false, Protocol protocol = Protocol::None);
    ~RecordedMutex();
    RecordedMutex(const RecordedMutex&) = delete;
    RecordedMutex& operator=(const RecordedMutex&) = delete;

    void lock() noexcept;
    void unlock() noexcept;
    bool try_lock() noexcept;

    ObjectId id() const noexcept { return m_id; }
    /// For condition variables: the wait releases and takes the mutex again, and records both.
    void waitOn(pthread_cond_t& condition) noexcept;

private:
    pthread_mutex_t m_mutex;
    ObjectId m_id;
};

} // namespace timeslice
